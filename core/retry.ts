/** How often a failure is tried again, and when: exponential back-off with jitter, by class of error. */
import { digestOf } from "./canonical.ts";
import type { Hash } from "./ports.ts";
import type { Problem, ProblemCode } from "./problem.ts";

/** Failures of one step allowed for a code, where it differs from the job's own limit. */
const FAILURES_MAX: Partial<Record<ProblemCode, number>> = {
  // Memory was freed after the first time; a second time means that it does not fit.
  "comfy.out_of_memory": 2,
  // The limit already doubles on the one retry.
  "comfy.timeout": 2,
};

const DELAY_MAX_MS = 5 * 60_000;

export interface RetryPolicy {
  failuresMax: number;
  retryBaseMs: number;
  /** Long work that nobody watches: what a render fails with is tried again as well, though it may fail every time. */
  tenacious?: true;
}

/**
 * Milliseconds until the next try, or null when there is none: the verdict says so, or `failures` (this one
 * included) reached the limit. Jitter of ±20 % comes from `key`, so the same failure always waits equally long.
 */
export function retryDelay(
  found: Problem,
  options: { failures: number; policy: RetryPolicy; key: string; hash: Hash },
): number | null {
  const isTried = found.retry === "later" || (options.policy.tenacious && found.code === "comfy.execution");
  if (!isTried) return null;
  const most = Math.min(FAILURES_MAX[found.code] ?? options.policy.failuresMax, options.policy.failuresMax);
  if (options.failures >= most) return null;
  const plain = Math.min(options.policy.retryBaseMs * 2 ** (options.failures - 1), DELAY_MAX_MS);
  const jittered = plain * (0.8 + 0.4 * fraction(options.key, options.hash));
  return Math.round(Math.max(jittered, found.retryAfterMs ?? 0));
}

/** A number in [0, 1) that depends on the key alone. */
export function fraction(key: string, hash: Hash): number {
  return parseInt(digestOf(key, hash).slice(0, 8), 16) / 2 ** 32;
}
