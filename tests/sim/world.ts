/** Virtual time and processes that can crash: every wait of the studio goes through here, in an order that a seed decides. */
import type { Clock } from "@/core/ports.ts";

/** A small, fast generator with a 32-bit seed (mulberry32); good enough to choose faults. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Due {
  at: number;
  order: number;
  process: Process | null;
  act: () => void;
}

/** Microtask turns given to the code under test after each event; more than any chain between two waits needs. */
const SETTLE_TURNS = 48;

export class World {
  readonly random: () => number;
  now = 1_700_000_000_000;
  readonly processes: Process[] = [];
  #heap: Due[] = [];
  #order = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  between(low: number, high: number): number {
    return low + this.random() * (high - low);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new Error("cannot pick from nothing");
    return item;
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  spawn(name: string): Process {
    const process = new Process(this, name);
    this.processes.push(process);
    return process;
  }

  /** Runs `act` at a virtual time; an act of a dead process never runs, one of a paused process runs late. */
  at(time: number, process: Process | null, act: () => void): void {
    push(this.#heap, { at: Math.max(time, this.now), order: this.#order++, process, act });
  }

  /** Runs events until the condition holds, nothing is left to do, or virtual time is over. */
  async run(until: { time: number; done?: () => boolean; each?: () => Promise<void> }): Promise<void> {
    while (this.#heap.length > 0) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until.time) break;
      pop(this.#heap);
      if (next.process?.dead) continue;
      if (next.process && next.process.pausedUntil > next.at) {
        push(this.#heap, { ...next, at: next.process.pausedUntil });
        continue;
      }
      this.now = Math.max(this.now, next.at);
      next.act();
      for (let turn = 0; turn < SETTLE_TURNS; turn++) await undefined;
      await until.each?.();
      if (until.done?.()) return;
    }
    this.now = Math.max(this.now, Math.min(until.time, this.#heap[0]?.at ?? until.time));
  }
}

/** One process of the studio: what it waits for ends with it. */
export class Process {
  dead = false;
  pausedUntil = 0;
  /** Clock skew: the wall clock of a process may be wrong, its monotonic clock is not. */
  skewMs = 0;
  readonly clock: Clock;

  constructor(readonly world: World, readonly name: string) {
    this.clock = {
      now: () => Math.round(world.now + this.skewMs),
      monotonic: () => world.now,
      sleep: (ms, signal) => this.wait(ms, signal),
    };
  }

  /** A point where other things happen first and where this process may be gone for good. */
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let over = false;
      const stop = () => {
        if (over || this.dead) return;
        over = true;
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.world.at(this.world.now + ms, this, () => {
        signal?.removeEventListener("abort", stop);
        if (over) return;
        over = true;
        resolve();
      });
    });
  }

  /** Kill -9: nothing that this process waits for ever comes. */
  crash(): void {
    this.dead = true;
  }

  pause(ms: number): void {
    this.pausedUntil = this.world.now + ms;
  }
}

function before(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Due[], due: Due): void {
  heap.push(due);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const [child, above] = [heap[at], heap[parent]];
    if (!child || !above || !before(child, above)) break;
    [heap[at], heap[parent]] = [above, child];
    at = parent;
  }
}

function pop(heap: Due[]): Due | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return top;
  heap[0] = last;
  for (let at = 0;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    for (const child of [left, right]) {
      const [one, other] = [heap[child], heap[least]];
      if (one && other && before(one, other)) least = child;
    }
    if (least === at) return top;
    const [one, other] = [heap[at], heap[least]];
    if (one && other) [heap[at], heap[least]] = [other, one];
    at = least;
  }
}
