/** `/api/jobs`: the only routes that tell waiting, running, ended and unknown apart in one call. */
import { Hono } from "hono";
import type { Desk } from "../desk.ts";
import { describeDetails, describeEnded, describeWaiting, type Job, JOB_STATES } from "../jobs.ts";
import { isRecord } from "../python.ts";
import type { Traits } from "../versions.ts";
import { answerJson, readJson } from "./answers.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function jobRoutes(desk: Desk): Hono {
  const routes = new Hono();
  if (!desk.traits.jobs) return routes;
  routes.get("/api/jobs", (c) => {
    const asked = readQuery((name) => c.req.query(name), desk.traits);
    if (typeof asked === "string") return answerJson({ error: asked }, 400);
    return answerJson(listJobs(desk, asked));
  });
  routes.get("/api/jobs/:id", (c) => describeJob(desk, c.req.param("id")));
  if (!desk.traits.jobsCancel) return routes;
  routes.post("/api/jobs/cancel", async (c) => {
    const body = await readJson(c.req.raw, desk.uploadMaxBytes).catch(() => undefined);
    if (body === undefined) return answerJson({ error: "Request body must be valid JSON" }, 400);
    const ids = isRecord(body) ? body.job_ids : undefined;
    if (!Array.isArray(ids)) return answerJson({ error: "job_ids must be a list" }, 400);
    const strange = ids.filter((id) => typeof id !== "string" || !UUID.test(id));
    if (strange.length > 0) {
      return answerJson({ error: "job_ids contains invalid id(s)", invalid_ids: strange }, 400);
    }
    const cancelled = ids.map((id) => desk.life().cancel(String(id)));
    return answerJson({ cancelled: cancelled.includes(true) });
  });
  routes.post(
    "/api/jobs/:id/cancel",
    (c) => answerJson({ cancelled: desk.life().cancel(c.req.param("id")) }),
  );
  return routes;
}

function describeJob(desk: Desk, id: string): Response {
  const { queue, history } = desk.life();
  if (queue.running?.id === id) {
    return answerJson(describeWaiting(queue.running, "in_progress", desk.traits).body);
  }
  const waiting = queue.pending.find((prompt) => prompt.id === id);
  if (waiting !== undefined) return answerJson(describeWaiting(waiting, "pending", desk.traits).body);
  const entry = history.get(id);
  if (entry === undefined) return answerJson({ error: "Job not found" }, 404);
  return answerJson({ ...describeEnded(entry, desk.traits).body, ...describeDetails(entry) });
}

interface Query {
  states: string[] | null;
  workflowId: string | null;
  by: "created_at" | "execution_duration";
  descending: boolean;
  limit: number | null;
  offset: number;
}

/** What is asked for, or what is wrong with it. */
function readQuery(read: (name: string) => string | undefined, traits: Traits): Query | string {
  const asked = (read("status") ?? "").split(",").map((state) => state.trim()).filter((state) =>
    state !== ""
  );
  const states = asked.length === 0 ? null : asked;
  const known = JOB_STATES.filter((state) => traits.jobsCancelled || state !== "cancelled");
  const strange = asked.filter((state) => !known.some((one) => one === state));
  if (strange.length > 0) {
    return `Invalid status value(s): ${strange.join(", ")}. Valid values: ${known.join(", ")}`;
  }
  const by = read("sort_by") ?? "created_at";
  if (by !== "created_at" && by !== "execution_duration") {
    return "sort_by must be 'created_at' or 'execution_duration'";
  }
  const order = read("sort_order") ?? "desc";
  if (order !== "asc" && order !== "desc") return "sort_order must be 'asc' or 'desc'";
  const limit = read("limit");
  if (limit !== undefined && !/^[+-]?\d+$/.test(limit)) return "limit must be an integer";
  if (limit !== undefined && Number(limit) < 1) return "limit must be a positive integer";
  const offset = read("offset") ?? "0";
  if (!/^[+-]?\d+$/.test(offset)) return "offset must be an integer";
  return {
    states,
    workflowId: read("workflow_id") ?? null,
    by,
    descending: order === "desc",
    limit: limit === undefined ? null : Number(limit),
    offset: Math.max(0, Number(offset)),
  };
}

function listJobs(desk: Desk, query: Query): unknown {
  const { queue, history } = desk.life();
  const all: Job[] = [
    ...(queue.running === null ? [] : [describeWaiting(queue.running, "in_progress", desk.traits)]),
    ...queue.pending.map((prompt) => describeWaiting(prompt, "pending", desk.traits)),
    ...history.list({ max: null, offset: 0 }).map((entry) => describeEnded(entry, desk.traits)),
  ];
  const measure = (job: Job): number => query.by === "created_at" ? job.createdAt : job.durationMs;
  const chosen = all
    .filter((job) => query.states === null || query.states.includes(job.status))
    .filter((job) => query.workflowId === null || job.body.workflow_id === query.workflowId)
    .sort((a, b) => (query.descending ? -1 : 1) * (measure(a) - measure(b)));
  const end = query.limit === null ? chosen.length : query.offset + query.limit;
  return {
    jobs: chosen.slice(query.offset, end).map((job) => job.body),
    pagination: {
      offset: query.offset,
      limit: query.limit,
      total: chosen.length,
      has_more: end < chosen.length,
    },
  };
}
