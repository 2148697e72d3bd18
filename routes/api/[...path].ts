/** Mounts the API: one function takes every method, and Hono hands the state on as its environment. */
import { api } from "@/api/mod.ts";
import { define } from "../(_shared)/define.ts";

export const handler = define.handlers((ctx) => api.fetch(ctx.req, ctx.state));
