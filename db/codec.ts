/** How rows hold what SQL has no type for: JSON is text, booleans are 0 and 1. */
import type { Plan } from "@/core/plan.ts";
import { readStoredPlan, storePlan } from "@/core/stored_plan.ts";

/** Text for a JSON column. `undefined` members vanish, as everywhere in JSON. */
export function encode(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** The value of a JSON column that this studio wrote. The caller names the type that it stored. */
export function decode<T>(text: string): T {
  return JSON.parse(text);
}

/** As `decode`, for columns that may be empty. */
export function decodeOrNull<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text);
}

export function encodeOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

export function encodePlan(plan: Plan): string {
  return encode(storePlan(plan));
}

/** Plans of every format that was ever stored. */
export function decodePlan(text: string): Plan {
  return readStoredPlan(decode(text));
}

export function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}
