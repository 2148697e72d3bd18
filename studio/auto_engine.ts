/** Which engine renders unless a draft is asked for: real servers, as soon as the studio has one. */
import type { Store } from "@/core/store.ts";

export interface AutoEngine {
  now(): "comfy" | "draft";
  /** Servers may have come or gone. */
  look(): Promise<void>;
}

export async function openAutoEngine(store: Pick<Store, "backends">): Promise<AutoEngine> {
  let engine: ReturnType<AutoEngine["now"]> = "draft";
  const look = async () => {
    const rows = await store.backends();
    engine = rows.some((row) => row.engine === "comfy" && row.origin !== "former") ? "comfy" : "draft";
  };
  await look();
  return { now: () => engine, look };
}
