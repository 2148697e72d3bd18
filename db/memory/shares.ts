/** Who had how much of the servers lately, in memory. */
import { decayed } from "@/core/fair.ts";
import type { Share } from "@/core/schedule_memory.ts";
import type { Tables } from "./tables.ts";

export function beginSlot(tables: Tables, promptId: string, at: number): void {
  if (tables.slots.get(promptId)?.state === "held") tables.began.set(promptId, at);
}

/** What a prompt took of its server counts for its owner, up to now. */
export function chargeSlot(tables: Tables, promptId: string, at: number): void {
  const slot = tables.slots.get(promptId);
  const began = tables.began.get(promptId);
  tables.began.delete(promptId);
  if (!slot || began === undefined) return;
  const before = tables.served.get(slot.userId);
  const left = before ? decayed(before.seconds, at - before.at) : 0;
  tables.served.set(slot.userId, { seconds: left + Math.max(0, at - began) / 1000, at });
}

export function readShares(tables: Tables, now: number): Map<string, Share> {
  return new Map([...tables.served].map(([userId, { seconds, at }]) => [userId, {
    served: decayed(seconds, now - at),
    weight: 1,
    runningMax: null,
  }]));
}
