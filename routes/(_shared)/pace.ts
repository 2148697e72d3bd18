/** How fast one person may send forms: counted by the limiter of the API, and what was typed is kept for another try. */
import type { Context } from "fresh";
import { fail } from "@/core/problem.ts";
import { readTicks } from "./fields.ts";
import type { State } from "./state.ts";

/** So many forms at once, then one each second. */
export const FORMS = { size: 60, refillMs: 1000 };

/** A form that was not taken. */
export interface Unsent {
  action: string;
  type: string;
  /** Passwords without what was typed: they go into no page. */
  fields: { name: string; value: string; isSecret: boolean }[];
}

const SECRETS = ["password", "current", "next"];

/**
 * Refuses what comes too fast. Forms of strangers are those of the door, which the API counts by place and account; all
 * others lead strangers to it.
 */
export async function keepPace(ctx: Context<State>): Promise<void> {
  const { studio, user } = ctx.state;
  if (ctx.req.method !== "POST" || user === null) return;
  const retryAfterMs = studio.limiter.take(`form:${user.id}`, FORMS);
  if (retryAfterMs === 0) return;
  ctx.state.unsent = await readUnsent(ctx);
  throw fail("request.rate_limited", { retryAfterMs });
}

/** Null where it is too large to be kept, or no form. Chosen files are not kept. */
async function readUnsent({ req, url }: Context<State>): Promise<Unsent | null> {
  const form = await readTicks(req).catch(() => null);
  if (form === null) return null;
  const fields = [...form].flatMap(([name, value]) => {
    if (typeof value !== "string") return [];
    const isSecret = SECRETS.includes(name);
    return [{ name, value: isSecret ? "" : value, isSecret }];
  });
  const isMultipart = req.headers.get("content-type")?.startsWith("multipart/") === true;
  return {
    action: url.pathname + url.search,
    type: isMultipart ? "multipart/form-data" : "application/x-www-form-urlencoded",
    fields,
  };
}
