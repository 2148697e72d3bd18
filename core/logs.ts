/** The newest lines of the log, kept for operators: found by any id that stands in them, and by what belongs to it. */

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogLine {
  /** ISO 8601, UTC. */
  at: string;
  level: LogLevel;
  text: string;
  /** Without secrets. */
  fields: Record<string, string | number | boolean | null>;
}

export interface LogFilter {
  /** Of a request, a job, a prompt, a server …: also lines of its jobs and prompts. Null for all. */
  id: string | null;
  least: LogLevel;
  limit: number;
}

/** What the log of this process still has in memory. */
export interface Logs {
  /** Newest first, with the ids that were looked for. */
  find(filter: LogFilter): Promise<{ lines: LogLine[]; ids: string[] }>;
}

/** How many lines are kept at most, and how many characters of them. */
export const KEPT_LINES = 5000;
export const KEPT_CHARACTERS = 2_000_000;

export interface LogRing {
  keep(line: LogLine): void;
  /** Oldest first. */
  lines(): readonly LogLine[];
}

/** Bounded in both directions: many short lines and few long ones. */
export function makeRing(linesMax = KEPT_LINES, charactersMax = KEPT_CHARACTERS): LogRing {
  let kept: { line: LogLine; size: number }[] = [];
  let characters = 0;
  return {
    keep(line) {
      const size = JSON.stringify(line).length;
      if (size > charactersMax) return;
      kept.push({ line, size });
      characters += size;
      let drop = 0;
      while (kept.length - drop > linesMax || characters > charactersMax) {
        characters -= kept[drop++]?.size ?? 0;
      }
      if (drop > 0) kept = kept.slice(drop);
    },
    lines: () => kept.map(({ line }) => line),
  };
}

/** Whether a line speaks of one of these ids, in a field or within a longer one such as a path. */
export function speaksOf({ fields }: LogLine, ids: readonly string[]): boolean {
  return Object.values(fields).some((value) =>
    typeof value === "string" && ids.some((id) => value.includes(id))
  );
}

const PERSONAL = /^(title|prompt|negativePrompt|words|name|email|stack)$/;
const ADDRESS = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/gu;

/** For a report that leaves the house: no mail addresses, and nothing that people wrote. */
export function withoutPeople(text: string): string {
  return text.replace(ADDRESS, "[mail]");
}

export function impersonal(line: LogLine): LogLine {
  const fields = Object.entries(line.fields).map(([name, value]) => {
    if (PERSONAL.test(name)) return [name, "[left out]"];
    return [name, typeof value === "string" ? withoutPeople(value) : value];
  });
  return { ...line, text: withoutPeople(line.text), fields: Object.fromEntries(fields) };
}
