/** Says who is asking, and writes down what went wrong: pages answer errors, logs explain them. */
import { HttpError } from "fresh";
import { changesNothing, isOwnOrigin } from "@/core/origin.ts";
import { fail, problemOf } from "@/core/problem.ts";
import { whoAsks } from "@/core/session.ts";
import { define } from "./(_shared)/define.ts";
import { keepPace } from "./(_shared)/pace.ts";

export default define.middleware(async (ctx) => {
  const { studio } = ctx.state;
  ctx.state.user = null;
  ctx.state.asker = null;
  ctx.state.maintenance = null;
  ctx.state.unsent = null;
  try {
    const isApi = ctx.url.pathname.startsWith("/api/");
    // As `checkLength` of the API, which answers with a problem of its own.
    if (!isApi && ctx.req.headers.has("transfer-encoding")) throw new HttpError(411);
    // Pages ask the API in the person's name; a form of another site must not get as far as that.
    const isObeyed = isApi || changesNothing(ctx.req.method) ||
      isOwnOrigin(ctx.req, studio.settings.publicUrl);
    if (!isObeyed) throw fail("request.cross_site");
    if (!isApi) {
      const { headers } = ctx.req;
      ctx.state.asker = await whoAsks(studio, { headers, address: ctx.state.address });
      ctx.state.user = ctx.state.asker.user;
      ctx.state.maintenance = await studio.upkeep.read().catch(() => null);
      await keepPace(ctx);
    }
    return await ctx.next();
  } catch (thrown) {
    const isKnown = thrown instanceof HttpError || problemOf(thrown).code === "request.rate_limited";
    if (!isKnown) {
      const error = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
      studio.log.error("page failed", { path: ctx.url.pathname, error });
    }
    throw thrown;
  }
});
