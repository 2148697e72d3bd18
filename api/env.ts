/** What every handler of the API finds in its context. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Asker } from "@/core/session.ts";
import type { Account, Studio } from "./studio.ts";

export interface Bindings {
  studio: Studio;
  /** Network address of the caller, for rate limits. */
  address: string;
  /** Who is asking, where a page of this process has found that out for the same request. */
  asker?: Asker | null;
}

export interface Env {
  Bindings: Bindings;
  Variables: { user: Account | null; tokenHash: string | null };
}

export type Api = OpenAPIHono<Env>;
export type Call = Context<Env>;
