/** The page for everything that went wrong: what happened, and where to go from here. Programs get a problem instead. */
import { page } from "fresh";
import { Head, HttpError } from "fresh/runtime";
import { Header } from "@/components/header.tsx";
import { problem, PROBLEMS } from "@/core/problem.ts";
import { shell } from "@/core/words/shell.ts";
import { define } from "./(_shared)/define.ts";

/** Below `/api` only what never reached the API ends here: addresses and methods that nothing takes. */
export const handler = define.handlers(({ error, url }) => {
  if (!/^\/api(\/|$)/.test(url.pathname)) return page();
  const refused = error instanceof HttpError && error.status < 500 ? error.status : null;
  const what = refused === 405 ? "request.method" : refused === null ? "studio.bug" : "request.not_found";
  const { code, message, retry } = problem(what);
  const { status } = PROBLEMS[code];
  return Response.json({ type: `urn:animatrix:problem:${code}`, title: message, status, code, retry }, {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
});

export default define.page(({ error }) => {
  const status = error instanceof HttpError ? error.status : 500;
  const words = shell.errors[status] ?? shell.errors[status < 500 ? 404 : 500];
  return (
    <>
      <Head>
        <title>{shell.title(words?.title ?? "")}</title>
        <meta name="robots" content="noindex" />
      </Head>
      <Header />
      <main class="plain">
        <p class="code num">{status}</p>
        <h1>{words?.title}</h1>
        <p class="second">{words?.text}</p>
        <p>
          <a class="btn" href="/">{shell.back}</a>
        </p>
      </main>
    </>
  );
});
