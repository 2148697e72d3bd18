/** Reads the truth about one prompt out of jobs, history and queue. */
import { collectOutputs, type RawMeta, type RawOutputs } from "@/core/comfy/outputs.ts";
import type { PromptState } from "@/core/ports.ts";
import { problem } from "@/core/problem.ts";
import { executionProblem } from "./problems.ts";
import type { HistoryEntry, Job, Queue, RunGraph, RunStatus } from "./schemas.ts";
import type { z } from "zod";

export interface StateParts {
  collectOutputs: typeof collectOutputs;
  executionProblem: typeof executionProblem;
}

/** What both routes tell about an ended prompt. */
interface Ended {
  status: RunStatus | null;
  outputs: RawOutputs;
  meta: RawMeta | null;
  graph: RunGraph;
  /** Error data where a route gives it apart from the messages. */
  error: unknown;
}

/** `/api/jobs/{id}`, the only route that tells running, waiting, ended and unknown apart in one call. */
export function stateOfJob(job: Job, options: { meta: RawMeta | null; parts: StateParts }): PromptState {
  if (job.status === "pending") return { state: "pending" };
  if (!["completed", "failed", "cancelled"].includes(job.status)) return { state: "running" };
  if (job.status === "cancelled") return { state: "cancelled" };
  return stateOfEnd({
    status: job.execution_status ?? null,
    outputs: job.outputs ?? {},
    meta: options.meta,
    graph: job.workflow?.prompt ?? null,
    error: job.status === "failed" ? job.execution_error ?? {} : undefined,
  }, options.parts);
}

/** `/history/{id}` of servers without the jobs routes. */
export function stateOfHistory(entry: HistoryEntry, parts: StateParts): PromptState {
  return stateOfEnd({
    status: entry.status ?? null,
    outputs: entry.outputs ?? {},
    meta: entry.meta ?? null,
    graph: entry.prompt?.[2] ?? null,
    error: undefined,
  }, parts);
}

/** Where a prompt stands in the queue, or null. */
export function stateInQueue(queue: z.infer<typeof Queue>, promptId: string): PromptState | null {
  if (queue.queue_running.some(([, id]) => id === promptId)) return { state: "running" };
  if (queue.queue_pending.some(([, id]) => id === promptId)) return { state: "pending" };
  return null;
}

/** The true order of waiting prompts: the server's list is a heap. */
export function pendingInOrder(queue: z.infer<typeof Queue>): string[] {
  return [...queue.queue_pending].sort(([a, idA], [b, idB]) => a - b || (idA < idB ? -1 : 1)).map(([, id]) =>
    id
  );
}

/**
 * `status_str` alone is not reliable: a cycle found at run time is stored as success with an error message. Success is
 * status success, an `execution_success` message and no `execution_error`. Interrupted prompts have status error.
 */
function stateOfEnd(ended: Ended, parts: StateParts): PromptState {
  const messages = ended.status?.messages ?? [];
  const find = (name: string) => messages.find(([event]) => event === name)?.[1];
  if (find("execution_interrupted") !== undefined) return { state: "cancelled" };
  const error = find("execution_error") ?? ended.error;
  if (error !== undefined) return { state: "failed", problem: parts.executionProblem(error, ended.graph) };
  const success = find("execution_success");
  const isOld = messages.length === 0;
  if (ended.status?.status_str === "error" || (success === undefined && !isOld)) {
    const operator = `Ended as "${ended.status?.status_str}" without a success message.`;
    return { state: "failed", problem: problem("comfy.execution", { operator }) };
  }
  return {
    state: "finished",
    outputs: parts.collectOutputs(ended.outputs, ended.meta === null ? {} : { meta: ended.meta }),
    startedAt: find("execution_start")?.timestamp ?? null,
    endedAt: success?.timestamp ?? null,
  };
}

/** Only nodes of expanded sub-graphs need the `meta` of history, which jobs do not carry. */
export function needsMeta(job: Job): boolean {
  return job.status === "completed" && Object.keys(job.outputs ?? {}).some((id) => id.includes("."));
}
