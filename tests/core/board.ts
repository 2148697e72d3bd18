/** Servers, slots and waiting steps that the tests of scheduling are made of. */
import { type Board, lanesOf } from "@/core/schedule.ts";
import type { BackendRow, ReadyStep, SlotRow } from "@/core/store.ts";

export function backend(id: string, more: Partial<BackendRow> = {}): BackendRow {
  return {
    id,
    url: "http://127.0.0.1:8188",
    engine: "comfy",
    slots: 2,
    status: "up",
    epoch: 1,
    lastSeenAt: 0,
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
    ...more,
  };
}

export function step(jobId: string, more: Partial<ReadyStep> = {}): ReadyStep {
  return {
    jobId,
    userId: "ada",
    stepId: "s",
    take: 0,
    attempt: 0,
    engine: "comfy",
    family: "alpha",
    template: "t",
    digest: null,
    weight: 60,
    priority: 0,
    rank: 0,
    readyAt: 0,
    near: null,
    ...more,
  };
}

export function slot(backendId: string, n: number, more: Partial<SlotRow> = {}): SlotRow {
  return {
    backendId,
    n,
    jobId: `job-${backendId}-${n}`,
    userId: "eve",
    weight: 60,
    stepId: "s",
    promptId: `p-${backendId}-${n}`,
    family: "alpha",
    state: "held",
    since: 0,
    ...more,
  };
}

/** `ready` steps stand in their lanes. */
export interface Scene extends Omit<Partial<Board>, "lanes"> {
  ready?: readonly ReadyStep[];
}

export function board({ ready = [], ...more }: Scene): Board {
  return {
    backends: [backend("b1")],
    slots: [],
    lanes: lanesOf(ready),
    now: 0,
    people: new Map(),
    streaks: new Map(),
    loads: new Map(),
    canRun: () => true,
    ...more,
  };
}
