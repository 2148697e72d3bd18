/** Which waiting step goes to which ComfyUI next: a pure choice over what the database shows. */
import type { BackendRow, ReadyStep, SlotRow } from "./store.ts";

/** Grants of one family in a row before another family that waits gets the backend. */
export const QUANTUM = 6;

export interface Streak {
  family: string;
  grants: number;
}

/** What one person waits for with one family of models, in the order in which that person wants it. */
export interface Lane {
  userId: string;
  engine: ReadyStep["engine"];
  family: string;
  steps: readonly ReadyStep[];
}

export interface Board {
  backends: readonly BackendRow[];
  slots: readonly SlotRow[];
  lanes: readonly Lane[];
  /** Prompts that each person holds now. */
  running: ReadonlyMap<string, number>;
  /** What each backend was granted in a row. */
  streaks: ReadonlyMap<string, Streak>;
  canRun(step: ReadyStep, backend: BackendRow): boolean;
}

export interface Choice {
  step: ReadyStep;
  backend: BackendRow;
  n: number;
}

/** Sorts waiting steps into lanes. */
export function lanesOf(ready: readonly ReadyStep[]): Lane[] {
  const lanes = Map.groupBy(ready, ({ userId, engine, family }) => `${userId} ${engine} ${family}`);
  return [...lanes.values()].flatMap((steps) => {
    const [head] = steps;
    if (!head) return [];
    const { userId, engine, family } = head;
    return [{ userId, engine, family, steps: steps.toSorted(compareOwn) }];
  });
}

/** The next grant, or null when nothing that waits fits anywhere. Asked again after each grant. */
export function pick(board: Board): Choice | null {
  const line = lineOf(board);
  const choices = board.backends.flatMap((backend) => chooseFor(backend, { board, line }) ?? []);
  const [first] = choices.toSorted((a, b) => compareChoices(a, b, line));
  return first ? { step: first.step, backend: first.backend, n: first.n } : null;
}

/** An idle backend comes first; then who is first in line; then where its files lie, where its models are loaded. */
function compareChoices(a: Choice & Place, b: Choice & Place, line: Line): number {
  return a.held - b.held ||
    compareSteps(a.step, b.step, line) ||
    Number(b.step.near === b.backend.id) - Number(a.step.near === a.backend.id) ||
    Number(b.step.family === b.backend.loadedFamily) - Number(a.step.family === a.backend.loadedFamily) ||
    compareText(a.backend.id, b.backend.id);
}

interface Place {
  held: number;
}

interface Scene {
  board: Board;
  line: Line;
}

function chooseFor(backend: BackendRow, scene: Scene): (Choice & Place) | null {
  if (backend.status !== "up") return null;
  const { board, line } = scene;
  const taken = board.slots.filter((slot) => slot.backendId === backend.id);
  const n = freeNumber(backend, taken);
  if (n === null) return null;
  const fitting = board.lanes.filter((lane) => lane.engine === backend.engine)
    .flatMap((lane) => lane.steps.find((step) => board.canRun(step, backend)) ?? [])
    .sort((a, b) => compareSteps(a, b, line));
  const step = taken.length > 0
    ? refill(backend, { fitting, taken, scene })
    : openFirst(backend, { fitting, scene });
  return step ? { step, backend, n, held: taken.length } : null;
}

/** The lowest free slot; none when as many prompts are held as are allowed, whatever their numbers. */
function freeNumber(backend: BackendRow, taken: readonly SlotRow[]): number | null {
  if (taken.length >= backend.slots) return null;
  const used = new Set(taken.map((slot) => slot.n));
  for (let n = 0; n < backend.slots; n++) if (!used.has(n)) return n;
  return null;
}

/**
 * A further slot only takes the family that is held there, since another one would force the models out early. After a
 * quantum, or when someone of higher priority waits, nothing is added, so that the backend runs empty and changes family.
 */
function refill(
  backend: BackendRow,
  of: { fitting: ReadyStep[]; taken: readonly SlotRow[]; scene: Scene },
): ReadyStep | null {
  const families = new Set(of.taken.map((slot) => slot.family));
  if (families.size > 1) return null;
  const same = of.fitting.find((step) => families.has(step.family));
  if (!same) return null;
  const others = of.fitting.filter((step) =>
    !families.has(step.family) && !isServed(step.family, backend, of.scene)
  );
  const urgent = others.some((step) => step.priority > same.priority);
  const spent = others.length > 0 && streakOf(backend, same.family, of.scene.board) >= QUANTUM;
  return urgent || spent ? null : same;
}

/** The first slot takes any family: the warm one for a quantum, then whoever is first in line. */
function openFirst(backend: BackendRow, of: { fitting: ReadyStep[]; scene: Scene }): ReadyStep | null {
  const { fitting, scene } = of;
  const [first] = fitting;
  if (!first) return null;
  const warm = fitting.find((step) => step.family === backend.loadedFamily);
  const others = fitting.filter((step) => step.family !== backend.loadedFamily);
  const unserved = others.find((step) => !isServed(step.family, backend, scene));
  const spent = warm !== undefined && streakOf(backend, warm.family, scene.board) >= QUANTUM;
  const urgent = warm !== undefined && unserved !== undefined && unserved.priority > warm.priority;
  if (warm && !(unserved && (spent || urgent))) return warm;
  return unserved ?? first;
}

/** Another backend already runs this family and is not swamped with it. */
function isServed(family: string, backend: BackendRow, { board, line }: Scene): boolean {
  if ((line.backlog.get(family) ?? 0) > QUANTUM) return false;
  return board.slots.some((slot) => slot.family === family && slot.backendId !== backend.id);
}

function streakOf(backend: BackendRow, family: string, board: Board): number {
  const streak = board.streaks.get(backend.id);
  return streak?.family === family ? streak.grants : 0;
}

/** Between people: how many prompts each holds, and how long the step has waited that each of them wants next. */
interface Line {
  running: ReadonlyMap<string, number>;
  /** The step that each person wants next, by person and priority. */
  next: ReadonlyMap<string, ReadyStep>;
  /** Waiting steps by family. */
  backlog: ReadonlyMap<string, number>;
}

const turnKey = ({ userId, priority }: ReadyStep) => `${priority} ${userId}`;

function lineOf({ lanes, running }: Board): Line {
  const next = new Map<string, ReadyStep>();
  const backlog = new Map<string, number>();
  for (const { family, steps } of lanes) {
    backlog.set(family, (backlog.get(family) ?? 0) + steps.length);
    for (const [at, step] of steps.entries()) {
      if (steps[at - 1]?.priority === step.priority) continue;
      const other = next.get(turnKey(step));
      if (!other || compareOwn(step, other) < 0) next.set(turnKey(step), step);
    }
  }
  return { running, next, backlog };
}

/**
 * Priority, then who holds fewest prompts, then who waited longest with what is wanted next; the steps of one person in
 * that person's order. Ids last, so that the order never depends on chance.
 */
function compareSteps(a: ReadyStep, b: ReadyStep, { running, next }: Line): number {
  if (a.userId === b.userId) return compareOwn(a, b);
  const waited = (step: ReadyStep) => next.get(turnKey(step))?.readyAt ?? step.readyAt;
  return b.priority - a.priority ||
    (running.get(a.userId) ?? 0) - (running.get(b.userId) ?? 0) ||
    waited(a) - waited(b) ||
    compareText(a.userId, b.userId);
}

/** Among one person's steps: priority, then the place that the person gave the job, then age. */
export function compareOwn(a: ReadyStep, b: ReadyStep): number {
  return b.priority - a.priority || a.rank - b.rank || a.readyAt - b.readyAt ||
    compareText(a.jobId, b.jobId) || compareText(a.stepId, b.stepId);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
