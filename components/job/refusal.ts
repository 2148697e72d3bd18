/** A refused request as a page shows it: a sentence for the whole, and one for each field. */
import type { ProblemAnswer } from "@/core/shown.ts";

export interface Refusal {
  text: string;
  /** Sentences by field path. */
  faults: Record<string, string>;
  /** What was entered. */
  entered: Record<string, string>;
}

export function refusalOf(
  { title, fields }: Pick<ProblemAnswer, "title" | "fields">,
): Omit<Refusal, "entered"> {
  const faults = Object.fromEntries((fields ?? []).map(({ path, message }) => [path, message]));
  return { text: title, faults };
}
