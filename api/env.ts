/** What every handler of the API finds in its context. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Maintenance } from "@/core/maintenance.ts";
import type { Asker } from "@/core/session.ts";
import type { Scope } from "@/core/tokens.ts";
import type { Account, Studio } from "./studio.ts";

export interface Bindings {
  studio: Studio;
  /** Network address of the caller, for rate limits. */
  address: string;
  /** Who is asking, where a page of this process has found that out for the same request. */
  asker?: Asker | null;
}

export interface Key {
  id: string;
  hash: string;
  scope: Scope;
}

export interface Env {
  Bindings: Bindings;
  Variables: {
    user: Account | null;
    /** Of the session, where a person asks. */
    tokenHash: string | null;
    /** The API token, where a program asks. */
    key: Key | null;
    /** As it was when the request came. */
    maintenance: Maintenance | null;
    /** Names the request. */
    request: string;
  };
}

export type Api = OpenAPIHono<Env>;
export type Call = Context<Env>;
