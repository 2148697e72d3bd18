/** The page for everything that went wrong: what happened, and where to go from here. Programs get a problem instead. */
import { page } from "fresh";
import { Head, HttpError } from "fresh/runtime";
import { Header } from "@/components/header.tsx";
import { problem, PROBLEMS } from "@/core/problem.ts";
import { define } from "./(_shared)/define.ts";

const WORDS: Record<number, { title: string; text: string }> = {
  403: {
    title: "This is not allowed",
    text: "The request came from another site, or it is for operators only.",
  },
  404: { title: "There is nothing here", text: "The address does not exist, or what it named is not yours." },
  405: {
    title: "This cannot be done here",
    text: "The page is there, but it does not take this kind of request.",
  },
  500: {
    title: "Something in the studio went wrong",
    text: "Your work is kept. Try again, and tell the operator if it happens twice.",
  },
};

/** Below `/api` only what never reached the API ends here: addresses and methods that nothing takes. */
export const handler = define.handlers(({ error, url }) => {
  if (!/^\/api(\/|$)/.test(url.pathname)) return page();
  const isRefused = error instanceof HttpError && error.status < 500;
  const { code, message, retry } = problem(isRefused ? "request.not_found" : "studio.bug");
  const { status } = PROBLEMS[code];
  return Response.json({ type: `urn:animatrix:problem:${code}`, title: message, status, code, retry }, {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
});

export default define.page(({ error }) => {
  const status = error instanceof HttpError ? error.status : 500;
  const words = WORDS[status] ?? (status < 500 ? WORDS[404] : WORDS[500]);
  return (
    <>
      <Head>
        <title>{words?.title} · Animatrix</title>
        <meta name="robots" content="noindex" />
      </Head>
      <Header />
      <main class="plain">
        <p class="code num">{status}</p>
        <h1>{words?.title}</h1>
        <p class="second">{words?.text}</p>
        <p>
          <a class="btn" href="/">Back to the studio</a>
        </p>
      </main>
    </>
  );
});
