/** The log's sink: one line per event, JSON for machines or plain for a terminal, without secrets. */
import { type Secret, strikeOut } from "@/core/config.ts";
import { LOG_LEVELS as LEVELS, type LogLevel as Level, type LogLine } from "@/core/logs.ts";
import type { Clock, Fields, Log } from "@/core/ports.ts";

const SECRET_NAME = /pass(word|phrase)|token|secret|authori[sz]ation|cookie|api_?key/i;
const HIDDEN = "[secret]";

export interface LogOptions {
  level: Level;
  format: "json" | "pretty";
  clock: Clock;
  /** Values that are replaced wherever they appear, also inside other text; more of them may come. */
  secrets?: Secret[];
  /** Gets what is told from `info` on, or from the level on that the log has, without secrets. */
  keep?: (line: LogLine) => void;
  /** Takes one line without its end; absent: standard error. */
  write?: (line: string) => void;
}

export function openLog(options: LogOptions): Log {
  const { level, format, clock, keep, write = writeLine } = options;
  const { secrets = [] } = options;
  const strike = (text: string) => strikeOut(text, secrets);
  const least = LEVELS.indexOf(level);
  const say = (at: Level) => (text: string, fields: Fields = {}) => {
    const counts = LEVELS.indexOf(at) >= least;
    if (!counts && (keep === undefined || at === "debug")) return;
    const when = new Date(clock.now()).toISOString();
    // Struck out before it is written as JSON or with quotes, which change how a secret looks.
    const entry = { at: when, level: at, text: strike(text), fields: redact(fields, strike) };
    keep?.(JSON.parse(JSON.stringify(entry)));
    if (counts) write(format === "json" ? jsonLine(entry) : prettyLine(entry));
  };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

interface Entry {
  at: string;
  level: Level;
  text: string;
  fields: Fields;
}

function redact(fields: Fields, strike: (text: string) => string): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (SECRET_NAME.test(name) && value !== undefined && value !== null) return [name, HIDDEN];
      return [name, typeof value === "string" ? strike(value) : value];
    }),
  );
}

/** The line's own names come last, so that a field called `level` cannot hide them. */
function jsonLine({ at, level, text, fields }: Entry): string {
  return JSON.stringify({ ...fields, at, level, text });
}

function prettyLine({ at, level, text, fields }: Entry): string {
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? quote(value) : String(value)}`);
  return `${at.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${text}${facts.join("")}`;
}

/** Quoted when it would not read as one word; line ends never reach the terminal. */
function quote(value: string): string {
  return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
}

const encoder = new TextEncoder();

function writeLine(line: string): void {
  let bytes = encoder.encode(`${line}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
}
