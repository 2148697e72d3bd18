/** The store in memory, with the same rules as the one on SQLite: for simulation and tests under a virtual clock. */
import { NO_LIMITS, type UsualLimits } from "@/core/schedule_memory.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Inspect, Since, Snapshot } from "./inspect.ts";
import { changeMine, claimEffect, finishEffect, releaseEffects } from "./memory/effects.ts";
import { freeze } from "./memory/freeze.ts";
import { admitJobs, arrangeJobs, grantSlot } from "./memory/jobs.ts";
import { postMail } from "./memory/mail.ts";
import { chargeSlot, readShares } from "./memory/shares.ts";
import { loadSteps, putStep, readReady } from "./memory/steps.ts";
import { Tables } from "./memory/tables.ts";
import { takeTurn } from "./memory/turn.ts";

export interface MemoryStore extends Store, Inspect {
  /** What is stored right now, without waiting. Rows are frozen and shared: cheap enough for every step of a simulation. */
  snapshot(): Snapshot;
}

/** `now` gives milliseconds; it stands for the database's clock. */
export function openMemoryStore(
  { now, limits = NO_LIMITS }: { now: () => number; limits?: UsualLimits },
): MemoryStore {
  const tables = new Tables();
  const clock = () => Math.floor(now());
  return {
    ...openActors(tables, clock),
    ...openEffects(tables, clock),
    ...openSlots(tables, clock, limits),
    now: () => settle(clock),
    close: () => Promise.resolve(),
    snapshot: () => takeSnapshot(tables),
    inspect: (since) => settle(() => takeSnapshot(tables, since)),
  };
}

/** Runs at once, and turns a throw into a rejection as a database would. */
function settle<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}

type ActorMethods =
  | "admit"
  | "revise"
  | "plan"
  | "post"
  | "turn"
  | "dueActors"
  | "nextDueIn"
  | "findDone"
  | "disown"
  | "steps"
  | "actor";

function openActors(tables: Tables, clock: () => number): Pick<Store, ActorMethods> {
  return {
    admit: (jobs, options = {}) => settle(() => admitJobs(tables, jobs, { ...options, at: clock() })),
    revise: (jobId, { rev, plan, mail, row }) =>
      settle(() => {
        const revs = tables.plans.get(jobId) ?? new Map();
        if (revs.has(rev)) return false;
        tables.plans.set(jobId, revs.set(rev, freeze(plan)));
        postMail(tables, [mail], clock());
        const job = tables.jobs.get(jobId);
        if (job && row) tables.jobs.set(jobId, freeze({ ...job, row: { ...job.row, ...row } }));
        return true;
      }),
    plan: (jobId, rev) => settle(() => tables.plans.get(jobId)?.get(rev) ?? null),
    post: (mail) =>
      settle(() => {
        postMail(tables, mail, clock());
      }),
    turn: (actorId, behaviour) => settle(() => takeTurn(tables, { actorId, behaviour, at: clock() })),
    dueActors: (limit) => settle(() => findDueActors(tables, { at: clock(), limit })),
    nextDueIn: () => settle(() => findNextDue(tables, clock())),
    findDone: (userId, digest) => settle(() => findDone(tables, { userId, digest })),
    disown: (userId, digest) => settle(() => disown(tables, { userId, digest })),
    steps: (jobId) => settle(() => loadSteps(tables, { jobId, wanted: "all" })),
    actor: (id) => settle(() => tables.actors.get(id) ?? null),
  };
}

type EffectMethods = "effect" | "claim" | "beat" | "note" | "finish" | "putOff" | "release";

function openEffects(tables: Tables, clock: () => number): Pick<Store, EffectMethods> {
  return {
    claim: (owner, lanes, leaseMs) =>
      settle(() => claimEffect(tables, { owner, lanes, leaseMs, at: clock() })),
    beat: (id, token, leaseMs) =>
      settle(() => {
        const until = clock() + leaseMs;
        return changeMine(tables, { id, token }, { leaseUntil: until, nextAt: until });
      }),
    effect: (id) =>
      settle(() => {
        const found = tables.effects.get(id);
        if (!found) return null;
        return { status: found.status, note: found.note, leaseMs: Math.max(0, found.leaseUntil - clock()) };
      }),
    note: (id, token, note) => settle(() => changeMine(tables, { id, token }, { note })),
    finish: (id, token, finish) => settle(() => finishEffect(tables, { id, token, finish, at: clock() })),
    putOff: (id, token, delayMs) =>
      settle(() => {
        const nextAt = clock() + Math.max(0, Math.ceil(delayMs));
        return changeMine(tables, { id, token }, { owner: null, leaseUntil: 0, nextAt });
      }),
    release: (owner) => settle(() => releaseEffects(tables, { owner, at: clock() })),
  };
}

/** Files of an earlier epoch are forgotten. */
function keepBackend(tables: Tables, row: BackendRow): void {
  tables.backends.set(row.id, freeze({ ...row }));
  for (const key of tables.files.keys()) {
    if (key.startsWith(`${row.id} `) && !key.startsWith(`${row.id} ${row.epoch} `)) tables.files.delete(key);
  }
}

type SlotMethods =
  | "backends"
  | "saveBackend"
  | "changeBackend"
  | "slots"
  | "ready"
  | "grant"
  | "arrange"
  | "freeSlot"
  | "shares"
  | "backendFile"
  | "rememberFile";

function openSlots(
  tables: Tables,
  clock: () => number,
  usual: UsualLimits,
): Pick<Store, SlotMethods> {
  return {
    backends: () => settle(() => sortBackends(tables)),
    saveBackend: (row) => settle(() => keepBackend(tables, row)),
    changeBackend: (id, decide) =>
      settle(() => {
        const before = tables.backends.get(id);
        const change = before && decide(before);
        if (!before || !change) return null;
        const after = { ...before, ...change };
        keepBackend(tables, after);
        return { before, after };
      }),
    slots: () => settle(() => sortSlots(tables)),
    ready: (limit) => settle(() => readReady(tables, limit)),
    grant: (grant) => settle(() => grantSlot(tables, { grant, at: clock(), usual })),
    arrange: (userId, jobIds) => settle(() => arrangeJobs(tables, { userId, jobIds })),
    freeSlot: (promptId) =>
      settle(() => {
        chargeSlot(tables, promptId, clock());
        tables.slots.delete(promptId);
      }),
    shares: () => settle(() => readShares(tables, clock(), usual)),
    backendFile: (backendId, sha256) =>
      settle(() => {
        const epoch = tables.backends.get(backendId)?.epoch;
        return tables.files.get(`${backendId} ${epoch} ${sha256}`) ?? null;
      }),
    rememberFile: (backendId, epoch, sha256, ref) =>
      settle(() => {
        tables.files.set(`${backendId} ${epoch} ${sha256}`, ref);
      }),
  };
}

function findDueActors(tables: Tables, { at, limit }: { at: number; limit: number }): string[] {
  const due: { id: string; dueAt: number }[] = [];
  for (const [id, mail] of tables.openMail) {
    let dueAt = Infinity;
    for (const item of mail.values()) dueAt = Math.min(dueAt, item.dueAt);
    if (dueAt <= at) due.push({ id, dueAt });
  }
  return due.sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1)).slice(0, limit).map(({ id }) => id);
}

function findNextDue(tables: Tables, at: number): number | null {
  let next = Infinity;
  for (const mail of tables.openMail.values()) {
    for (const { dueAt } of mail.values()) next = Math.min(next, dueAt);
  }
  for (const id of tables.openEffects) next = Math.min(next, tables.effects.get(id)?.nextAt ?? Infinity);
  return next === Infinity ? null : Math.max(0, next - at);
}

function findDone(
  tables: Tables,
  { userId, digest }: { userId: string; digest: string },
): Awaited<ReturnType<Store["findDone"]>> {
  let found: Awaited<ReturnType<Store["findDone"]>> = null;
  let newest = -Infinity;
  for (const steps of tables.steps.values()) {
    for (const { row, jobId, userId: owner } of steps.values()) {
      const fits = owner === userId && row.digest === digest && row.state === "done" && row.chosen;
      if (!fits || (row.endedAt ?? 0) < newest) continue;
      newest = row.endedAt ?? 0;
      found = { jobId, stepId: row.id, take: row.take, outputs: row.outputs };
    }
  }
  return found;
}

function disown(tables: Tables, { userId, digest }: { userId: string; digest: string }): void {
  for (const steps of tables.steps.values()) {
    for (const step of steps.values()) {
      if (step.userId !== userId || step.row.digest !== digest || step.row.state !== "done") continue;
      putStep(tables, { ...step, row: freeze({ ...step.row, digest: null }) });
    }
  }
}

function sortBackends(tables: Tables) {
  return [...tables.backends.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function sortSlots(tables: Tables) {
  return [...tables.slots.values()].sort((a, b) =>
    a.backendId === b.backendId ? a.n - b.n : a.backendId < b.backendId ? -1 : 1
  );
}

function takeSnapshot(tables: Tables, since?: Since): Snapshot {
  const events = since ? tables.events.filter((event) => event.seq > since.event) : [...tables.events];
  const mail = [...tables.mail.values()].filter((mail) => !since || mail.doneAt === null);
  return {
    actors: [...tables.actors.values()],
    steps: [...tables.steps].flatMap(([jobId, steps]) =>
      [...steps.values()].map((step) => ({ ...step.row, jobId }))
    ),
    mail: mail.sort((a, b) => a.seq - b.seq),
    events,
    effects: [...tables.effects.values()],
    slots: sortSlots(tables),
    deadletters: [...tables.deadletters.values()],
    backends: sortBackends(tables),
    outputs: [...tables.outputs.values()],
    ledger: [...tables.ledger.values()],
    jobs: [...tables.jobs.values()].map(({ id, userId, shown: { problem: _problem, ...shown } }) => ({
      id,
      userId,
      ...shown,
    })),
    jobOutputs: [...tables.jobOutputs.values()],
  };
}
