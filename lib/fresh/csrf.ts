/** Refuses state changes that another site asked a browser to make. */
import type { Context } from "./context.ts";
import { HttpError } from "./error.ts";
import type { Middleware } from "./types.ts";

export interface CsrfOptions<State> {
  /** Further origins that may post here, or a function that judges. */
  origin?: string | string[] | ((origin: string, ctx: Context<State>) => boolean);
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Browsers say where a request comes from; programs that send neither header hold no cookies to misuse. */
export function csrf<State>(options: CsrfOptions<State> = {}): Middleware<State> {
  return (ctx) => {
    if (SAFE.has(ctx.req.method) || isOwn(ctx, options)) return ctx.next();
    throw new HttpError(403, "This request came from another site and was refused.");
  };
}

function isOwn<State>(ctx: Context<State>, options: CsrfOptions<State>): boolean {
  const site = ctx.req.headers.get("sec-fetch-site");
  const origin = ctx.req.headers.get("origin");
  if (origin !== null && isAllowed(origin, ctx, options)) return true;
  if (site !== null) return site === "same-origin" || site === "none";
  return origin === null || origin === ctx.url.origin;
}

function isAllowed<State>(origin: string, ctx: Context<State>, options: CsrfOptions<State>): boolean {
  if (typeof options.origin === "function") return options.origin(origin, ctx);
  return [options.origin ?? []].flat().includes(origin);
}
