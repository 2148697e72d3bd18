/** The operators' own line: which films come before everybody's, and how a film moves in it. Pure. */
import type { LineName } from "./admin.ts";
import { actsOf } from "./queue.ts";
import type { Status } from "./status.ts";

export const MOVES_IN_LINE = ["next", "up", "down", "turn"] as const;
/** Before all others; before or behind the neighbour; back to its turn. */
export type LineMove = (typeof MOVES_IN_LINE)[number];

export interface LineNow {
  /** Jobs that wait for a server, as they will be served. */
  waiting: readonly string[];
  /** Those that operators put in front already, in their order. */
  front: readonly string[];
}

/**
 * Who is in front after a move, in order; null where the film cannot move so. A film that moves among those that go in
 * turn takes all before it along: only what stands in front keeps its place whatever else comes.
 */
export function movedInLine(
  { waiting, front }: LineNow,
  ids: readonly string[],
  to: LineMove,
): string[] | null {
  const others = front.filter((id) => !ids.includes(id));
  if (to === "turn") return others;
  if (to === "next") return [...inOrder(ids, waiting), ...others];
  const [id] = ids;
  const at = id === undefined ? -1 : waiting.indexOf(id);
  const neighbour = to === "up" ? at - 1 : at + 1;
  if (id === undefined || at === -1 || waiting[neighbour] === undefined) return null;
  const order = waiting.filter((other) => other !== id);
  const first = [...order.slice(0, neighbour), id];
  return [...first, ...front.filter((other) => !first.includes(other))];
}

/** As they stand in line; what waits for no server comes last. */
function inOrder(ids: readonly string[], waiting: readonly string[]): string[] {
  const place = new Map(waiting.map((id, at) => [id, at]));
  return ids.toSorted((a, b) => (place.get(a) ?? Infinity) - (place.get(b) ?? Infinity) || 0);
}

/** What of everybody's live jobs is meant; null is any. */
export interface LineFilter {
  name: LineName | null;
  /** Address of the owner. */
  owner: string | null;
  mode: string | null;
  /** Words of the title, or a job's id. */
  search: string | null;
}

/** Jobs by id, or all live ones that the filter fits. */
export type Chosen = { ids: readonly string[] } | { where: LineFilter };

export const ERRANDS = ["cancel", "pause", "resume", "reprioritise"] as const;
export type ErrandAct = (typeof ERRANDS)[number];

/** What is told to many jobs at once. */
export interface Errand {
  act: ErrandAct;
  /** As the job's actor takes it. */
  message: { type: string };
  /** For `reprioritise`, as the audit log tells it. */
  priority: number | null;
}

/** How many heard it, and how many were passed over. */
export interface Told {
  told: number;
  passed: number;
}

/** Whether it makes sense for a job now. What its owner paused goes on when the owner, or an operator for it alone, says so. */
export function concerns(
  job: { status: Status; paused: boolean; cancelling: boolean; byOperator: boolean },
  act: ErrandAct,
): boolean {
  if (act === "reprioritise") return true;
  if (act === "resume" && !job.byOperator) return false;
  return actsOf(job).includes(act);
}
