/** `/metrics`: what the studio measures of itself, for operators who are signed in and for Prometheus with its token. */
import { HttpError } from "fresh";
import { bearerOf } from "@/core/session.ts";
import { define } from "./(_shared)/define.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { studio, user } = ctx.state;
    const token = bearerOf(ctx.req.headers);
    if (token === null && user !== null && user.role !== "operator") throw new HttpError(403);
    const isOpen = token === null ? user !== null : studio.metrics.opensWith(token);
    if (!isOpen) {
      return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
    }
    const headers = {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
    };
    return new Response(await studio.metrics.read(), { headers });
  },
});
