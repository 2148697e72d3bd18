/** Values made up from JSON schemas, the same for the same seed: such that fit, and such that nearly do. */
import type { JsonSchema } from "./contract.ts";

/** Text that has broken programs before. */
export const NASTY = [
  "",
  " ",
  "null",
  "__proto__",
  "../../../../etc/passwd",
  "C:\\con\\nul",
  "%00%2e%2e%2f",
  "\u0000",
  "\r\nset-cookie: a=b",
  "\ud800",
  "\u202egnp.exe",
  "' or 1=1 --",
  "${7*7}{{7*7}}",
  "<script>alert(1)</script>",
  "9007199254740993",
  "-1",
  "1e309",
  "é".normalize("NFD"),
  "𝔘".repeat(40),
  "*".repeat(10_000),
];

export type Draw = () => number;

/** Mulberry32: small, and good enough to choose by. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Making {
  draw: Draw;
  deref: (schema: JsonSchema) => JsonSchema;
  /** Ids of things that exist. */
  ids: string[];
  /** Share of values that shall be wrong; 0 makes what fits. */
  wrong: number;
}

export function pick<T>(draw: Draw, choices: readonly T[]): T {
  return choices[Math.floor(draw() * choices.length)] as T;
}

const part = (value: unknown) => (Array.isArray(value) ? value : []) as JsonSchema[];

export function makeUp(given: JsonSchema, making: Making): unknown {
  const { draw } = making;
  const schema = making.deref(given);
  if (draw() < making.wrong) {
    return pick(draw, [null, true, -1, 1e308, 2 ** 53, 0.1, [], {}, [[[[[[]]]]]], pick(draw, NASTY)]);
  }
  const choices = [...part(schema.anyOf), ...part(schema.oneOf)];
  if (choices.length > 0) return makeUp(pick(draw, choices), making);
  if (Array.isArray(schema.enum)) return pick(draw, schema.enum);
  if (Array.isArray(schema.allOf)) {
    return Object.assign(
      {},
      ...part(schema.allOf).map((one) => makeUp(one, making)),
      makeObject(schema, making),
    );
  }
  switch ([schema.type].flat()[0]) {
    case "object":
      return makeObject(schema, making);
    case "array":
      return makeList(schema, making);
    case "boolean":
      return draw() < 0.5;
    case "integer":
    case "number":
      return makeNumber(schema, draw);
    case "string":
      return makeText(schema, making);
    default:
      return null;
  }
}

function makeObject(schema: JsonSchema, making: Making): Record<string, unknown> {
  const { draw, wrong } = making;
  const made: [string, unknown][] = [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  for (const [name, one] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const isAsked = required.includes(name)
      ? draw() >= wrong / 4
      : draw() < 0.3 && (wrong > 0 || draw() < 0.5);
    if (isAsked) made.push([name, makeUp(one, making)]);
  }
  if (draw() < wrong / 4) made.push([pick(draw, NASTY), pick(draw, NASTY)]);
  return Object.fromEntries(made);
}

function makeList(schema: JsonSchema, making: Making): unknown[] {
  const least = Number(schema.minItems ?? 0);
  const length = least + Math.floor(making.draw() * 3);
  const prefix = part(schema.prefixItems);
  const items = (schema.items ?? {}) as JsonSchema;
  const count = prefix.length > 0 ? prefix.length : Math.min(length, Number(schema.maxItems ?? 64));
  return Array.from({ length: count }, (_, n) => makeUp(prefix[n] ?? items, making));
}

function makeNumber(schema: JsonSchema, draw: Draw): number {
  const low = Number(schema.minimum ?? schema.exclusiveMinimum ?? 0);
  const high = Number(schema.maximum ?? low + 64);
  const edge = draw();
  const value = edge < 0.15 ? low : edge < 0.3 ? high : low + draw() * (high - low);
  return [schema.type].flat()[0] === "integer" ? Math.round(value) : value;
}

/** For patterns: the first that fits is taken. */
const FORMED = ["animate/move", "18446744073709551615", "1", "render", "a"];

function makeText(schema: JsonSchema, { draw, ids, wrong }: Making): string {
  if (schema.format === "uuid") return pick(draw, ids);
  if (schema.format === "date-time") return new Date(Math.floor(draw() * 4e12)).toISOString();
  if (typeof schema.pattern === "string") {
    const pattern = new RegExp(schema.pattern, "u");
    if (pattern.test(ids[0] ?? "")) return pick(draw, ids);
    return FORMED.find((text) => pattern.test(text)) ?? "a";
  }
  if (draw() < wrong) return pick(draw, NASTY);
  const words = pick(draw, ["Harbour at night", "mika@example.org", "fast", "https://hooks.example/a", "x"]);
  const most = Math.min(Number(schema.maxLength ?? 200), 200);
  return words.padEnd(Number(schema.minLength ?? 0), "x").slice(0, most);
}
