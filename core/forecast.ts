/** When each job will be served and done: the scheduler itself, played ahead over what the database shows now. Pure. */
import { type Board, compareFront, compareOwn, type Lane, laneKey, pick } from "./schedule.ts";
import { type Memory, peopleOf, remember, type Share, type Shares } from "./schedule_memory.ts";
import type { BackendRow, ReadyStep, SlotRow } from "./store.ts";

/** A step that is not done, as far as time goes. */
export interface Task {
  stepId: string;
  take: number;
  kind: "prompt" | "local";
  /** `now`: held by a server, or under way in the studio. */
  state: "later" | "ready" | "now";
  engine: ReadyStep["engine"];
  family: string;
  template: string;
  /** Preset, size and frames; what is done in the studio names its operation. */
  shape: string;
  /** Seconds by the plan. */
  weight: number;
  /** Seconds since it began; null before. */
  ranS: number | null;
  /** Share of it that is done, 0 to 1; null where nobody said. */
  share: number | null;
}

/** What a job still has to do, in the order of its plan. */
export interface JobWork {
  jobId: string;
  userId: string;
  priority: number;
  rank: number;
  /** As in `ReadyStep`. */
  front?: number | null;
  tasks: readonly Task[];
}

export interface Scene extends Omit<Board, "lanes" | "people" | "streaks">, Memory {
  ready: readonly ReadyStep[];
  /** Jobs that move by themselves: those that run and those that wait for a server. */
  jobs: readonly JobWork[];
  /** What each person had of the servers lately. */
  shares: Shares;
}

/** Times are seconds from now; null where they cannot be told. */
export interface Outlook {
  /** Place among the jobs that wait for a server now, from 1; null when it does not wait for one. */
  place: number | null;
  startS: number | null;
  endS: number | null;
  /** The server that it is on or would go to. */
  backendId: string | null;
}

/** Seconds that a task probably takes; null where it is not known who will do it. */
export type Expect = (task: Task, backendId: string | null) => number;

/** How much one look ahead may cost; jobs beyond it keep their place and get no time. */
const EFFORT_MAX = 20_000;
/** A prompt that is being stopped is gone after about this long. */
const STOPPING_S = 5;
/** What is nearly over is never shown as over. */
const LEAST_LEFT = 0.05;

/** With `until`, only up to the start of that job. */
export function foresee(scene: Scene, expect: Expect, until?: string): Map<string, Outlook> {
  return new Play(scene, expect).run(until);
}

/** Something ends: a prompt with its slot, or a step in the studio. */
interface Ending {
  atS: number;
  slot: SlotRow | null;
  /** None where nothing follows from the end. */
  actor: Actor | null;
}

interface Actor extends JobWork {
  later: Task[];
  /** Steps that are ready or under way. */
  open: number;
  outlook: Outlook;
}

class Play {
  readonly #scene: Scene;
  readonly #expect: Expect;
  readonly #actors = new Map<string, Actor>();
  readonly #lanes = new Map<string, Lane & { steps: ReadyStep[] }>();
  readonly #shares: Map<string, Share>;
  #memory: Memory;
  /** When each server has done what it holds. */
  readonly #freeS = new Map<string, number>();
  readonly #endings: Ending[] = [];
  /** Jobs that wait for a server from the beginning. */
  readonly #waiting: ReadonlySet<string>;
  #backends: readonly BackendRow[];
  #slots: SlotRow[];
  #nowS = 0;
  #places = 0;

  constructor(scene: Scene, expect: Expect) {
    this.#scene = scene;
    this.#expect = expect;
    this.#backends = scene.backends;
    this.#slots = [...scene.slots];
    this.#waiting = new Set(scene.ready.map((step) => step.jobId));
    this.#shares = new Map(scene.shares.people);
    this.#memory = { streaks: scene.streaks, turns: scene.turns };
    for (const job of scene.jobs) this.#actors.set(job.jobId, this.#castOf(job));
    for (const step of scene.ready) this.#queue(step);
    for (const slot of this.#slots.toSorted((a, b) => a.since - b.since || a.n - b.n)) this.#resume(slot);
  }

  run(until?: string): Map<string, Outlook> {
    const awaited = until === undefined ? undefined : this.#actors.get(until);
    for (let effort = 0; effort < EFFORT_MAX;) {
      effort += this.#grantAll();
      if (awaited && awaited.outlook.startS !== null) break;
      const next = this.#endings.shift();
      if (!next) break;
      this.#end(next);
    }
    this.#placeRest();
    return new Map([...this.#actors].map(([id, { outlook }]) => [id, outlook]));
  }

  #castOf(job: JobWork): Actor {
    const outlook: Outlook = { place: null, startS: null, endS: null, backendId: null };
    const actor: Actor = {
      ...job,
      later: job.tasks.filter((task) => task.state === "later"),
      open: 0,
      outlook,
    };
    for (const task of job.tasks) {
      if (task.state !== "now" || this.#slots.some((slot) => isSlotOf(slot, { job, task }))) continue;
      actor.open++;
      this.#await({ atS: this.#left(task, null), slot: null, actor });
    }
    return actor;
  }

  /** A server works off what it holds one by one, the oldest first. */
  #resume(slot: SlotRow): void {
    const actor = this.#actors.get(slot.jobId);
    const task = actor?.tasks.find((task) => isSlotOf(slot, { job: actor, task }));
    if (!actor || !task || slot.state === "stopping") {
      return this.#await({ atS: STOPPING_S, slot, actor: null });
    }
    const atS = (this.#freeS.get(slot.backendId) ?? 0) + this.#left(task, slot.backendId);
    this.#freeS.set(slot.backendId, atS);
    actor.open++;
    actor.outlook = { ...actor.outlook, startS: 0, backendId: actor.outlook.backendId ?? slot.backendId };
    this.#await({ atS, slot, actor });
  }

  #left(task: Task, backendId: string | null): number {
    const expectedS = this.#expect(task, backendId);
    if (task.ranS === null) return expectedS;
    if (task.share !== null && task.share > LEAST_LEFT) return task.ranS * (1 / task.share - 1);
    return Math.max(expectedS - task.ranS, expectedS * LEAST_LEFT);
  }

  #await(ending: Ending): void {
    const later = this.#endings.findIndex((other) => other.atS > ending.atS);
    this.#endings.splice(later === -1 ? this.#endings.length : later, 0, ending);
  }

  #queue(step: ReadyStep): void {
    const { userId, engine, family } = step;
    const key = laneKey(step);
    const lane = this.#lanes.get(key) ?? { userId, engine, family, steps: [] };
    const behind = lane.steps.findIndex((other) => compareOwn(step, other) < 0);
    lane.steps.splice(behind === -1 ? lane.steps.length : behind, 0, step);
    this.#lanes.set(key, lane);
    const actor = this.#actors.get(step.jobId);
    if (actor) actor.open++;
  }

  /** Lets the scheduler choose until nothing fits any more. Returns what that cost. */
  #grantAll(): number {
    let cost = 1;
    for (;;) {
      const board = this.#boardNow();
      const choice = pick(board);
      cost += board.lanes.length * board.backends.length;
      if (!choice) return cost;
      this.#memory = remember(this.#memory, choice, board);
      this.#grant(choice);
    }
  }

  #boardNow(): Board {
    const { canRun, loads, now } = this.#scene;
    const [backends, slots, { streaks, turns }] = [this.#backends, this.#slots, this.#memory];
    const lanes = [...this.#lanes.values()];
    const shares = { ...this.#scene.shares, people: this.#shares };
    const people = peopleOf({ shares, slots, turns, waiting: lanes.map(({ userId }) => userId) });
    return { now: now + this.#nowS * 1000, backends, slots, lanes, people, streaks, loads, canRun };
  }

  #grant({ step, backend, n }: { step: ReadyStep; backend: BackendRow; n: number }): void {
    const { jobId, stepId, userId, family, take, weight } = step;
    const key = laneKey(step);
    const lane = this.#lanes.get(key);
    lane?.steps.splice(lane.steps.indexOf(step), 1);
    if (lane?.steps.length === 0) this.#lanes.delete(key);
    const startS = Math.max(this.#nowS, this.#freeS.get(backend.id) ?? 0);
    const actor = this.#actors.get(jobId);
    const task = actor?.tasks.find((task) => task.stepId === stepId && task.take === take);
    const atS = startS + (task ? this.#expect(task, backend.id) : 0);
    this.#freeS.set(backend.id, atS);
    this.#backends = this.#backends.map((row) =>
      row.id === backend.id ? { ...row, loadedFamily: family } : row
    );
    const promptId = `${jobId} ${stepId} ${take}`;
    const held = {
      backendId: backend.id,
      n,
      jobId,
      userId,
      stepId,
      promptId,
      family,
      weight,
      state: "held",
      since: 0,
    } as const;
    this.#slots.push(held);
    this.#await({ atS, slot: held, actor: actor ?? null });
    if (actor && actor.outlook.startS === null) {
      const place = this.#waiting.has(jobId) ? ++this.#places : null;
      actor.outlook = { ...actor.outlook, place, startS, backendId: backend.id };
    }
  }

  #end({ atS, slot, actor }: Ending): void {
    this.#nowS = Math.max(this.#nowS, atS);
    if (slot) {
      this.#slots = this.#slots.filter((other) => other !== slot);
      const { runningMax } = this.#scene.shares;
      const none = { served: 0, weight: 1, runningMax, isSpent: false };
      const share = this.#shares.get(slot.userId) ?? none;
      this.#shares.set(slot.userId, { ...share, served: share.served + slot.weight });
    }
    if (!actor) return;
    actor.open--;
    const next = actor.later.shift();
    if (next) this.#begin(actor, next);
    else if (actor.open === 0) actor.outlook = { ...actor.outlook, endS: this.#nowS };
  }

  /** Of the steps that wait for others, one begins whenever one ends. */
  #begin(actor: Actor, task: Task): void {
    const { jobId, userId, priority, rank, front = null } = actor;
    if (task.kind === "local") {
      actor.open++;
      const atS = this.#nowS + this.#expect(task, null);
      return this.#await({ atS, slot: null, actor });
    }
    const { stepId, take, engine, family, template, weight } = task;
    const readyAt = this.#scene.now + this.#nowS * 1000;
    const wait = { attempt: 1, digest: null, near: null, readyAt };
    const order = { priority, rank, front };
    this.#queue({ ...wait, ...order, jobId, userId, stepId, take, engine, family, template, weight });
  }

  /** Beyond what was played: by priority and age. */
  #placeRest(): void {
    const { canRun } = this.#scene;
    const up = this.#backends.filter((backend) => backend.status === "up");
    const left = [...this.#lanes.values()].flatMap((lane) => lane.steps).filter((step) =>
      up.some((backend) => backend.engine === step.engine && canRun(step, backend))
    );
    const age = (a: ReadyStep, b: ReadyStep) => b.priority - a.priority || a.readyAt - b.readyAt;
    for (const step of left.sort((a, b) => compareFront(a, b) || age(a, b))) {
      const actor = this.#actors.get(step.jobId);
      if (
        !actor || !this.#waiting.has(step.jobId) || actor.outlook.startS !== null ||
        actor.outlook.place !== null
      ) {
        continue;
      }
      actor.outlook = { ...actor.outlook, place: ++this.#places };
    }
  }
}

function isSlotOf(slot: SlotRow, { job, task }: { job: JobWork; task: Task }): boolean {
  return slot.jobId === job.jobId && slot.stepId === task.stepId && task.state === "now" &&
    slot.state === "held" && task.kind === "prompt";
}
