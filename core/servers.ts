/** Render servers as operators set them: where they are, how they are reached, what they are good for. */
import { z } from "zod";
import type { TemplateLacks } from "./admin.ts";
import type { By } from "./audit.ts";
import { servers as words } from "./words/servers.ts";

/** Named by COMFY_URLS; named there once and no more; added while the studio ran; the studio's own draft renderer. */
export const ORIGINS = ["config", "former", "added", "draft"] as const;
export type Origin = (typeof ORIGINS)[number];

/** What operators set. The runtime reads it and never writes it. */
export interface ServerSettings {
  name: string | null;
  origin: Origin;
  /** Header of its own, sealed. */
  auth: string | null;
  /** Without one of its own COMFY_AUTH_HEADER is sent: only where COMFY_URLS names the address, or it was sent before. */
  usualHeader: boolean;
  tags: string[];
  /** The card, in the operator's words. */
  gpu: string | null;
  /** Counts instead of what the server says of its memory. */
  vramGiven: number | null;
  /** Price of an hour; counts instead of GPU_COST_PER_HOUR. */
  costHour: number | null;
  /** Counts instead of COMFY_SLOTS. */
  slotsGiven: number | null;
  /** Counts the edits, so that nobody's is written over by another's. */
  rev: number;
}

export const SLOTS_MAX = 8;
const TAGS_MAX = 12;
const GB = 1e9;

/** `http(s)://host[:port][/prefix]` and nothing else; null for any other text. Secrets belong in the header. */
export function serverAddress(text: string): string | null {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return null;
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

/** Told apart as the studio stores addresses, however they are written. */
export function sameAddress(a: string, b: string): boolean {
  return (serverAddress(a) ?? a) === (serverAddress(b) ?? b);
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const line = (max: number) =>
  z.string().trim().max(max, words.wrong.long(max)).refine((text) => !CONTROL.test(text), words.wrong.line);
/** Headers that the client itself decides. */
const OWN_HEADERS = /^(host|connection|content-.*|transfer-encoding|upgrade|te|trailer|sec-.*)$/i;
export const AuthHeader = line(4000).refine((text) => {
  const [, name, value] = /^([A-Za-z0-9-]+):\s*(\S.*)$/.exec(text) ?? [];
  return name !== undefined && value !== undefined && !OWN_HEADERS.test(name);
}, words.wrong.header);
export const ServerUrl = z.string().max(500, words.wrong.long(500)).transform((text, context) => {
  const address = serverAddress(text);
  if (address !== null) return address;
  context.addIssue({ code: "custom", message: words.wrong.url });
  return z.NEVER;
});
const Tag = line(24).pipe(z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, words.wrong.tag));

/** What may be said of a server; what is left out stays as it is, or is nothing. */
export const ServerWish = z.strictObject({
  url: ServerUrl.optional(),
  name: line(60).nullable().optional(),
  slots: z.int().min(1).max(SLOTS_MAX).nullable().optional(),
  /** Null takes it away. */
  header: AuthHeader.nullable().optional(),
  tags: z.array(Tag).max(TAGS_MAX, words.wrong.tags(TAGS_MAX)).optional(),
  gpu: line(60).nullable().optional(),
  costHour: z.number().min(0).max(10_000).nullable().optional(),
  vramBytes: z.number().min(GB / 2).max(2000 * GB).nullable().optional(),
});
export type ServerWish = z.output<typeof ServerWish>;

/** What a server said when it was tried. */
export interface ServerTest {
  reachable: boolean;
  /** Why not, or what is wrong with its answer. */
  problem: string | null;
  version: string | null;
  device: string | null;
  vramBytes: number | null;
  vramFree: number | null;
  ramFree: number | null;
  /** Lines for each template that it lacks something for. */
  lacks: TemplateLacks[];
  /** Templates that it has everything for. */
  able: string[];
}

export type Saved =
  /** `headerGone`: its own header was given for the former address, and went with it. */
  | { end: "saved"; id: string; rev: number; headerGone: boolean }
  /** Nothing was saved: it did not pass the test. */
  | { end: "silent"; test: ServerTest }
  /** Another one has this address. */
  | { end: "taken"; id: string }
  /** Somebody edited it since. */
  | { end: "changed" }
  /** It carries work; its address stays until that is done, and so does the server. */
  | { end: "works"; parts: number }
  /** Its address stands in the configuration, or it is the studio's own. */
  | { end: "fixed"; origin: Origin }
  | { end: "missing" };

export interface Servers {
  /** Asks a server that is perhaps none of ours. With `id`, the stored address and header fill what is left out. */
  test(
    asked: { id?: string; url?: string; header?: string | null },
    signal: AbortSignal,
  ): Promise<ServerTest | null>;
  /** Tried before it is saved, unless `untested`. */
  add(wish: ServerWish & { url: string }, options: { untested: boolean }, by: By): Promise<Saved>;
  edit(id: string, wish: ServerWish & { rev: number }, by: By): Promise<Saved>;
  /** Null when it is gone, else why it stays. */
  remove(
    id: string,
    by: By,
  ): Promise<Exclude<Saved, { end: "saved" | "silent" | "taken" | "changed" }> | null>;
}
