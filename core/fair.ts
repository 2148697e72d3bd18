/** Who was served how much lately: GPU seconds that count half after ten minutes, and what follows for a person's turn. */

/** GPU seconds count half after this long. */
export const HALF_LIFE_MS = 600_000;

/** A person as the scheduler sees them. */
export interface Person {
  /** GPU seconds of lately, with what loading took, and with what is still to come of the prompts held now. */
  served: number;
  /** A person of weight 2 may have twice as much as one of weight 1. */
  weight: number;
  /** Jobs that hold prompts now. */
  jobs: ReadonlySet<string>;
  /** Jobs that may hold prompts at once; null for any number. */
  runningMax: number | null;
  /** Has used up what they may use within a day. */
  isSpent: boolean;
  /** Grants to younger work of others since the last one of their own. */
  passed: number;
  /** When they were last granted a slot; null where nobody remembers. */
  lastAt: number | null;
}

export const NOBODY: Person = {
  served: 0,
  weight: 1,
  jobs: new Set(),
  runningMax: null,
  isSpent: false,
  passed: 0,
  lastAt: null,
};

/** What is left of GPU seconds after a while. */
export function decayed(seconds: number, afterMs: number): number {
  return seconds * 0.5 ** (Math.max(0, afterMs) / HALF_LIFE_MS);
}

export function useOf({ served, weight }: Person): number {
  return served / Math.max(weight, 1e-6);
}
