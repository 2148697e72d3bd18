/** The answer of pure code that judges input: a value, or every problem it found. */
import type { Problem } from "./problem.ts";

export type Result<T, E = Problem[]> = { ok: true; value: T } | { ok: false; problem: E };

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function no<E>(problem: E): { ok: false; problem: E } {
  return { ok: false, problem };
}
