/** Says in words for people what a schema found wrong; the library's own sentences are for programmers. */
import type { ZodError } from "zod";

const KIND_WORDS: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** The schema's own words where it has some. */
export function describeIssue(issue: ZodError["issues"][number]): string {
  if (!/^(Too (small|big)|Invalid (input|option)):/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "too_small":
      return describeLimit(issue.origin, "at least", issue.minimum);
    case "too_big":
      return describeLimit(issue.origin, "at most", issue.maximum);
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      if (/received undefined$/.test(issue.message)) return "is required";
      return `must be ${KIND_WORDS[issue.expected] ?? issue.expected}`;
    default:
      return issue.message;
  }
}

function describeLimit(origin: string, bound: string, count: number | bigint): string {
  if (origin === "string") return `must have ${bound} ${count} ${count === 1 ? "character" : "characters"}`;
  if (origin === "array") return `must have ${bound} ${count} ${count === 1 ? "entry" : "entries"}`;
  return `must be ${bound} ${count}`;
}
