/** Steps of the in-memory store, and the queue for slots that follows from them. */
import { compareOwn } from "@/core/schedule.ts";
import type { ReadyStep, StepRow } from "@/core/store.ts";
import { ACTIVE_STATES, factsOf } from "../store/plan_facts.ts";
import { mergeLanes } from "../store/slot_rows.ts";
import { freeze } from "./freeze.ts";
import { type MemoryStep, readyKey, stepKey, type Tables } from "./tables.ts";

/** Inserts or replaces takes. Returns how many wait for a slot. */
export function saveSteps(
  tables: Tables,
  steps: readonly StepRow[],
  owner: { jobId: string; userId: string; priority: number; rank: number; at: number },
): number {
  const { jobId, userId, priority, rank, at } = owner;
  const mine = tables.steps.get(jobId) ?? new Map<string, MemoryStep>();
  checkChosen(mine, steps);
  tables.steps.set(jobId, mine);
  let ready = 0;
  for (const row of steps) {
    freeze(row);
    const before = mine.get(stepKey(row));
    const stays = before?.row.state === "ready" && row.state === "ready" &&
      before.row.attempt === row.attempt;
    const facts = factsOf(tables.plans.get(jobId)?.get(row.rev), row.id);
    const waits = row.state === "ready" && facts.kind === "prompt";
    if (waits) ready++;
    const { ord, kind, engine, family, template, weight } = facts;
    putStep(tables, {
      row,
      jobId,
      userId,
      ord,
      kind,
      engine,
      family,
      template,
      weight,
      priority,
      rank,
      readyAt: stays ? before.readyAt : at,
      near: waits ? findNear(mine, { row, among: steps }) : null,
    });
  }
  return ready;
}

/** SQLite keeps this rule with a unique index. Throws before anything is stored. */
function checkChosen(mine: ReadonlyMap<string, MemoryStep>, changed: readonly StepRow[]): void {
  if (!changed.some((row) => row.chosen)) return;
  const keys = new Set(changed.map(stepKey));
  const kept = [...mine.values()].map((step) => step.row).filter((row) => !keys.has(stepKey(row)));
  for (const { id, take, chosen } of changed) {
    if (!chosen) continue;
    const other = [...kept, ...changed].find((row) => row.id === id && row.chosen && row.take !== take);
    if (other) {
      throw new Error(`Cannot store step ${id}: takes ${take} and ${other.take} would both be chosen`);
    }
  }
}

export function putStep(tables: Tables, step: MemoryStep): void {
  const mine = tables.steps.get(step.jobId) ?? new Map<string, MemoryStep>();
  tables.steps.set(step.jobId, mine);
  mine.set(stepKey(step.row), step);
  const key = readyKey(step.jobId, step.row);
  if (step.row.state === "ready" && step.kind === "prompt") tables.ready.set(key, step);
  else tables.ready.delete(key);
}

function findNear(
  mine: ReadonlyMap<string, MemoryStep>,
  { row, among }: { row: StepRow; among: readonly StepRow[] },
): string | null {
  for (const [id, take] of Object.entries(row.uses)) {
    const here = among.find((other) => other.id === id && other.take === take);
    const backend = (here ?? mine.get(stepKey({ id, take }))?.row)?.backendId;
    if (backend) return backend;
  }
  return null;
}

/** The active takes of a job, and all takes of the wanted steps, in plan order. */
export function loadSteps(
  tables: Tables,
  { jobId, wanted }: { jobId: string; wanted: "all" | string[] },
): StepRow[] {
  const ids = wanted === "all" ? null : new Set(wanted);
  const found: MemoryStep[] = [];
  for (const step of tables.steps.get(jobId)?.values() ?? []) {
    if (!ids || ids.has(step.row.id) || ACTIVE_STATES.includes(step.row.state)) found.push(step);
  }
  return found.sort(compareSteps).map((step) => step.row);
}

function compareSteps(a: MemoryStep, b: MemoryStep): number {
  if (a.ord !== b.ord) return a.ord - b.ord;
  if (a.row.id !== b.row.id) return a.row.id < b.row.id ? -1 : 1;
  return a.row.take - b.row.take;
}

export function readReady(tables: Tables, limit: number): ReadyStep[] {
  const lanes = new Map<string, ReadyStep[]>();
  for (
    const { row, jobId, userId, engine, family, template, weight, priority, rank, readyAt, near } of tables
      .ready
      .values()
  ) {
    const ready: ReadyStep = {
      jobId,
      userId,
      stepId: row.id,
      take: row.take,
      attempt: row.attempt,
      engine,
      family,
      template,
      digest: row.digest,
      weight,
      priority,
      rank,
      readyAt,
      near,
      avoid: row.avoid ?? null,
    };
    const key = `${userId} ${engine} ${family}`;
    const lane = lanes.get(key);
    if (lane) lane.push(ready);
    else lanes.set(key, [ready]);
  }
  const sorted = [...lanes.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lane]) =>
    lane.sort(compareOwn)
  );
  return mergeLanes(sorted, limit);
}
