/** JSON that keeps every digit of whole numbers, as Python's does: those beyond 2^53 are bigints in memory. */

declare global {
  interface JSON {
    /** In every engine that runs this, and not yet in TypeScript's library. */
    rawJSON(text: string): object;
  }
}

/** Throws SyntaxError on text that is no JSON. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, keepDigits);
}

export function renderExact(value: unknown): string {
  return JSON.stringify(value, (_key, item) => typeof item === "bigint" ? JSON.rawJSON(String(item)) : item);
}

/** Whole numbers stay whole as long as they were written so; 1e30 is a float to Python as well. */
function keepDigits(_key: string, value: unknown, written?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = written?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
