/** The page for everything that went wrong: what happened, what was kept, and where to go. Programs get a problem instead. */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Dusk } from "@/components/film_art.tsx";
import { Header } from "@/components/header.tsx";
import { UnsentForm } from "@/components/unsent.tsx";
import { problem, type ProblemCode, PROBLEMS, StudioError } from "@/core/problem.ts";
import { errors, type ErrorWords } from "@/core/words/errors.ts";
import { span } from "@/core/words/format.ts";
import { shell } from "@/core/words/shell.ts";
import { define } from "./(_shared)/define.ts";
import { whoOf } from "./(_shared)/who.ts";

const RETRY_S = 3;

/** Below `/api` only what never reached the API ends here: addresses and methods that nothing takes. */
export const handler = define.handlers(({ error, url }) => {
  const status = statusOf(error);
  const headers = new Headers({ "cache-control": "no-store" });
  const waitS = waitOf(error) ?? (status === 503 ? RETRY_S : null);
  if (waitS !== null) headers.set("retry-after", String(waitS));
  if (!/^\/api(\/|$)/.test(url.pathname)) return page(undefined, { status, headers });
  const known = error instanceof StudioError ? error.problem : problem(codeOf(status));
  headers.set("content-type", "application/problem+json");
  const { code, message, retry } = known;
  const answer = { type: `urn:animatrix:problem:${code}`, title: message, status: PROBLEMS[code].status };
  return Response.json({ ...answer, code, retry }, { status: answer.status, headers });
});

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return error instanceof StudioError ? PROBLEMS[error.problem.code].status : 500;
}

/** Whole seconds until another try is worth while. */
function waitOf(error: unknown): number | null {
  const waitMs = error instanceof StudioError ? error.problem.retryAfterMs : undefined;
  return waitMs === undefined ? null : Math.ceil(waitMs / 1000);
}

function codeOf(status: number): ProblemCode {
  if (status === 503) return "studio.busy";
  if (status === 405) return "request.method";
  return status < 500 ? "request.not_found" : "studio.bug";
}

export default define.page(({ error, url, state }) => {
  const status = statusOf(error);
  const waitS = waitOf(error);
  const words = status === 429 && waitS !== null
    ? errors.pace.page(span(waitS))
    : wordsOf(status, url.pathname) ?? refusalOf(error);
  const who = whoOf(state);
  return (
    <>
      <Head>
        <title>{shell.title(words.title)}</title>
        {status === 503 && <meta http-equiv="refresh" content={String(RETRY_S)} />}
      </Head>
      <Header who={who ?? (status === 401 ? null : undefined)} />
      <main class="door">
        <section class="panel">
          <Dusk light={4} x={470} />
          <p class="code num">{status}</p>
          <h1>{words.title}</h1>
          <p class="second">{words.text}</p>
          {state.unsent && <UnsentForm of={state.unsent} />}
          <p class="row">
            {waysOf(status, url, who !== null).slice(state.unsent ? 1 : 0).map(({ href, text }, at) => (
              <a class={at === 0 && !state.unsent ? "btn go" : "btn"} href={href}>{text}</a>
            ))}
          </p>
        </section>
      </main>
    </>
  );
});

function wordsOf(status: number, path: string): ErrorWords | undefined {
  const place = path.split("/")[1] ?? "";
  const missing = status === 404 || status === 410 ? errors.missing[place] : undefined;
  return missing ?? errors.byStatus[status < 500 ? status : status === 503 ? 503 : 500];
}

/** What the API refused is told in its own words, which are made for people. */
function refusalOf(error: unknown): ErrorWords {
  const { title, text } = errors.refused;
  if (error instanceof StudioError) return { title, text: error.problem.message };
  const isSaid = error instanceof HttpError && error.message !== new HttpError(error.status).message;
  return { title, text: isSaid ? error.message : text };
}

interface Way {
  href: string;
  text: string;
}

/** Where to go from here, the likeliest first. */
function waysOf(status: number, url: URL, isSignedIn: boolean): Way[] {
  const here = url.pathname + url.search;
  const signIn = { href: `/login?next=${encodeURIComponent(here)}`, text: errors.signIn };
  const home = isSignedIn ? { href: "/dashboard", text: errors.studio } : { href: "/", text: errors.front };
  if (status === 401) return [signIn, home];
  if (status === 429 || status >= 500) return [{ href: here, text: errors.again }, home];
  if (!isSignedIn) return [home];
  if (url.pathname.startsWith("/jobs")) return [{ href: "/library", text: errors.library }, home];
  if (url.pathname.startsWith("/projects")) return [{ href: "/projects", text: errors.projects }, home];
  return [home];
}
