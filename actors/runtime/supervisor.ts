/** Grants slots: looks at what waits and what is free, lets `pick` choose, and writes each grant under its guards. */
import type { Clock, Ids, Log } from "@/core/ports.ts";
import { type Choice, lanesOf, pick, type Streak } from "@/core/schedule.ts";
import type { BackendRow, Mail, ReadyStep, SlotRow, Store } from "@/core/store.ts";
import { Bell } from "./bell.ts";
import type { PostOffice } from "./post_office.ts";
import type { EngineWatch } from "./watch.ts";

/** Waiting steps looked at in one round. */
const READY_MAX = 500;
/** Actors whose owner is remembered; an owner never changes. */
const OWNERS_MAX = 5000;
/** Steps already looked up among finished work; at a grant they are looked up again. */
const LOOKED_UP_MAX = 10_000;

export interface SupervisorParts {
  store: Pick<
    Store,
    "ready" | "backends" | "slots" | "findDone" | "post" | "grant" | "changeBackend" | "actor"
  >;
  clock: Clock;
  ids: Ids;
  log: Log;
  office: PostOffice;
  /** Looks again at least this often, for changes nobody told of. */
  tickMs: number;
  /** Whether a backend has the node classes and models of a step. */
  canRun(step: ReadyStep, backend: BackendRow): Promise<boolean>;
  /** Whether what is made could be kept: without room nothing new begins, and what waits goes on waiting. */
  hasRoom(): Promise<boolean>;
  /** Whether anything new may begin at all. */
  isOpen(): Promise<boolean>;
  watch?: EngineWatch;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #bell: Bell;
  readonly #streaks = new Map<string, Streak>();
  readonly #owners = new Map<string, string>();
  readonly #lookedUp = new Set<string>();
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
    const backends = await store.backends();
    let slots = await store.slots();
    const canRun = await this.#capabilities(ready, backends);
    while (!signal.aborted) {
      const running = await this.#countRunning(slots);
      const choice = pick({
        backends,
        slots,
        lanes: lanesOf(ready),
        running,
        streaks: this.#streaks,
        canRun,
      });
      if (!choice) return;
      const { step } = choice;
      const waiting = ready.filter(({ userId }) => userId === step.userId).length;
      ready = ready.filter((other) => other !== step);
      if (await this.#postReused(step)) continue;
      const held = this.#streaks.get(choice.backend.id)?.family ?? choice.backend.loadedFamily;
      const slot = await this.#grant(choice);
      const switched = held !== step.family;
      if (slot) this.#parts.watch?.granted({ slot, step, switched, waiting });
      // A guard refused: somebody else was quicker, so what we saw is old.
      slots = slot ? [...slots, slot] : await store.slots();
    }
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
        remember(this.#lookedUp, key, LOOKED_UP_MAX);
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
    const { jobId, stepId, take, attempt, family } = step;
    const promptId = ids.uuid4();
    const backendId = backend.id;
    if (!await store.grant({ jobId, stepId, take, attempt, backendId, n, promptId, family })) return null;
    office.announce([{ to: jobId }]);
    const streak = this.#streaks.get(backendId);
    const grants = streak?.family === family ? streak.grants + 1 : 1;
    this.#streaks.set(backendId, { family, grants });
    // The models that the server will hold from now on.
    await store.changeBackend(
      backendId,
      (row) => row.loadedFamily === family ? null : { loadedFamily: family },
    );
    log.info("slot granted", { job: jobId, step: stepId, take, attempt, backend: backendId, n, promptId });
    return { backendId, n, jobId, stepId, promptId, family, state: "held", since: clock.now() };
  }

  /** Asks for each backend and step before the round, so that `pick` itself never waits. */
  async #capabilities(
    ready: ReadyStep[],
    backends: BackendRow[],
  ): Promise<(step: ReadyStep, backend: BackendRow) => boolean> {
    const able = new Map<string, Set<ReadyStep>>();
    for (const backend of backends.filter((backend) => backend.status === "up")) {
      const steps = new Set<ReadyStep>();
      for (const step of ready.filter((step) => step.engine === backend.engine)) {
        if (await this.#parts.canRun(step, backend)) steps.add(step);
      }
      able.set(backend.id, steps);
    }
    return (step, backend) => able.get(backend.id)?.has(step) ?? false;
  }

  async #countRunning(slots: readonly SlotRow[]): Promise<Map<string, number>> {
    const running = new Map<string, number>();
    for (const { jobId } of slots) {
      const owner = await this.#ownerOf(jobId);
      if (owner !== null) running.set(owner, (running.get(owner) ?? 0) + 1);
    }
    return running;
  }

  async #ownerOf(jobId: string): Promise<string | null> {
    const known = this.#owners.get(jobId);
    if (known !== undefined) return known;
    const owner = (await this.#parts.store.actor(jobId))?.userId ?? null;
    if (owner === null) return null;
    this.#owners.set(jobId, owner);
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > OWNERS_MAX && oldest !== undefined) this.#owners.delete(oldest);
    return owner;
  }
}

function keyOf(step: ReadyStep): string {
  return `${step.jobId}:${step.stepId}:${step.take}:${step.attempt}`;
}

function remember(set: Set<string>, key: string, most: number): void {
  set.add(key);
  const [oldest] = set;
  if (set.size > most && oldest !== undefined) set.delete(oldest);
}
