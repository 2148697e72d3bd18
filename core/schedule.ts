/** Which waiting step goes to which ComfyUI next: a pure choice over what the database shows. */
import { takesNew } from "./faring.ts";
import { NOBODY, type Person, useOf } from "./fair.ts";
import type { BackendRow, ReadyStep, SlotRow } from "./store.ts";

/** A family of models keeps a server for at least so many prompts while others wait. */
export const QUANTUM = 6;
/** And for so many times as long as loading it takes, so that loading stays below a sixth of the time. */
const QUANTUM_LOADS = 5;
/** Seconds that loading a family takes, until it was measured. */
export const LOAD_S = 20;
/** Nobody who waits is passed over more often than this by younger work of others; then it is their turn. */
export const PASSED_MAX = 64;
/** A server with this tag is kept for what is done within moments. */
export const INTERACTIVE = "interactive";
/** Seconds by the plan that count as moments. */
export const INTERACTIVE_S = 5;
/** Waiting this many seconds weighs as much as one point of priority between families. */
const AGE_S = 30;
/** What being served least weighs at most. */
const FAIR_WEIGHT = 3;
/** A priority of this much is worth one quantum, and more is worth no more. */
const PRIORITY_FULL = 10;

/** What a server was granted in a row. */
export interface Streak {
  family: string;
  grants: number;
  /** Seconds by the plan. */
  seconds: number;
}

/** What one person waits for with one family of models, in the order in which that person wants it. */
export interface Lane {
  userId: string;
  engine: ReadyStep["engine"];
  family: string;
  steps: readonly ReadyStep[];
}

export interface Board {
  /** Milliseconds, by the clock of `readyAt`. */
  now: number;
  backends: readonly BackendRow[];
  slots: readonly SlotRow[];
  lanes: readonly Lane[];
  people: ReadonlyMap<string, Person>;
  /** What each backend was granted in a row. */
  streaks: ReadonlyMap<string, Streak>;
  /** Seconds that loading takes by engine and family, where it was measured. */
  loads: ReadonlyMap<string, number>;
  canRun(step: ReadyStep, backend: BackendRow): boolean;
}

export interface Choice {
  step: ReadyStep;
  backend: BackendRow;
  n: number;
}

export const laneKey = ({ userId, engine, family }: Pick<ReadyStep, "userId" | "engine" | "family">) =>
  `${userId} ${engine} ${family}`;

/** Sorts waiting steps into lanes. */
export function lanesOf(ready: readonly ReadyStep[]): Lane[] {
  return [...Map.groupBy(ready, laneKey).values()].flatMap((steps) => {
    const [head] = steps;
    if (!head) return [];
    const { userId, engine, family } = head;
    return [{ userId, engine, family, steps: steps.toSorted(compareOwn) }];
  });
}

/** The next grant, or null when nothing that waits fits anywhere. Asked again after each grant. */
export function pick(board: Board): Choice | null {
  const scene = sceneOf(trustedOn(board));
  const choices = scene.board.backends.flatMap((backend) => chooseFor(backend, scene) ?? []);
  const [first] = choices.toSorted((a, b) => compareChoices(a, b, scene));
  return first ? { step: first.step, backend: first.backend, n: first.n } : null;
}

/** The same without servers that are held; a step that failed on one goes around that as long as there is another. */
function trustedOn(board: Board): Board {
  const canRun = (step: ReadyStep, backend: BackendRow) =>
    board.canRun(step, backend) && !(step.avoid === backend.id && hasOther(step, backend, board));
  const backends = board.backends.filter(({ id, faring }) =>
    takesNew(faring, { held: board.slots.filter((slot) => slot.backendId === id).length, now: board.now })
  );
  return { ...board, backends, canRun };
}

function hasOther(step: ReadyStep, backend: BackendRow, { backends, canRun }: Board): boolean {
  return backends.some((row) =>
    row.id !== backend.id && row.status === "up" && row.engine === step.engine && canRun(step, row)
  );
}

/** The step that each person wants next, of those that wait for this kind of server. */
export function nextOf(lanes: readonly Lane[]): Map<string, ReadyStep> {
  const next = new Map<string, ReadyStep>();
  for (const { steps: [head] } of lanes) {
    if (!head) continue;
    const key = `${head.engine} ${head.userId}`;
    const other = next.get(key);
    if (!other || compareOwn(head, other) < 0) next.set(key, head);
  }
  return next;
}

interface Scene {
  board: Board;
  /** Seconds by the plan that wait, by engine and family. */
  backlogS: ReadonlyMap<string, number>;
  /** Steps that wait, by engine and family. */
  backlog: ReadonlyMap<string, number>;
  hasTags: boolean;
  /** What whoever was served most had. */
  mostUse: number;
}

function sceneOf(board: Board): Scene {
  const backlog = new Map<string, number>();
  const backlogS = new Map<string, number>();
  for (const { engine, family, steps } of board.lanes) {
    const key = `${engine} ${family}`;
    backlog.set(key, (backlog.get(key) ?? 0) + steps.length);
    const seconds = steps.reduce((sum, { weight }) => sum + weight, 0);
    backlogS.set(key, (backlogS.get(key) ?? 0) + seconds);
  }
  const mostUse = Math.max(0, ...board.lanes.map(({ userId }) => useOf(personOf(userId, board))));
  return {
    board,
    backlog,
    backlogS,
    mostUse,
    hasTags: board.backends.some(({ tags = [] }) => tags.length > 0),
  };
}

interface Place extends Choice {
  held: number;
}

/** What operators put in front comes first; then an idle server, where models are loaded, where files lie, who was served least. */
function compareChoices(a: Place, b: Place, { board }: Scene): number {
  const isWarm = ({ step, backend }: Place) => Number(step.family === backend.loadedFamily);
  const isNear = ({ step, backend }: Place) => Number(step.near === backend.id);
  return compareFront(a.step, b.step) || a.held - b.held || isWarm(b) - isWarm(a) || isNear(b) - isNear(a) ||
    comparePeople(a.step, b.step, board) || compareText(a.backend.id, b.backend.id);
}

/** What one server could take: the best of each family that waits. */
interface Offer {
  family: string;
  /** The step of whoever is first in line for this family. */
  step: ReadyStep;
  /** What each person wants first of it. */
  heads: ReadyStep[];
}

function chooseFor(backend: BackendRow, scene: Scene): Place | null {
  if (backend.status !== "up") return null;
  const taken = scene.board.slots.filter((slot) => slot.backendId === backend.id);
  const n = freeNumber(backend, taken);
  if (n === null) return null;
  const offers = offersFor(backend, scene);
  const front = inFront(offers);
  const step = front
    ? fitsBeside(front, taken)
    : taken.length > 0
    ? refill(backend, { offers, taken, scene })
    : openFirst(backend, { offers, scene });
  return step ? { step, backend, n, held: taken.length } : null;
}

/** What operators put before everybody's, as far as this server can do it: it comes whatever is loaded or was served. */
function inFront(offers: ReadonlyMap<string, Offer>): ReadyStep | null {
  const front = [...offers.values()].map(({ step }) => step).filter((step) => placeOf(step) !== LAST);
  return front.toSorted(compareOwn)[0] ?? null;
}

/** What already runs is never put out; beside another family nothing is added, so that the server soon runs empty. */
function fitsBeside(step: ReadyStep, taken: readonly SlotRow[]): ReadyStep | null {
  return taken.every(({ family }) => family === step.family) ? step : null;
}

const LAST = Number.MAX_SAFE_INTEGER;

/** The place in the operators' own line; the last one for what they left in turn. */
function placeOf({ front }: Pick<ReadyStep, "front">): number {
  return front ?? LAST;
}

export function compareFront(a: ReadyStep, b: ReadyStep): number {
  return placeOf(a) - placeOf(b);
}

/** The lowest free slot; none when as many prompts are held as are allowed, whatever their numbers. */
function freeNumber(backend: BackendRow, taken: readonly SlotRow[]): number | null {
  if (taken.length >= backend.slots) return null;
  const used = new Set(taken.map((slot) => slot.n));
  for (let n = 0; n < backend.slots; n++) if (!used.has(n)) return n;
  return null;
}

function offersFor(backend: BackendRow, scene: Scene): Map<string, Offer> {
  const { board } = scene;
  const heads = board.lanes.flatMap(({ engine, userId, steps }) => {
    const person = personOf(userId, board);
    if (engine !== backend.engine || person.isSpent) return [];
    return steps.find((step) =>
      !isFull(person, step.jobId) && board.canRun(step, backend) && suits(step, backend, scene)
    ) ?? [];
  });
  const offers = new Map<string, Offer>();
  for (const head of heads) {
    const offer = offers.get(head.family) ?? { family: head.family, step: head, heads: [] };
    if (comparePeople(head, offer.step, board) < 0) offer.step = head;
    offer.heads.push(head);
    offers.set(head.family, offer);
  }
  return offers;
}

/**
 * Tags keep servers for some work as long as one of those is up: `interactive` for what is done within moments, the name
 * of a template, or of a folder of them, for that. Work that only such servers can do is theirs in any case.
 */
function suits(step: ReadyStep, backend: BackendRow, { board, hasTags }: Scene): boolean {
  if (!hasTags) return true;
  const others = board.backends.filter((row) =>
    row !== backend && row.status === "up" && row.engine === step.engine && board.canRun(step, row)
  );
  const isShort = step.weight <= INTERACTIVE_S;
  const isKept = ({ tags = [] }: BackendRow) => tags.includes(INTERACTIVE) && !isShort;
  if (isKept(backend) && others.some((row) => !isKept(row))) return false;
  return isFor(step, backend) || !others.some((row) => isFor(step, row));
}

/** A tag has no slash: `animate.move` stands for the template `animate/move`, `animate` for all that begin so. */
export function isFor({ family, template }: ReadyStep, { tags = [] }: BackendRow): boolean {
  if (tags.length === 0) return false;
  const parts = template.split("/");
  return [family, ...parts.map((_, at) => parts.slice(0, at + 1).join("."))].some((name) =>
    tags.includes(name)
  );
}

/**
 * A further slot only takes the family that is held there, since another one would force the models out early. After a
 * quantum nothing is added while others wait, so that the server runs empty and changes family.
 */
function refill(
  backend: BackendRow,
  of: { offers: Map<string, Offer>; taken: readonly SlotRow[]; scene: Scene },
): ReadyStep | null {
  const [family, ...more] = new Set(of.taken.map((slot) => slot.family));
  if (family === undefined || more.length > 0) return null;
  const same = of.offers.get(family);
  if (!same) return null;
  const others = unserved(backend, { ...of, family });
  return others.length > 0 && isSpent(backend, family, of.scene.board) ? null : same.step;
}

/** The first slot takes any family: the warm one for a quantum, then the one that is most in need of a server. */
function openFirst(
  backend: BackendRow,
  of: { offers: Map<string, Offer>; scene: Scene },
): ReadyStep | null {
  const { offers, scene } = of;
  const warm = backend.loadedFamily === null ? undefined : offers.get(backend.loadedFamily);
  const others = unserved(backend, { ...of, family: warm?.family ?? null });
  if (warm && (others.length === 0 || !isSpent(backend, warm.family, scene.board))) return warm.step;
  const worth = others.length > 0
    ? others
    : [...offers.values()].filter((offer) => isWorthLoading(offer, backend, scene));
  const [best] = worth.toSorted((a, b) => compareOffers(a, b, scene));
  return best?.step ?? null;
}

/** Other families that no other server is at, and that somebody wants next of all that no other server is at. */
function unserved(
  backend: BackendRow,
  of: { offers: Map<string, Offer>; family: string | null; scene: Scene },
): Offer[] {
  const open = [...of.offers.values()].filter((offer) =>
    offer.family === of.family || !isServed(offer, backend, of.scene)
  );
  const next = new Map<string, ReadyStep>();
  for (const head of open.flatMap(({ heads }) => heads)) {
    const other = next.get(head.userId);
    if (!other || compareOwn(head, other) < 0) next.set(head.userId, head);
  }
  return open.flatMap((offer) => {
    const heads = offer.heads.filter((head) => next.get(head.userId) === head);
    return offer.family !== of.family && heads.length > 0 ? [{ ...offer, heads }] : [];
  });
}

/** Another server is at this family and not swamped with it. */
function isServed(offer: Offer, backend: BackendRow, scene: Scene): boolean {
  const at = serversAt(offer, backend, scene);
  if (at.length === 0) return false;
  return (scene.backlog.get(`${backend.engine} ${offer.family}`) ?? 0) <= 2 * QUANTUM * at.length;
}

/** Where the family waits for less time than loading it here would take, it is left to the servers that are at it. */
function isWorthLoading(offer: Offer, backend: BackendRow, scene: Scene): boolean {
  const { board, backlogS } = scene;
  const { family } = offer;
  const at = serversAt(offer, backend, scene);
  if (at.length === 0) return true;
  const heldS = board.slots.reduce((sum, slot) => sum + (slot.family === family ? slot.weight : 0), 0);
  const waitS = (heldS + (backlogS.get(`${backend.engine} ${family}`) ?? 0)) / at.length;
  return waitS > loadOf(family, backend.engine, board);
}

/** Other servers that hold the family, or have it loaded and are free, and could take what waits. */
function serversAt({ family, step }: Offer, backend: BackendRow, scene: Scene): BackendRow[] {
  const { board } = scene;
  return board.backends.filter((row) => {
    if (row.id === backend.id || row.status !== "up" || row.engine !== backend.engine) return false;
    if (!board.canRun(step, row) || !suits(step, row, scene)) return false;
    const taken = board.slots.filter((slot) => slot.backendId === row.id);
    return taken.length === 0 ? row.loadedFamily === family : taken.some((slot) => slot.family === family);
  });
}

export function loadOf(family: string, engine: ReadyStep["engine"], board: Pick<Board, "loads">): number {
  return board.loads.get(`${engine} ${family}`) ?? (engine === "draft" ? 0 : LOAD_S);
}

function isSpent(backend: BackendRow, family: string, board: Board): boolean {
  const streak = board.streaks.get(backend.id);
  if (streak?.family !== family || streak.grants < QUANTUM) return false;
  return streak.seconds >= QUANTUM_LOADS * loadOf(family, backend.engine, board);
}

/** Who was passed over too often; then how long somebody waits, how little they were served, and priority. */
function compareOffers(a: Offer, b: Offer, scene: Scene): number {
  const passed = ({ heads }: Offer) =>
    Math.max(0, ...heads.map(({ userId }) => personOf(userId, scene.board).passed));
  const overdue = (offer: Offer) => passed(offer) >= PASSED_MAX ? passed(offer) : 0;
  return overdue(b) - overdue(a) || scoreOf(b, scene) - scoreOf(a, scene) ||
    compareOwn(a.step, b.step);
}

function scoreOf({ heads }: Offer, { board, mostUse: most }: Scene): number {
  const least = Math.min(...heads.map(({ userId }) => useOf(personOf(userId, board))));
  const ages = heads.map(({ userId, readyAt }) =>
    board.now - Math.max(readyAt, personOf(userId, board).lastAt ?? readyAt)
  );
  const priority = Math.max(...heads.map((head) => shareOf(head.priority)));
  const fair = most > 0 ? 1 - least / most : 0;
  return Math.max(0, ...ages) / 1000 / AGE_S + FAIR_WEIGHT * fair + priority;
}

function shareOf(priority: number): number {
  return Math.max(-1, Math.min(1, priority / PRIORITY_FULL));
}

/**
 * Between people: what operators put in front, who was passed over too often, then who was served least, where priority
 * is worth a quantum at most, then priority and age. Among one's own: the order that one gave. Ids last, so that the order never depends on chance.
 */
function comparePeople(a: ReadyStep, b: ReadyStep, board: Board): number {
  if (a.userId === b.userId) return compareOwn(a, b);
  const [first, second] = [personOf(a.userId, board), personOf(b.userId, board)];
  const overdue = ({ passed }: Person) => passed >= PASSED_MAX ? passed : 0;
  const quantumS = QUANTUM_LOADS * LOAD_S;
  const use = (person: Person, step: ReadyStep) => useOf(person) - shareOf(step.priority) * quantumS;
  return compareFront(a, b) || overdue(second) - overdue(first) || use(first, a) - use(second, b) ||
    b.priority - a.priority || a.readyAt - b.readyAt || compareText(a.userId, b.userId);
}

function personOf(userId: string, { people }: Board): Person {
  return people.get(userId) ?? NOBODY;
}

/** A job that holds a prompt may hold more of them; another one waits. */
export function isFull({ jobs, runningMax }: Person, jobId: string): boolean {
  return runningMax !== null && jobs.size >= runningMax && !jobs.has(jobId);
}

/** Among one person's steps: what operators put in front, priority, the place that the person gave the job, age. */
export function compareOwn(a: ReadyStep, b: ReadyStep): number {
  return compareFront(a, b) || b.priority - a.priority || a.rank - b.rank || a.readyAt - b.readyAt ||
    compareText(a.jobId, b.jobId) || compareText(a.stepId, b.stepId);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
