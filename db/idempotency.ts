/** Request keys: what was asked under a key within a day is not done again. */
import type { Kysely } from "kysely";
import { z } from "zod";
import type { OnceKeys } from "@/core/once.ts";
import { decode, encode } from "./codec.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

const KEPT_MS = 24 * 3_600_000;
const Ids = z.strictObject({ ids: z.array(z.string()) });

export function openOnceKeys(writer: Kysely<Schema>): OnceKeys {
  return {
    reserve: (once) =>
      writer.transaction().execute(async (tx) => {
        const at = await readClock(tx);
        const mine = tx.selectFrom("idempotency").where("user_id", "=", once.userId).where(
          "route",
          "=",
          once.route,
        )
          .where("key", "=", once.key);
        const found = await mine.where("expires_at", ">", at).selectAll().executeTakeFirst();
        if (found) {
          const { ids } = Ids.parse(decode(found.response));
          return {
            once: { ...once, digest: found.body_hash, ids, createdAt: found.created_at },
            first: false,
          };
        }
        await tx.deleteFrom("idempotency").where("user_id", "=", once.userId).where("route", "=", once.route)
          .where("key", "=", once.key).execute();
        await tx.insertInto("idempotency").values({
          user_id: once.userId,
          route: once.route,
          key: once.key,
          body_hash: once.digest,
          status: 202,
          response: encode({ ids: once.ids }),
          created_at: at,
          expires_at: at + KEPT_MS,
        }).execute();
        return { once, first: true };
      }),
    async release(once) {
      await writer.deleteFrom("idempotency").where("user_id", "=", once.userId).where(
        "route",
        "=",
        once.route,
      )
        .where("key", "=", once.key).where("body_hash", "=", once.digest).execute();
    },
  };
}
