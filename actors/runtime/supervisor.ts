/** Grants slots: looks at what waits and what is free, lets `pick` choose, and writes each grant under its guards. */
import type { Clock, Ids, Log } from "@/core/ports.ts";
import { type Board, type Choice, lanesOf, pick } from "@/core/schedule.ts";
import { forgetIdle, type Memory, NO_MEMORY, peopleOf, remember } from "@/core/schedule_memory.ts";
import type { BackendRow, Mail, ReadyStep, SlotRow, Store } from "@/core/store.ts";
import { Bell } from "./bell.ts";
import type { PostOffice } from "./post_office.ts";
import type { EngineWatch } from "./watch.ts";

/** Waiting steps looked at in one round. */
const READY_MAX = 500;
/** Steps already looked up among finished work; at a grant they are looked up again. */
const LOOKED_UP_MAX = 10_000;

export interface SupervisorParts {
  store: Pick<
    Store,
    "now" | "ready" | "backends" | "slots" | "shares" | "findDone" | "post" | "grant" | "changeBackend"
  >;
  clock: Clock;
  ids: Ids;
  log: Log;
  office: PostOffice;
  /** Looks again at least this often, for changes nobody told of. */
  tickMs: number;
  /** Whether a backend has the node classes and models of a step. */
  canRun(step: ReadyStep, backend: BackendRow): Promise<boolean>;
  /** Seconds that loading takes by engine and family, as far as it was measured. */
  loads(): Promise<ReadonlyMap<string, number>>;
  /** Whether what is made could be kept: without room nothing new begins, and what waits goes on waiting. */
  hasRoom(): Promise<boolean>;
  /** Whether anything new may begin at all. */
  isOpen(): Promise<boolean>;
  watch?: EngineWatch;
}

interface Seen extends Pick<Board, "now" | "backends" | "slots" | "loads"> {
  shares: Awaited<ReturnType<Store["shares"]>>;
  canRun(backendId: string, step: ReadyStep): boolean;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #bell: Bell;
  readonly #lookedUp = new Set<string>();
  #memory: Memory = NO_MEMORY;
  #isFull = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
  }

  /** A step became ready, a slot free or a backend up. Any number of calls before the next round are one. */
  wake(): void {
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#round(signal);
      await this.#bell.wait(signal, this.#parts.tickMs);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { store, isOpen } = this.#parts;
    if (!await isOpen()) return;
    let ready = await this.#reuse(await store.ready(READY_MAX), signal);
    if (ready.length === 0 || !await this.#hasRoom()) return;
    const seen = await this.#look(ready);
    this.#memory = forgetIdle(this.#memory, new Set(ready.map(({ userId }) => userId)));
    while (!signal.aborted) {
      const board = this.#boardOf(seen, ready);
      const choice = pick(board);
      if (!choice) return;
      const { step, backend } = choice;
      const waiting = ready.filter(({ userId }) => userId === step.userId).length;
      ready = ready.filter((other) => other !== step);
      if (await this.#postReused(step)) continue;
      const slot = await this.#grant(choice);
      // A guard refused: somebody else was quicker, so what we saw is old.
      seen.slots = slot ? [...seen.slots, slot] : await store.slots();
      if (!slot) continue;
      this.#memory = remember(this.#memory, choice, board);
      const switched = backend.loadedFamily !== step.family;
      this.#parts.watch?.granted({ slot, step, switched, waiting });
      seen.backends = seen.backends.map((row) =>
        row.id === backend.id ? { ...row, loadedFamily: step.family } : row
      );
    }
  }

  /** What a round goes by, asked for before it, so that `pick` itself never waits. */
  async #look(ready: ReadyStep[]): Promise<Seen> {
    const { store } = this.#parts;
    const backends = await store.backends();
    const canRun = await this.#capabilities(ready, backends);
    const [slots, shares, now] = [await store.slots(), await store.shares(), await store.now()];
    return { backends, slots, shares, now, canRun, loads: await this.#parts.loads() };
  }

  #boardOf({ backends, slots, shares, now, canRun, loads }: Seen, ready: ReadyStep[]): Board {
    const { streaks, turns } = this.#memory;
    const people = peopleOf({ shares, slots, turns, waiting: ready.map(({ userId }) => userId) });
    const able = (step: ReadyStep, backend: BackendRow) => canRun(backend.id, step);
    return { now, backends, slots, lanes: lanesOf(ready), people, streaks, loads, canRun: able };
  }

  async #hasRoom(): Promise<boolean> {
    const { hasRoom, log } = this.#parts;
    const isFull = !await hasRoom();
    if (isFull && !this.#isFull) log.warn("nothing new begins: too little free disk");
    if (!isFull && this.#isFull) log.info("there is free disk again");
    this.#isFull = isFull;
    return !isFull;
  }

  /** Steps whose work the same person already has need no slot at all. */
  async #reuse(ready: ReadyStep[], signal: AbortSignal): Promise<ReadyStep[]> {
    const left: ReadyStep[] = [];
    for (const step of ready) {
      const key = keyOf(step);
      const isNew = !this.#lookedUp.has(key);
      if (isNew && !signal.aborted) {
        keep(this.#lookedUp, key, LOOKED_UP_MAX);
        if (await this.#postReused(step)) continue;
      }
      left.push(step);
    }
    return left;
  }

  async #postReused(step: ReadyStep): Promise<boolean> {
    const { store, office } = this.#parts;
    if (step.digest === null) return false;
    const done = await store.findDone(step.userId, step.digest);
    if (!done) return false;
    const { jobId, stepId, take, attempt } = step;
    const mail: Mail = {
      id: `reused:${keyOf(step)}`,
      to: jobId,
      kind: "step.reused",
      body: { type: "step.reused", step: stepId, take, attempt, outputs: done.outputs },
    };
    await store.post([mail]);
    office.announce([mail]);
    return true;
  }

  async #grant(choice: Choice): Promise<SlotRow | null> {
    const { store, ids, log, office, clock } = this.#parts;
    const { step, backend, n } = choice;
    const { jobId, userId, stepId, take, attempt, family, weight } = step;
    const promptId = ids.uuid4();
    const backendId = backend.id;
    if (!await store.grant({ jobId, stepId, take, attempt, backendId, n, promptId, family })) return null;
    office.announce([{ to: jobId }]);
    // The models that the server will hold from now on.
    await store.changeBackend(
      backendId,
      (row) => row.loadedFamily === family ? null : { loadedFamily: family },
    );
    log.info("slot granted", { job: jobId, step: stepId, take, attempt, backend: backendId, n, promptId });
    const held = { backendId, n, jobId, userId, stepId, promptId, family, weight };
    return { ...held, state: "held", since: clock.now() };
  }

  async #capabilities(ready: ReadyStep[], backends: BackendRow[]): Promise<Seen["canRun"]> {
    const able = new Map<string, Set<ReadyStep>>();
    for (const backend of backends.filter((backend) => backend.status === "up")) {
      const steps = new Set<ReadyStep>();
      for (const step of ready.filter((step) => step.engine === backend.engine)) {
        if (await this.#parts.canRun(step, backend)) steps.add(step);
      }
      able.set(backend.id, steps);
    }
    return (backendId, step) => able.get(backendId)?.has(step) ?? false;
  }
}

function keyOf(step: ReadyStep): string {
  return `${step.jobId}:${step.stepId}:${step.take}:${step.attempt}`;
}

function keep(set: Set<string>, key: string, most: number): void {
  set.add(key);
  const [oldest] = set;
  if (set.size > most && oldest !== undefined) set.delete(oldest);
}
