/** Schemas and small conversions that several groups of the API share. */
import { z } from "@hono/zod-openapi";
import { Id } from "@/core/ids.ts";
import { namesOf } from "@/core/modes.ts";
import { fail } from "@/core/problem.ts";
import type { Before } from "./studio.ts";

export const Time = z.iso.datetime().openapi({ description: "UTC, ISO 8601." });
export const IdParam = z.strictObject({ id: z.string().openapi({ format: "uuid" }) });

/** Ids of another form name nothing, so they are "not found" like unknown ones. */
export function idOf(text: string): string {
  const parsed = Id.safeParse(text);
  if (!parsed.success) throw fail("request.not_found");
  return parsed.data;
}

export const ProjectRef = z.uuid("must be the id of a project").openapi({
  description: "The project that it is put in.",
});

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}

export const LISTED_MAX = 100;

/** Query fields of every list. */
export const Paging = {
  cursor: z.string().max(200).optional().openapi({ description: "`next` of the page before." }),
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(24),
};

/** The place after the last item of a page, as opaque text. */
export function cursorOf(item: Before): string {
  return btoa(`${item.createdAt}.${item.id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function readCursor(cursor: string | undefined): Before | null {
  if (cursor === undefined) return null;
  try {
    const [at = "", id = ""] = atob(cursor.replaceAll("-", "+").replaceAll("_", "/")).split(".");
    if (/^\d{1,16}$/.test(at)) return { createdAt: Number(at), id: Id.parse(id) };
  } catch {
    // Refused below.
  }
  throw fail("request.invalid", {
    fields: [{ path: "cursor", message: "This is not a place in this list." }],
  });
}

/** One page out of `limit + 1` rows: the extra row only says that there is more. */
export function pageOf<Row extends Before, Item>(
  rows: Row[],
  limit: number,
  show: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(show), next: rows.length > limit && last ? cursorOf(last) : null };
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/;

/** Text that people wrote: no control characters besides tab and line ends, no half surrogates. */
export function plainText(max: number) {
  return z.string().max(max, `must be at most ${max} characters`)
    .refine((value) => !CONTROL.test(value), "must not contain control characters")
    .refine((value) => value.isWellFormed(), "must be valid Unicode");
}

/** A family of modes, or one mode as `family/submode`. */
export const ModeFilter = z.string().min(1).max(80).openapi({
  description: "Films of one family of modes, or of one mode: `ltx`, `ltx/lipsync`.",
});

export function modeFilter(asked: string | undefined): { mode: string | null; submode: string | null } {
  return asked === undefined ? { mode: null, submode: null } : namesOf(asked);
}
