/** Pages speak to the studio through its own API, in this process: one place checks, one place answers. */
import type { Context } from "fresh";
import { HttpError } from "fresh";
import type { ProblemAnswer } from "@/core/shown.ts";
import type { State } from "./state.ts";

export type Answer<Body> =
  | { ok: true; status: number; body: Body; response: Response }
  | { ok: false; status: number; problem: ProblemAnswer; response: Response };

/** Headers of the visitor that the API judges by. */
const HANDED_ON = ["cookie", "origin", "sec-fetch-site", "user-agent", "x-forwarded-for"];

/** What was last read of each path whose answer is kept. */
const keptOf = new Map<string, { text: string; body: unknown }>();

type Asking = Pick<Context<State>, "req" | "url" | "state">;

/**
 * Calls the API as the visitor. `body` is sent as JSON, `content` as it is. A refusal comes back as its problem, with field paths, so that a
 * form can show each sentence beside its field. Throws only where the API broke.
 */
export async function ask<Body>(
  ctx: Asking,
  path: string,
  options: {
    method?: string;
    body?: unknown;
    content?: ReadableStream<Uint8Array>;
    headers?: Record<string, string>;
    /** The answer rarely changes: while it does not, the very same frozen thing comes back. */
    keep?: boolean;
  } = {},
): Promise<Answer<Body>> {
  const headers = new Headers(options.headers);
  for (const name of HANDED_ON) {
    const value = ctx.req.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const { body, content } = options;
  if (body !== undefined) headers.set("content-type", "application/json");
  if (content !== undefined) headers.set("content-type", "application/octet-stream");
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const request = new Request(new URL(path, ctx.url), {
    method,
    headers,
    ...(body === undefined ? { body: content } : { body: JSON.stringify(body) }),
  });
  const response = await ctx.state.api(request);
  if (options.keep && response.ok) {
    return { ok: true, status: response.status, body: keep<Body>(path, await response.text()), response };
  }
  if (response.status === 204) return { ok: true, status: 204, body: undefined as Body, response };
  const read = await response.json();
  if (response.ok) return { ok: true, status: response.status, body: read, response };
  return { ok: false, status: response.status, problem: read, response };
}

function keep<Body>(path: string, text: string): Body {
  let kept = keptOf.get(path);
  if (kept?.text !== text) {
    keptOf.set(
      path,
      kept = { text, body: JSON.parse(text, (_, value) => Object.freeze(value)) },
    );
  }
  return kept.body as Body;
}

/** For reads that a page cannot do without: a refusal becomes the page for that status. */
export async function read<Body>(ctx: Asking, path: string, options: { keep?: boolean } = {}): Promise<Body> {
  const answer = await ask<Body>(ctx, path, options);
  if (answer.ok) return answer.body;
  throw new HttpError(answer.status, answer.problem.title);
}
