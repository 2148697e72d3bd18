/** A job as the API shows it, for tests of what draws jobs. */
import { partsOf } from "@/core/pieces.ts";
import type { PieceState, ShownJob, ShownJobDetail, ShownProgress, ShownStep } from "@/core/shown.ts";

export function shownJob(change: Partial<ShownJob> = {}): ShownJob {
  return {
    id: "019a0000-0000-7000-8000-000000000001",
    mode: "animate",
    submode: "move",
    title: "Mika at the harbour",
    prompt: "Mika walks along the harbour wall at dusk",
    negativePrompt: "",
    template: { name: "animate/fake", version: "1.0.0" },
    engine: "comfy",
    draft: false,
    settings: { frameRate: "template", seed: "1", engine: "auto", priority: 0 },
    assets: [{ role: "groundTruth", assetId: "019a0000-0000-7000-8000-00000000000a", used: true }],
    softGuidance: [],
    batchId: null,
    projectId: null,
    mark: null,
    parentId: null,
    draftId: null,
    status: "executing",
    heldBack: false,
    stage: "Part 2 of 3",
    paused: false,
    cancelling: false,
    run: 1,
    rev: 1,
    share: 0.4,
    problem: null,
    parts: partsOf(["done", "now", "todo"]),
    retakes: [],
    approvals: [],
    progress: null,
    result: null,
    priority: 0,
    createdAt: "2026-11-21T12:00:00.000Z",
    updatedAt: "2026-11-21T12:00:00.000Z",
    endedAt: null,
    trashedAt: null,
    ...change,
  };
}

export function strip(...states: PieceState[]) {
  return { parts: partsOf(states) };
}

export function progressOf(change: Partial<ShownProgress> = {}): ShownProgress {
  return {
    jobId: "019a0000-0000-7000-8000-000000000001",
    run: 1,
    share: 0.5,
    stage: "Part 2 of 3",
    step: { id: "chunk-002", title: "Part 2 of 3", share: 0.5 },
    at: null,
    etaSeconds: 250,
    previewUrl: null,
    ...change,
  };
}

/** A take of a rendered part, done and with a clip unless said otherwise. */
export function shownTake(number: number, change: Partial<ShownStep> = {}): ShownStep {
  const id = `chunk-00${number}`;
  const take = change.take ?? 0;
  const isDone = (change.state ?? "done") === "done";
  const url = `/api/jobs/j/steps/${id}/takes/${take}/files/clip/0`;
  return {
    id,
    title: `Part ${number} of 3`,
    phase: "render",
    weight: 1,
    take,
    chosen: true,
    stale: false,
    state: "done",
    attempt: 1,
    run: 1,
    problem: null,
    asked: { prompt: "A tram", negativePrompt: "", seed: "7", preset: "balanced" },
    files: isDone ? [{ role: "clip", ord: 0, mime: "video/mp4", sizeBytes: 9, url }] : [],
    startedAt: "2026-11-21T12:00:00.000Z",
    endedAt: isDone ? "2026-11-21T12:02:51.000Z" : null,
    ...change,
  };
}

/** A job of three parts: the first is done, the second is being made. */
export function shownDetail(change: Partial<ShownJobDetail> = {}): ShownJobDetail {
  return {
    ...shownJob(),
    film: { frames: 360, rate: { num: 30, den: 1 }, width: 832, height: 480 },
    notes: [],
    size: { asked: { width: null, height: null }, rendered: { width: 832, height: 480 } },
    kin: { draft: null, finals: [] },
    promotable: false,
    newerTemplate: null,
    lighter: null,
    letGo: null,
    loop: null,
    take: null,
    finishing: [],
    stages: [],
    steps: [
      shownTake(1),
      shownTake(2, { state: "running" }),
      shownTake(3, { state: "pending", startedAt: null }),
    ],
    outputs: [],
    events: [],
    ...change,
  };
}
