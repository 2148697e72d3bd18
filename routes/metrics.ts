/** `/metrics`: what the studio measures of itself, for operators who are signed in or send their token, and for Prometheus with its own. */
import { HttpError } from "fresh";
import { bearerOf } from "@/core/session.ts";
import type { Studio } from "@/core/studio.ts";
import { isEnough, TOKEN_MARK } from "@/core/tokens.ts";
import { define } from "./(_shared)/define.ts";

/** A token of an operator that may do what operators do. */
async function isOperators(studio: Studio, token: string): Promise<boolean> {
  const found = token.startsWith(TOKEN_MARK) ? await studio.tokens.use(studio.hashToken(token)) : null;
  if (found === null || !isEnough(found.scope, "admin")) return false;
  const owner = await studio.accounts.find(found.userId);
  return owner !== null && owner.role === "operator" && owner.disabledAt === null;
}

export const handler = define.handlers({
  async GET(ctx) {
    const { studio, user } = ctx.state;
    const token = bearerOf(ctx.req.headers);
    if (token === null && user !== null && user.role !== "operator") throw new HttpError(403);
    const isOpen = token === null
      ? user !== null
      : studio.metrics.opensWith(token) || await isOperators(studio, token);
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
