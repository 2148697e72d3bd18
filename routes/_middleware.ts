/** Says who is asking, and writes down what went wrong: pages answer errors, logs explain them. */
import { type Context, HttpError } from "fresh";
import { changesNothing, isKnownHost, isOwnOrigin } from "@/core/origin.ts";
import { fail, problemOf } from "@/core/problem.ts";
import { whoAsks } from "@/core/session.ts";
import { define } from "./(_shared)/define.ts";
import { keepPace } from "./(_shared)/pace.ts";
import type { State } from "./(_shared)/state.ts";

type Ctx = Context<State>;

/** Lines about requests that strangers can send as often as they like. */
const STRANGE_LINES = { size: 3, refillMs: 60_000 };

export default define.middleware(async (ctx) => {
  ctx.state.user = null;
  ctx.state.asker = null;
  ctx.state.maintenance = null;
  ctx.state.unsent = null;
  try {
    checkAddressee(ctx);
    if (!isForApi(ctx)) await lookAtAsker(ctx);
    const answer = await ctx.next();
    return ctx.state.user === null ? answer : asPrivate(answer);
  } catch (thrown) {
    writeDown(ctx, thrown);
    throw thrown;
  }
});

const isForApi = ({ url }: Ctx) => url.pathname.startsWith("/api/");

/** Before anything is read: whether this studio is meant, and whether its own page asks. */
function checkAddressee(ctx: Ctx): void {
  const { settings } = ctx.state.studio;
  if (!isKnownHost(ctx.url.hostname, settings)) throw fail("request.host");
  if (isForApi(ctx)) return;
  // As `checkLength` of the API, which answers with a problem of its own.
  if (ctx.req.headers.has("transfer-encoding")) throw new HttpError(411);
  // Pages ask the API in the person's name; a form of another site must not get as far as that.
  const isObeyed = changesNothing(ctx.req.method) || isOwnOrigin(ctx.req, settings.publicUrl);
  if (!isObeyed) throw fail("request.cross_site");
}

async function lookAtAsker(ctx: Ctx): Promise<void> {
  const { studio, address } = ctx.state;
  ctx.state.asker = await whoAsks(studio, { headers: ctx.req.headers, address });
  ctx.state.user = ctx.state.asker.user;
  ctx.state.maintenance = await studio.upkeep.read().catch(() => null);
  await keepPace(ctx);
}

/** What is drawn for one person is kept by no browser and no proxy: who opens the machine next sees nothing of it. */
function asPrivate(answer: Response): Response {
  const { headers } = answer;
  if (headers.has("cache-control") || !headers.get("content-type")?.startsWith("text/html")) return answer;
  headers.set("cache-control", "private, no-store");
  return answer;
}

function writeDown({ url, state: { studio } }: Ctx, thrown: unknown): void {
  const { code } = problemOf(thrown);
  if (thrown instanceof HttpError || code === "request.rate_limited") return;
  const { pathname: path } = url;
  if (code === "studio.bug") {
    const error = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
    studio.log.error("page failed", { path, error });
  } else if (studio.limiter.take(`told:${code}`, STRANGE_LINES) === 0) {
    studio.log.warn("request refused", { path, code });
  }
}
