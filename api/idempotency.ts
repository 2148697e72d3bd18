/** Idempotency-Key: the same request told twice is one, and the same key for another request is refused. */
import { z } from "@hono/zod-openapi";
import { canonical } from "@/core/canonical.ts";
import { fail, StudioError } from "@/core/problem.ts";
import type { Call } from "./env.ts";

export const OnceHeader = z.object({
  "idempotency-key": z.string().min(1).max(200).regex(/^[\x21-\x7e]+$/, "must be printable ASCII").optional()
    .openapi({ description: "Per person and route, kept for 24 hours." }),
});

/**
 * Runs `work` with `count` new ids, or with the ids of the first use of the same key; `work` must change nothing when
 * its ids are known already. A refused request gives its key back.
 */
export async function runOnce<T>(
  c: Call,
  options: { userId: string; body: unknown; count: number },
  work: (ids: string[], first: boolean) => Promise<T>,
): Promise<T> {
  const { studio } = c.env;
  const ids = Array.from({ length: options.count }, () => studio.ids.uuid7());
  const key = c.req.header("idempotency-key");
  if (key === undefined) return await work(ids, true);
  const { once, first } = await studio.onceKeys.reserve({
    userId: options.userId,
    route: `${c.req.method} ${c.req.path}`,
    key,
    digest: studio.hashText(canonical(options.body)),
    ids,
    createdAt: studio.clock.now(),
  });
  if (!first && once.digest !== studio.hashText(canonical(options.body))) {
    throw fail("request.idempotency_reused", {
      fields: [{ path: "idempotency-key", message: "This key belongs to another request." }],
    });
  }
  try {
    return await work(once.ids, first);
  } catch (cause) {
    if (first && cause instanceof StudioError) await studio.onceKeys.release(once);
    throw cause;
  }
}
