/** How actors are woken, as the variable WAKE says. */
import type { Clock, Log, WakeBus } from "@/core/ports.ts";
import { openKvWake } from "./kv.ts";
import { combineWakes, localWake, silentWake } from "./local.ts";

export type WakeMode = "hint+kv" | "hint" | "kv" | "off";

export interface WakeOptions {
  /** Of the KV queue: a file that no other process opens, or ":memory:". */
  path: string;
  clock: Clock;
  log: Log;
}

export async function openWake(mode: WakeMode, options: WakeOptions): Promise<WakeBus> {
  if (mode === "off") return silentWake();
  if (mode === "hint") return localWake();
  const queue = await openKvWake(options) ?? silentWake();
  return mode === "kv" ? queue : combineWakes(localWake(), queue);
}
