/** Admission and grants of the in-memory store. It has no assets: those of a job are taken as they are. */
import { takesNew } from "@/core/faring.ts";
import { fail } from "@/core/problem.ts";
import { isTerminal, STATUSES, TERMINAL } from "@/core/status.ts";
import type { UsualLimits } from "@/core/schedule_memory.ts";
import type { AdmitOptions, Grant, NewJob } from "@/core/store.ts";
import { grantMailId } from "../store/plan_facts.ts";
import { freeze } from "./freeze.ts";
import { postMail } from "./mail.ts";
import { putStep, saveSteps } from "./steps.ts";
import { stepKey, type Tables } from "./tables.ts";

export function admitJobs(
  tables: Tables,
  jobs: readonly NewJob[],
  { openMax, at }: AdmitOptions & { at: number },
): void {
  const fresh = jobs.filter((job) => !tables.actors.has(job.id));
  if (fresh.length > 0 && openMax !== undefined) {
    for (const userId of new Set(fresh.map((job) => job.userId))) {
      checkQuota(tables, { userId, openMax, more: fresh });
    }
  }
  for (const job of fresh) admitJob(tables, freeze(job), at);
}

function checkQuota(
  tables: Tables,
  { userId, openMax, more }: { userId: string; openMax: number; more: readonly NewJob[] },
): void {
  let open = more.filter((job) => job.userId === userId).length;
  for (const job of tables.jobs.values()) {
    const status = STATUSES.find((known) => known === job.shown.status);
    if (job.userId === userId && (!status || !isTerminal(status))) open++;
  }
  if (open > openMax) throw fail("job.queue_full", { detail: { limit: openMax, used: open } });
}

function admitJob(tables: Tables, job: NewJob, at: number): void {
  const { id, kind, userId, state, priority, shown, row } = job;
  const rank = tables.jobs.size + 1;
  tables.actors.set(id, freeze({ id, kind, userId, state, ver: 0, priority, rank }));
  tables.jobs.set(id, freeze({ id, userId, row, shown }));
  tables.plans.set(id, new Map([[shown.rev, job.plan]]));
  saveSteps(tables, job.steps, { jobId: id, userId, priority, rank, at });
  if (job.begins) {
    const { kind: what, message, body = {} } = job.begins;
    const fact = {
      seq: tables.events.length + 1,
      actorId: id,
      ver: 0,
      userId,
      kind: what,
      message,
      body,
      at,
    };
    tables.events.push(freeze(fact));
  }
  postMail(tables, job.mail, at);
}

export function grantSlot(
  tables: Tables,
  { grant, at, usual }: { grant: Grant; at: number; usual: UsualLimits },
): boolean {
  const { jobId, stepId, take, attempt, backendId, n, promptId, family } = grant;
  const step = tables.steps.get(jobId)?.get(stepKey({ id: stepId, take }));
  if (step?.row.state !== "ready" || step.row.attempt !== attempt || step.kind !== "prompt") return false;
  const backend = tables.backends.get(backendId);
  if (backend?.status !== "up" || backend.engine !== step.engine) return false;
  if (!Number.isInteger(n) || n < 0 || n >= backend.slots || tables.slots.has(promptId)) return false;
  const there = [...tables.slots.values()].filter((slot) => slot.backendId === backendId).length;
  if (there >= backend.slots || !takesNew(backend.faring, { held: there, now: at })) return false;
  for (const slot of tables.slots.values()) {
    if (slot.backendId === backendId && slot.n === n) return false;
    if (slot.state === "held" && slot.jobId === jobId && slot.stepId === stepId) return false;
  }
  const mine = [...tables.slots.values()].filter((slot) =>
    slot.userId === step.userId && slot.state === "held"
  );
  const jobs = new Set(mine.map((slot) => slot.jobId));
  if (usual.running !== null && jobs.size >= usual.running && !jobs.has(jobId)) return false;
  tables.slots.set(
    promptId,
    freeze({
      backendId,
      n,
      jobId,
      userId: step.userId,
      stepId,
      promptId,
      family,
      weight: step.weight,
      state: "held",
      since: at,
    }),
  );
  putStep(tables, { ...step, row: freeze({ ...step.row, state: "granted", promptId, backendId }) });
  const body = { type: "grant", step: stepId, take, attempt, backendId, promptId };
  postMail(tables, [{ id: grantMailId(grant), to: jobId, kind: "grant", body }], at);
  return true;
}

/** Jobs exchange the places that they hold among them. */
export function arrangeJobs(
  tables: Tables,
  { userId, jobIds }: { userId: string; jobIds: readonly string[] },
): boolean {
  const actors = jobIds.flatMap((id) => {
    const [actor, job] = [tables.actors.get(id), tables.jobs.get(id)];
    const isOpen = job?.userId === userId && !TERMINAL.some((status) => status === job.shown.status);
    return actor && isOpen ? [actor] : [];
  });
  if (actors.length !== jobIds.length || new Set(jobIds).size !== jobIds.length) return false;
  const places = actors.toSorted((a, b) =>
    b.priority - a.priority || a.rank - b.rank || (a.id < b.id ? -1 : 1)
  );
  for (const [at, actor] of actors.entries()) {
    const { priority, rank } = places[at] ?? actor;
    tables.actors.set(actor.id, freeze({ ...actor, priority, rank }));
    for (const step of tables.steps.get(actor.id)?.values() ?? []) {
      if (step.row.state === "ready") putStep(tables, { ...step, priority, rank });
    }
  }
  return true;
}
