/** Stopping what is under way: effects are revoked, prompts are stopped on their backends, slots wait for that. */
import type { StepRow } from "@/core/store.ts";
import { keyOf, type Work } from "./work.ts";

/**
 * Stops the work of one row and gives the row its new state. A slot is kept as `stopping` until its prompt is gone
 * from the backend. The attempt rises with the next start, so late replies are old news.
 */
export function haltRow(work: Work, row: StepRow, to: "pending" | "cancelled"): StepRow {
  const key = keyOf(row);
  if ((row.state === "granted" || row.state === "running") && row.promptId && row.backendId) {
    work.revoke(row.promptId);
    stopPrompt(work, row);
  }
  work.revoke(`${work.id}:local:${key}`);
  work.revoke(`${work.id}:collect:${key}`);
  work.revoke(`${work.id}:verify:${key}`);
  return work.change(row, {
    state: to,
    outputs: [],
    problem: null,
    ...(to === "cancelled" ? { endedAt: work.at } : {}),
  });
}

/** Asks the backend to end a prompt, for as long as it takes. */
export function stopPrompt(work: Work, row: StepRow): void {
  if (!row.promptId || !row.backendId) return;
  work.slot(row.promptId, "stopping");
  work.state.stopping = [...work.state.stopping, { promptId: row.promptId, step: row.id }];
  const { promptId, backendId } = row;
  work.effect(`stop:${promptId}`, { kind: "stop_prompt", step: row.id, backendId, promptId });
}
