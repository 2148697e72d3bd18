/** What the scheduler remembers between grants, and the people it chooses among: from the grants themselves, purely. */
import { NOBODY, type Person } from "./fair.ts";
import { type Board, type Choice, nextOf, type Streak } from "./schedule.ts";

export interface Turns {
  passed: number;
  lastAt: number | null;
}

export interface Memory {
  /** By server. */
  streaks: ReadonlyMap<string, Streak>;
  /** By person. */
  turns: ReadonlyMap<string, Turns>;
}

export const NO_MEMORY: Memory = { streaks: new Map(), turns: new Map() };

/** What is remembered after a grant: the server's streak, whose turn it was, and who was passed over by younger work. */
export function remember({ streaks, turns }: Memory, { step, backend }: Choice, board: Board): Memory {
  const { family, userId, weight, readyAt, engine } = step;
  const before = streaks.get(backend.id);
  const streak = before?.family === family
    ? { family, grants: before.grants + 1, seconds: before.seconds + weight }
    : { family, grants: 1, seconds: weight };
  const after = new Map(turns).set(userId, { passed: 0, lastAt: board.now });
  for (const next of nextOf(board.lanes).values()) {
    if (next.userId === userId || next.engine !== engine) continue;
    if (next.readyAt >= readyAt || !board.canRun(next, backend)) continue;
    const { passed = 0, lastAt = null } = after.get(next.userId) ?? {};
    after.set(next.userId, { passed: passed + 1, lastAt });
  }
  return { streaks: new Map(streaks).set(backend.id, streak), turns: after };
}

/** Whoever waits for nothing is owed nothing. */
export function forgetIdle({ streaks, turns }: Memory, waiting: ReadonlySet<string>): Memory {
  return { streaks, turns: new Map([...turns].filter(([userId]) => waiting.has(userId))) };
}

/** What the database knows of a person: what they had, and their limits. */
export type Share = Pick<Person, "served" | "weight" | "runningMax" | "isSpent">;

export interface Shares {
  people: ReadonlyMap<string, Share>;
  /** Of whoever is not among them. */
  runningMax: number | null;
}

export const NO_SHARES: Shares = { people: new Map(), runningMax: null };

/** Limits of whoever has none of their own. */
export interface UsualLimits {
  running: number | null;
  gpuMinutes: number | null;
}

export const NO_LIMITS: UsualLimits = { running: null, gpuMinutes: null };

/** People by id: what they had lately, with what is still to come of the prompts that they hold. */
export function peopleOf(
  { shares, slots, turns, waiting }: {
    shares: Shares;
    slots: Board["slots"];
    turns: Memory["turns"];
    /** Whose steps wait. */
    waiting: Iterable<string>;
  },
): Map<string, Person> {
  const people = new Map<string, Person>();
  const put = (userId: string, change: (person: Person) => Partial<Person>) => {
    const person = people.get(userId) ?? { ...NOBODY, runningMax: shares.runningMax };
    people.set(userId, { ...person, ...change(person) });
  };
  for (const [userId, share] of shares.people) put(userId, () => share);
  for (const [userId, turn] of turns) put(userId, () => turn);
  // A prompt that is being stopped may be so for ever, on a server that never answers again: it limits nobody.
  for (const { userId, jobId, weight } of slots.filter(({ state }) => state === "held")) {
    put(userId, ({ served, jobs }) => ({ served: served + weight, jobs: new Set([...jobs, jobId]) }));
  }
  for (const userId of waiting) put(userId, () => ({}));
  return people;
}
