/** Answers by request key, for routes that do something else than admitting jobs. */
import type { Kysely } from "kysely";
import type { Once } from "@/core/store.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";
import { readOnce, saveOnce } from "./store/admit.ts";

/** The answer of the first request under this key, or null. Throws `request.idempotency_reused` for another body. */
export async function findAnswer(
  on: Kysely<Schema>,
  once: Pick<Once, "userId" | "route" | "key" | "bodyHash">,
): Promise<{ status: number; response: unknown } | null> {
  return await readOnce(on, once, await readClock(on));
}

/** Keeps an answer. Returns the one that counts: when two requests raced, that of the first. */
export async function keepAnswer(
  writer: Kysely<Schema>,
  once: Once,
): Promise<{ status: number; response: unknown }> {
  return await writer.transaction().execute(async (tx) => {
    const at = await readClock(tx);
    const found = await readOnce(tx, once, at);
    if (found) return found;
    await saveOnce(tx, once, at);
    return { status: once.status, response: once.response };
  });
}
