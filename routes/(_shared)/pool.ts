/** The state of the render servers, for the bar of every page. */
import type { PoolState } from "@/core/queue.ts";
import type { Studio } from "@/core/studio.ts";

/** A page that says "I cannot read my state" helps more than an error page. */
export async function readPool(studio: Studio): Promise<PoolState | null> {
  try {
    return await studio.queue.pool();
  } catch (cause) {
    studio.log.warn("a page could not read the queue", {
      error: cause instanceof Error ? cause.message : String(cause),
    });
    return null;
  }
}
