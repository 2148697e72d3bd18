/** One text for one value: sorted keys, no spaces, so that equal things have equal hashes. */
import type { Hash } from "./ports.ts";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Canonical JSON in the manner of RFC 8785: keys sorted by code unit, `undefined` members left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "bigint") return JSON.stringify(value.toString());
  return JSON.stringify(value ?? null);
}

const UTF8 = new TextEncoder();

/** The hex SHA-256 of the canonical text of a value. */
export function digestOf(value: unknown, hash: Hash): string {
  return hash(UTF8.encode(canonical(value)));
}
