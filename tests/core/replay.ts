/** Plays an arrival log against a rule of choosing, with servers that load one family at a time and a clock of its own. */
import { decayed } from "@/core/fair.ts";
import { type Board, type Choice, lanesOf } from "@/core/schedule.ts";
import {
  forgetIdle,
  type Memory,
  NO_MEMORY,
  peopleOf,
  remember,
  type Share,
} from "@/core/schedule_memory.ts";
import type { BackendRow, ReadyStep, SlotRow } from "@/core/store.ts";
import { backend, slot, step } from "./board.ts";

export interface Arrival {
  atS: number;
  userId: string;
  family: string;
  seconds: number;
  template?: string;
}

/** Chooses what is granted next; asked until it gives null. */
export type Rule = (board: Board) => Choice | null;

export interface Served extends Arrival {
  jobId: string;
  backendId: string;
  grantedS: number;
  startS: number;
  endS: number;
  loaded: boolean;
}

export interface ReplayOptions {
  log: readonly Arrival[];
  servers: number | BackendRow[];
  slots?: number;
  loadS: number;
  rule: Rule;
  canRun?: Board["canRun"];
  /** Prompts that people may hold; absent: any number. */
  runningMax?: ReadonlyMap<string, number>;
  /** What happens besides, in any order. */
  troubles?: readonly Trouble[];
  /** The scheduler begins anew and remembers nothing. */
  onRestart?(): void;
  /** Told of each grant with the board it was chosen on. */
  onGrant?(choice: Choice, board: Board): void;
}

/**
 * A server goes or comes back, or the scheduler's memory is lost; or operators change the pool. What a server held when
 * it went down waits again; what a drained one holds ends there, and only then is it removed.
 */
export type Trouble =
  & { atS: number }
  & (
    | { what: "down" | "up" | "drain" | "undrain" | "remove"; backendId: string }
    | { what: "restart" | "close" | "open" }
    | { what: "add"; row: BackendRow }
    | { what: "edit"; backendId: string; change: Pick<Partial<BackendRow>, "slots" | "tags"> }
    | { what: "limit"; userId: string; most: number | null }
  );

interface Held {
  slot: SlotRow;
  job: Served;
}

export function replay(options: ReplayOptions): Served[] {
  return new Replay(options).run();
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #arrivals: { step: ReadyStep; arrival: Arrival }[];
  readonly #byId: Map<string, Arrival>;
  readonly #served: Served[] = [];
  readonly #shares = new Map<string, { served: number; atS: number }>();
  readonly #troubles: Trouble[];
  #backends: BackendRow[];
  #held: Held[] = [];
  /** When each server has done all that it holds. */
  readonly #freeS = new Map<string, number>();
  #waiting: ReadyStep[] = [];
  #memory: Memory = NO_MEMORY;
  #nowS = 0;
  #isClosed = false;
  readonly #removed = new Set<string>();
  /** Stay so whether they are up or down meanwhile. */
  readonly #drained = new Set<string>();
  readonly #down = new Set<string>();
  readonly #runningMax: Map<string, number>;

  constructor(options: ReplayOptions) {
    this.#options = options;
    const { servers, slots = 2, log, troubles = [] } = options;
    this.#troubles = troubles.toSorted((a, b) => a.atS - b.atS);
    this.#runningMax = new Map(options.runningMax);
    this.#backends = typeof servers === "number"
      ? Array.from({ length: servers }, (_, n) => backend(`b${n + 1}`, { slots }))
      : servers;
    this.#arrivals = log.toSorted((a, b) => a.atS - b.atS).map((arrival, n) => ({
      arrival,
      step: step(`j${String(n).padStart(6, "0")}`, {
        userId: arrival.userId,
        family: arrival.family,
        template: arrival.template ?? arrival.family,
        weight: arrival.seconds,
        rank: n,
        readyAt: arrival.atS * 1000,
      }),
    }));
    this.#byId = new Map(this.#arrivals.map(({ step, arrival }) => [step.jobId, arrival]));
  }

  run(): Served[] {
    let next = 0;
    for (;;) {
      const arrival = this.#arrivals[next]?.arrival.atS ?? Infinity;
      const ending = Math.min(Infinity, ...this.#held.map(({ job }) => job.endS));
      const trouble = this.#troubles[0]?.atS ?? Infinity;
      this.#nowS = Math.min(arrival, ending, trouble);
      if (this.#nowS === Infinity) return this.#served;
      if (trouble <= this.#nowS) this.#suffer();
      for (; (this.#arrivals[next]?.arrival.atS ?? Infinity) <= this.#nowS; next++) {
        const come = this.#arrivals[next];
        if (come) this.#waiting.push(come.step);
      }
      for (const held of this.#held.filter(({ job }) => job.endS <= this.#nowS)) this.#end(held);
      this.#backends = this.#backends.filter(({ id }) => !this.#removed.has(id) || this.#isAtWork(id));
      if (!this.#isClosed) this.#grantAll();
    }
  }

  #end(held: Held): void {
    this.#held = this.#held.filter((other) => other !== held);
    const { userId, startS, endS } = held.job;
    const { served } = this.#shareOf(userId);
    this.#shares.set(userId, { served: served + endS - startS, atS: this.#nowS });
    this.#served.push(held.job);
  }

  #shareOf(userId: string): Share {
    const known = this.#shares.get(userId);
    const served = known ? decayed(known.served, (this.#nowS - known.atS) * 1000) : 0;
    return { served, weight: 1, runningMax: this.#runningMax.get(userId) ?? null, isSpent: false };
  }

  #isAtWork(backendId: string): boolean {
    return this.#held.some(({ slot }) => slot.backendId === backendId);
  }

  #set(backendId: string, change: Partial<BackendRow>): void {
    this.#backends = this.#backends.map((row) => row.id === backendId ? { ...row, ...change } : row);
  }

  #suffer(): void {
    const trouble = this.#troubles.shift();
    switch (trouble?.what) {
      case undefined:
        return;
      case "restart":
        this.#memory = NO_MEMORY;
        return this.#options.onRestart?.();
      case "close":
      case "open":
        this.#isClosed = trouble.what === "close";
        return;
      case "add":
        this.#backends = [...this.#backends, trouble.row];
        return;
      case "edit":
        return this.#set(trouble.backendId, trouble.change);
      case "limit":
        if (trouble.most === null) this.#runningMax.delete(trouble.userId);
        else this.#runningMax.set(trouble.userId, trouble.most);
        return;
      case "remove":
        this.#removed.add(trouble.backendId);
        this.#drained.add(trouble.backendId);
        return this.#judge(trouble.backendId);
      case "drain":
        this.#drained.add(trouble.backendId);
        return this.#judge(trouble.backendId);
      case "undrain":
        if (!this.#removed.has(trouble.backendId)) this.#drained.delete(trouble.backendId);
        return this.#judge(trouble.backendId);
      case "up":
        this.#down.delete(trouble.backendId);
        return this.#judge(trouble.backendId);
      case "down":
        return this.#lose(trouble.backendId);
    }
  }

  #judge(backendId: string): void {
    const status = this.#drained.has(backendId) ? "drain" : this.#down.has(backendId) ? "down" : "up";
    this.#set(backendId, { status });
  }

  #lose(backendId: string): void {
    this.#down.add(backendId);
    this.#set(backendId, { loadedFamily: null });
    this.#judge(backendId);
    const back = this.#held.filter(({ slot }) => slot.backendId === backendId);
    this.#held = this.#held.filter((held) => !back.includes(held));
    for (const { slot } of back) {
      const known = this.#arrivals.find(({ step }) => step.jobId === slot.jobId);
      if (known) this.#waiting.push({ ...known.step, attempt: 2, readyAt: this.#nowS * 1000 });
    }
    this.#freeS.delete(backendId);
  }

  #grantAll(): void {
    const { rule, onGrant, canRun = () => true, loadS } = this.#options;
    const ids = new Set([...this.#shares.keys(), ...this.#runningMax.keys()]);
    const shares = new Map([...ids].map((userId) => [userId, this.#shareOf(userId)]));
    const loads = new Map(this.#arrivals.map(({ arrival }) => [`comfy ${arrival.family}`, loadS]));
    for (;;) {
      const slots = this.#held.map(({ slot }) => slot);
      const { streaks, turns } = this.#memory;
      const board: Board = {
        now: this.#nowS * 1000,
        backends: this.#backends,
        slots,
        lanes: lanesOf(this.#waiting),
        people: peopleOf({
          shares: { people: shares, runningMax: null },
          slots,
          turns,
          waiting: [],
        }),
        streaks,
        loads,
        canRun,
      };
      const choice = rule(board);
      if (!choice) break;
      onGrant?.(choice, board);
      this.#memory = remember(this.#memory, choice, board);
      this.#grant(choice);
    }
    this.#memory = forgetIdle(this.#memory, new Set(this.#waiting.map(({ userId }) => userId)));
  }

  #grant({ step, backend, n }: Choice): void {
    const arrival = this.#byId.get(step.jobId);
    if (!arrival) throw new Error(`${step.jobId} never came`);
    this.#waiting = this.#waiting.filter((other) => other !== step);
    const loaded = backend.loadedFamily !== step.family;
    const startS = Math.max(this.#nowS, this.#freeS.get(backend.id) ?? 0);
    const endS = startS + arrival.seconds + (loaded ? this.#options.loadS : 0);
    this.#freeS.set(backend.id, endS);
    this.#backends = this.#backends.map((row) =>
      row.id === backend.id ? { ...row, loadedFamily: step.family } : row
    );
    const { jobId, userId, family, weight } = step;
    this.#held.push({
      slot: slot(backend.id, n, { jobId, userId, family, weight, promptId: jobId, since: this.#nowS * 1000 }),
      job: { ...arrival, jobId, backendId: backend.id, grantedS: this.#nowS, startS, endS, loaded },
    });
  }
}

/** First come, first served, on any server. */
export const firstCome: Rule = (board) => chooseBy(board, (a, b) => a.readyAt - b.readyAt);

/** Whatever is loaded is used up first, then the oldest. */
export const greedy: Rule = (board) =>
  chooseBy(
    board,
    (a, b, row) =>
      Number(b.family === row.loadedFamily) - Number(a.family === row.loadedFamily) || a.readyAt - b.readyAt,
  );

function chooseBy(
  { backends, slots, lanes, canRun }: Board,
  compare: (a: ReadyStep, b: ReadyStep, row: BackendRow) => number,
): Choice | null {
  const waiting = lanes.flatMap(({ steps }) => steps);
  const held = (row: BackendRow) => slots.filter(({ backendId }) => backendId === row.id).length;
  for (const row of backends.toSorted((a, b) => held(a) - held(b))) {
    // One at a time: what is sent early could not be chosen any more.
    if (held(row) > 0) continue;
    let best: ReadyStep | null = null;
    for (const step of waiting) {
      if (canRun(step, row) && (!best || compare(step, best, row) < 0)) best = step;
    }
    if (best) return { step: best, backend: row, n: 0 };
  }
  return null;
}

/** The same numbers at every run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
