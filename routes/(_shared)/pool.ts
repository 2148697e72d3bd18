/** The state of the render servers, for the bar of every page. */
import type { PoolState } from "@/components/pool.tsx";
import type { Studio } from "@/core/studio.ts";

/** A page that says "I cannot read my state" helps more than an error page. */
export async function readPool(studio: Studio): Promise<PoolState | null> {
  try {
    const backends = await studio.admin.backends();
    return {
      up: backends.filter((backend) => backend.status === "up").length,
      all: backends.length,
      draftOnly: backends.length > 0 && backends.every((backend) => backend.engine === "draft"),
    };
  } catch (cause) {
    studio.log.warn("a page could not read the backends", {
      error: cause instanceof Error ? cause.message : String(cause),
    });
    return null;
  }
}
