/** Prompts as `/api/jobs` tells them: one list over the queue and the history. */
import type { HistoryEntry } from "./history.ts";
import type { Prompt } from "./queue.ts";
import { isRecord, type Json } from "./python.ts";
import type { Traits } from "./versions.ts";

export const JOB_STATES = ["pending", "in_progress", "completed", "failed", "cancelled"] as const;
export type JobState = (typeof JOB_STATES)[number];

export interface Job {
  id: string;
  status: JobState;
  createdAt: number;
  durationMs: number;
  /** Fields of the answer; null fields are left out. */
  body: Json;
}

/** A job that waits or runs. */
export function describeWaiting(prompt: Prompt, status: "pending" | "in_progress", traits: Traits): Job {
  const createdAt = readTime(prompt.extra.create_time);
  return {
    id: prompt.id,
    status,
    createdAt: createdAt ?? 0,
    durationMs: 0,
    body: dropNulls({
      id: prompt.id,
      status,
      priority: prompt.number,
      create_time: createdAt,
      outputs_count: 0,
      ...(traits.jobsCancelled ? { previewable_outputs_count: 0 } : {}),
      workflow_id: readWorkflowId(prompt.extra),
    }),
  };
}

export function describeEnded(entry: HistoryEntry, traits: Traits): Job {
  const [number, id, , extra] = entry.prompt;
  const find = (name: string): Json | undefined =>
    entry.status.messages.find(([event]) => event === name)?.[1];
  const interrupted = find("execution_interrupted");
  const failed = find("execution_error");
  const isCancelled = interrupted !== undefined && traits.jobsCancelled;
  const status = isCancelled ? "cancelled" : entry.status.status_str === "success" ? "completed" : "failed";
  const startedAt = readTime(find("execution_start")?.timestamp);
  const endedAt = readTime((find("execution_success") ?? failed ?? interrupted)?.timestamp);
  const createdAt = readTime(extra.create_time);
  return {
    id,
    status,
    createdAt: createdAt ?? 0,
    durationMs: startedAt !== null && endedAt !== null ? endedAt - startedAt : 0,
    body: dropNulls({
      id,
      status,
      priority: number,
      create_time: createdAt,
      execution_start_time: startedAt,
      execution_end_time: endedAt,
      execution_error: status === "failed" ? failed ?? null : null,
      ...summarise(entry.outputs, traits),
      workflow_id: readWorkflowId(extra),
    }),
  };
}

/** What only the route of one job tells. */
export function describeDetails(entry: HistoryEntry): Json {
  return {
    outputs: entry.outputs,
    execution_status: entry.status,
    workflow: { prompt: entry.prompt[2], extra_data: entry.prompt[3] },
  };
}

const PREVIEWED = ["images", "video", "audio", "3d"];

function summarise(outputs: HistoryEntry["outputs"], traits: Traits): Json {
  let count = 0;
  let previewable = 0;
  let best: Json | null = null;
  for (const [nodeId, node] of Object.entries(outputs)) {
    for (const [mediaType, items] of Object.entries(node)) {
      if (mediaType === "animated" || !Array.isArray(items)) continue;
      for (const item of items) {
        if (!isRecord(item)) continue;
        count += 1;
        if (!isPreviewable(mediaType, item)) continue;
        previewable += 1;
        if (best === null || (best.type !== "output" && item.type === "output")) {
          best = { ...item, nodeId, mediaType };
        }
      }
    }
  }
  const counted = traits.jobsCancelled ? { previewable_outputs_count: previewable } : {};
  return { outputs_count: count, ...counted, preview_output: best };
}

function isPreviewable(mediaType: string, item: Json): boolean {
  return PREVIEWED.includes(mediaType) || /^(video|audio)\//.test(String(item.format ?? ""));
}

function readWorkflowId(extra: Json): string | null {
  const info = extra.extra_pnginfo;
  const workflow = isRecord(info) ? info.workflow : null;
  return isRecord(workflow) && typeof workflow.id === "string" ? workflow.id : null;
}

function readTime(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function dropNulls(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
