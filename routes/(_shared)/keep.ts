/** The days of a project as a form holds them, and what the API finds wrong with them. */
import { KEPT_KINDS } from "@/core/kept_kinds.ts";
import type { FieldNote } from "@/core/problem.ts";

/** What is left empty is not named. What is no number is left to the API to refuse. */
export function keepOf(fields: Record<string, string>): Record<string, number | string> {
  return Object.fromEntries(KEPT_KINDS.flatMap((kind) => {
    const text = (fields[`keep-${kind}`] ?? "").trim();
    if (text === "") return [];
    return [[kind, Number.isFinite(Number(text)) ? Number(text) : text]];
  }));
}

/** Sentences by kind, from paths such as `pieces` or `keep.pieces`. */
export function keepWrong(notes: readonly FieldNote[] = []): Record<string, string> {
  return Object.fromEntries(notes.map(({ path, message }) => [path.split(".").at(-1) ?? "", message]));
}
