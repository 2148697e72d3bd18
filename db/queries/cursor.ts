/** Where a list goes on: opaque to the client, a position in the order of the list to us. */
import { fail } from "@/core/problem.ts";

export interface Page<T> {
  items: T[];
  /** Null on the last page. */
  next: string | null;
}

export const PAGE_ITEMS = 50;
export const PAGE_ITEMS_MAX = 200;

export interface Position {
  at: number;
  id: string;
}

export function writeCursor({ at, id }: Position): string {
  return btoa(`${at} ${id}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws `request.invalid` for text that no list of ours handed out. */
export function readCursor(text: string | null | undefined): Position | null {
  if (text === null || text === undefined || text === "") return null;
  const parts = /^(\d{1,16}) ([\x21-\x7e]{1,128})$/.exec(decodeBase64(text));
  if (!parts) throw invalidCursor();
  const [, at, id] = parts;
  return { at: Number(at), id: id ?? "" };
}

function decodeBase64(text: string): string {
  try {
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw invalidCursor();
  }
}

function invalidCursor(): Error {
  return fail("request.invalid", {
    fields: [{ path: "cursor", message: "Start again from the first page." }],
  });
}

export function clampLimit(limit: number | undefined): number {
  return Math.min(Math.max(1, Math.floor(limit ?? PAGE_ITEMS)), PAGE_ITEMS_MAX);
}

/** Cuts a page from one row too many, which shows that there is more. */
export function cutPage<Row, Item>(
  rows: readonly Row[],
  { limit, positionOf, toItem }: {
    limit: number;
    positionOf: (row: Row) => Position;
    toItem: (row: Row) => Item;
  },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? writeCursor(positionOf(last)) : null,
  };
}
