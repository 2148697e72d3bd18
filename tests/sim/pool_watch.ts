/** What must hold while operators change the pool: looked at after every change of the simulated store. */
import { limitsFor } from "@/core/quota.ts";
import { TERMINAL } from "@/core/status.ts";
import type { BackendRow, ReadyStep, SlotRow } from "@/core/store.ts";
import { MAINTENANCE_KEY } from "@/core/maintenance.ts";
import { isFor } from "@/core/schedule.ts";
import type { Snapshot } from "@/db/inspect.ts";
import { readOwnLimits } from "@/db/queries/use.ts";
import { readReady } from "@/db/store/slot_rows.ts";
import { readShares } from "@/db/store/shares.ts";
import { readStored } from "@/db/system_config.ts";
import type { Database } from "@/db/sqlite.ts";
import { PEOPLE, QUEUED_MAX } from "./desk.ts";
import { type Ground, hostOf } from "./studio.ts";

/** A server that could take a step at once takes it within this time, whatever process sleeps or dies meanwhile. */
const IDLE_MAX_MS = 15_000;

interface Person {
  running: number | null;
  queued: number;
  isSpent: boolean;
}

/** What no snapshot shows. */
export interface PoolFacts {
  closed: boolean;
  people: Map<string, Person>;
  ready: ReadyStep[];
}

export async function readFacts(
  { writer }: Database,
  usual: { running: number | null; gpuMinutes: number | null },
): Promise<PoolFacts> {
  const shares = await readShares(writer, usual);
  const people = new Map<string, Person>();
  for (const id of PEOPLE) {
    const limits = limitsFor(await readOwnLimits(writer, id), {
      ...usual,
      queued: QUEUED_MAX,
      diskBytes: null,
    });
    const isSpent = shares.people.get(id)?.isSpent ?? false;
    people.set(id, { running: limits.running, queued: limits.queued, isSpent });
  }
  const closed = await readStored(writer, MAINTENANCE_KEY) !== null;
  return { closed, people, ready: await readReady(writer, 500) };
}

interface Sent {
  promptId: string;
  host: string;
  at: number;
}

export class PoolWatch {
  readonly #ground: Ground;
  readonly #wrong: (rule: string, what: string) => void;
  readonly #prompts = new Set<string>();
  readonly #jobs = new Set<string>();
  /** The newest prompt of each take. */
  readonly #sent = new Map<string, Sent>();
  /** Since when a step could have gone to a server that had nothing to do. */
  #idle = new Map<string, number>();
  /** Jobs that a person did something to: those may be sent again at that person's word. */
  readonly touched = new Set<string>();

  constructor(ground: Ground, wrong: (rule: string, what: string) => void) {
    this.#ground = ground;
    this.#wrong = wrong;
  }

  safety(snap: Snapshot, facts: PoolFacts): void {
    this.#idleTooLong();
    const fresh = snap.slots.filter(({ promptId }) => !this.#prompts.has(promptId));
    for (const slot of fresh) {
      this.#prompts.add(slot.promptId);
      this.#granted(slot, snap, facts);
      this.#sentAgain(slot, snap);
    }
    this.#admitted(snap, facts);
    this.#homeless(snap);
    this.#idle = this.#idleNow(snap, facts);
  }

  /** Closed, SlotCap, RunningMax: a grant goes to a server that takes new work, within its slots and its owner's limit. */
  #granted(slot: SlotRow, snap: Snapshot, { closed, people }: PoolFacts): void {
    const { promptId, backendId, userId, jobId, n } = slot;
    if (closed) this.#wrong("Closed", `${promptId} was granted while the studio is closed`);
    const row = snap.backends.find(({ id }) => id === backendId);
    if (row?.status !== "up") {
      this.#wrong("Closed", `${promptId} was granted on ${backendId}: ${row?.status}`);
    }
    const there = snap.slots.filter((other) => other.backendId === backendId).length;
    if (row && (there > row.slots || n >= row.slots)) {
      this.#wrong("SlotCap", `${backendId} was granted ${there} of ${row.slots}`);
    }
    const jobs = new Set(
      snap.slots.filter((other) => other.userId === userId && other.state === "held").map((held) =>
        held.jobId
      ),
    );
    const most = people.get(userId)?.running ?? Infinity;
    const isFirst = snap.slots.every((other) =>
      other === slot || other.jobId !== jobId || other.state !== "held"
    );
    if (isFirst && jobs.size > most) {
      this.#wrong("RunningMax", `${userId} was granted job ${jobs.size} of ${most}`);
    }
  }

  /** SentAgain: a take gets a second prompt only after trouble at the server of the first, or at a person's word. */
  #sentAgain({ promptId, backendId, jobId, stepId }: SlotRow, snap: Snapshot): void {
    const { world, troubles, disk } = this.#ground;
    const row = snap.steps.find((row) => row.promptId === promptId);
    const server = snap.backends.find(({ id }) => id === backendId);
    if (!row || !server) return;
    const key = `${jobId} ${stepId} ${row.take}`;
    const before = this.#sent.get(key);
    this.#sent.set(key, { promptId, host: hostOf(server), at: world.now });
    if (!before || this.touched.has(jobId) || disk.lost.size > 0) return;
    const excused = troubles.some(({ host, from, until }) =>
      host === before.host && until >= before.at && from <= world.now
    );
    if (!excused) {
      this.#wrong(
        "SentAgain",
        `${key} is sent to ${backendId} and was at ${before.host}, which lost nothing`,
      );
    }
  }

  /** QueuedMax: nobody is let in above what they may have. */
  #admitted(snap: Snapshot, { people }: PoolFacts): void {
    for (const { id, userId } of snap.jobs) {
      if (this.#jobs.has(id)) continue;
      this.#jobs.add(id);
      const open = snap.jobs.filter((job) =>
        job.userId === userId && !TERMINAL.some((status) => status === job.status)
      ).length;
      const most = people.get(userId)?.queued ?? Infinity;
      if (open > most) this.#wrong("QueuedMax", `${userId} has ${open} jobs, and may have ${most}`);
    }
  }

  /** Homeless: nobody removes a server from under what it carries. */
  #homeless(snap: Snapshot): void {
    for (const { jobId, id, state, backendId } of snap.steps) {
      if (!["granted", "running", "collecting"].includes(state) || backendId === null) continue;
      if (!snap.backends.some((row) => row.id === backendId)) {
        this.#wrong("Homeless", `${jobId} ${id} is ${state} on ${backendId}, which is gone`);
      }
    }
  }

  /** IdleServer: what was so at the last look has been so ever since. */
  #idleTooLong(): void {
    for (const [what, since] of this.#idle) {
      const forMs = this.#ground.world.now - since;
      if (forMs > IDLE_MAX_MS) this.#wrong("IdleServer", `${what} for ${Math.round(forMs / 1000)} s`);
    }
  }

  #idleNow(snap: Snapshot, facts: PoolFacts): Map<string, number> {
    const idle = new Map<string, number>();
    if (facts.closed || this.#ground.disk.full) return idle;
    for (const step of facts.ready) {
      if (!this.#mayRun(step, snap, facts)) continue;
      for (const row of fitting(step, snap.backends, this.#ground.lacks)) {
        if (snap.slots.some(({ backendId }) => backendId === row.id)) continue;
        const what = `${step.jobId} ${step.stepId} waits, ${row.id} has nothing to do`;
        idle.set(what, this.#idle.get(what) ?? this.#ground.world.now);
      }
    }
    return idle;
  }

  /** Where another server holds its family a step may wait for that one: loading here may take longer. */
  #mayRun({ userId, jobId, family }: ReadyStep, snap: Snapshot, { people }: PoolFacts): boolean {
    if (snap.slots.some((slot) => slot.family === family)) return false;
    const person = people.get(userId);
    const jobs = new Set(
      snap.slots.filter((slot) => slot.userId === userId && slot.state === "held").map((slot) => slot.jobId),
    );
    return !person?.isSpent && (jobs.has(jobId) || jobs.size < (person?.running ?? Infinity));
  }
}

/** Servers that may take a step now: kept ones for their own work, where one of those is up. */
function fitting(step: ReadyStep, rows: readonly BackendRow[], lacks: ReadonlySet<string>): BackendRow[] {
  const able = rows.filter((row) =>
    row.status === "up" && !row.short && row.problem === null && !lacks.has(`${row.id} ${step.family}`)
  );
  const own = able.filter((row) => isFor(step, row));
  return own.length > 0 ? own : able.filter(({ tags = [] }) => tags.length === 0);
}
