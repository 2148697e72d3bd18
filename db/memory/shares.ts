/** Who had how much of the servers, and what it took, in memory. */
import { decayed } from "@/core/fair.ts";
import { DAY_MS } from "@/core/quota.ts";
import type { Shares, UsualLimits } from "@/core/schedule_memory.ts";
import type { StepRow } from "@/core/store.ts";
import type { Tables } from "./tables.ts";

export function beginSlot(tables: Tables, promptId: string, at: number): void {
  if (tables.slots.get(promptId)?.state === "held") tables.began.set(promptId, at);
}

/** What a prompt took of its server counts for its owner, up to now, and stands in the ledger. */
export function chargeSlot(tables: Tables, promptId: string, at: number): void {
  const slot = tables.slots.get(promptId);
  const began = tables.began.get(promptId);
  tables.began.delete(promptId);
  if (!slot || began === undefined) return;
  const seconds = Math.max(0, at - began) / 1000;
  const { userId, jobId, stepId } = slot;
  const before = tables.served.get(userId);
  const left = before ? decayed(before.seconds, at - before.at) : 0;
  tables.served.set(userId, { seconds: left + seconds, at });
  if (tables.ledger.has(promptId)) return;
  tables.ledger.set(promptId, { id: promptId, userId, jobId, stepId, kind: "gpu", seconds, bytes: 0, at });
}

/** What a step made stands with what it took; work in the studio has an entry of its own. */
export function recordDone(
  tables: Tables,
  step: StepRow,
  of: { jobId: string; userId: string; isPrompt: boolean; at: number },
): void {
  const bytes = step.outputs.reduce((sum, file) => sum + file.bytes, 0);
  const { jobId, userId, isPrompt, at } = of;
  if (isPrompt) {
    const known = tables.ledger.get(step.promptId ?? "");
    if (known) tables.ledger.set(known.id, { ...known, bytes });
    return;
  }
  const id = `${jobId}:${step.id}:${step.take}:${step.attempt}`;
  const seconds = Math.max(0, at - (step.startedAt ?? at)) / 1000;
  if (tables.ledger.has(id)) return;
  tables.ledger.set(id, { id, userId, jobId, stepId: step.id, kind: "local", seconds, bytes, at });
}

export function readShares(tables: Tables, now: number, usual: UsualLimits): Shares {
  const today = new Map<string, number>();
  for (const { userId, kind, seconds, at } of tables.ledger.values()) {
    if (kind === "gpu" && at > now - DAY_MS) today.set(userId, (today.get(userId) ?? 0) + seconds);
  }
  const people = new Map([...tables.served].map(([userId, { seconds, at }]) => [userId, {
    served: decayed(seconds, now - at),
    weight: 1,
    runningMax: usual.running,
    isSpent: usual.gpuMinutes !== null && (today.get(userId) ?? 0) >= usual.gpuMinutes * 60,
  }]));
  return { people, runningMax: usual.running };
}
