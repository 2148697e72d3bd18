/** The page of long takes without scripts: its form becomes the same sheet that the browser keeps, read and planned by the API. */
import type { Context } from "fresh";
import type { TakePlan } from "@/components/takes/plans.ts";
import type { Sent, TakesStart } from "@/components/takes/desk.ts";
import type { ShownJob } from "@/core/shown.ts";
import type { ShownPreview } from "@/core/shown_preview.ts";
import type { ShownPromptFile } from "@/core/shown_prompt_files.ts";
import {
  addRead,
  changeEntry,
  EMPTY_SHEET,
  homeOf,
  kindOfFile,
  requestOfTake,
  TAKE_PLACES,
  type TakeEntry,
  type TakeFile,
  type TakePlace,
  type TakeSheet,
  type TakeWay,
} from "@/core/take_sheet.ts";
import { asSentence } from "@/core/words/format.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { ask } from "./ask.ts";
import { bringIn, sentenceOf } from "./composing.ts";
import { type Fields, type FormFile, readForm } from "./form.ts";
import type { State } from "./state.ts";

type Asking = Pick<Context<State>, "req" | "url" | "state">;

/** Many takes of many fields, and as many files as a person picks at once. */
const LIMITS = { fields: 2000, files: 200, parts: 2200 };

export interface Taken {
  start: TakesStart;
  /** What the person pressed. */
  action: string;
  ticket: string;
}

/** A picture or clip that was brought, and where it belongs: a field's own place, or the take of the same name. */
interface Brought {
  name: string;
  place: TakePlace;
  /** Number of the take in the form; null for whatever has its name. */
  at: number | null;
  file: TakeFile;
}

export async function readTakes(ctx: Asking): Promise<Taken> {
  const items = new Map<number, ShownPromptFile[]>();
  const brought: Brought[] = [];
  const notes: string[] = [];
  const fields = await readForm(ctx.req, async (file, before) => {
    if (kindOfFile(file.name) === "prompts") {
      items.set(file.nth, await readContent(ctx, file.name, file.content));
    } else await takeMedia(ctx, { file, before, brought, notes });
  }, LIMITS);
  const text = (name: string) => fields.get(name)?.at(-1) ?? "";
  const written = text("written").trim() === "" ? [] : await readText(ctx, words.pasted, text("written"));
  const read = [...items].sort(([a], [b]) => a - b).flatMap(([, of]) => of);
  let sheet: TakeSheet = { ...EMPTY_SHEET, entries: entriesOf(fields), way: wayOf(fields) };
  const known = sheet.entries.length;
  sheet = addRead(
    sheet,
    [...await readBad(ctx, fields), ...written, ...read],
    () => ctx.state.studio.ids.uuid4(),
  );
  for (const { name, place, at, file } of brought) {
    const home = at === null ? homeOf(sheet.entries, { name, place }) : sheet.entries[at] ?? null;
    if (home) sheet = changeEntry(sheet, home.key, { [place]: file });
    else notes.push(words.homeless(name));
  }
  const action = text("do") || "plan";
  const start = { sheet: dropAsked(sheet, action, known), plans: {}, sent: {}, notes };
  return { start, action, ticket: text("ticket") };
}

async function readContent(
  ctx: Asking,
  name: string,
  content: ReadableStream<Uint8Array>,
): Promise<ShownPromptFile[]> {
  const path = `/api/takes/content?name=${encodeURIComponent(name.slice(-400))}`;
  const answer = await ask<{ items: ShownPromptFile[] }>(ctx, path, { method: "POST", content });
  if (answer.ok) return answer.body.items;
  return [{ name, take: null, faults: [{ block: 0, line: 1, text: answer.problem.title }], text: null }];
}

function readText(ctx: Asking, name: string, text: string): Promise<ShownPromptFile[]> {
  return readContent(ctx, name, new Blob([text]).stream());
}

async function takeMedia(
  ctx: Asking,
  { file, before, brought, notes }: {
    file: FormFile;
    before: Fields;
    brought: Brought[];
    notes: string[];
  },
): Promise<void> {
  const own = /^take\.(\d{1,4})\.(image|video)File$/.exec(file.field);
  const kind = kindOfFile(file.name);
  const place = own?.[2] === "video" ? "video" : own ? "image" : kind;
  if (place === null || place === "prompts") return void notes.push(words.strange(file.name));
  const made = await bringIn(ctx, file, before);
  if (!made.ok) return void notes.push(sentenceOf(made.problem, file.name));
  const { id, name, thumbnailUrl } = made.body;
  const at = own ? Number(own[1]) : null;
  brought.push({ name: file.name, place, at, file: { name, assetId: id, thumbnail: thumbnailUrl } });
}

function indexesOf(fields: Fields, pattern: RegExp): number[] {
  return [...fields.keys()].flatMap((name) => {
    const found = pattern.exec(name);
    return found ? [Number(found[1])] : [];
  }).sort((a, b) => a - b);
}

/** Takes that were made already have no fields any more. */
function entriesOf(fields: Fields): TakeEntry[] {
  return indexesOf(fields, /^take\.(\d{1,4})\.name$/).map((at) => {
    const text = (name: string) => fields.get(`take.${at}.${name}`)?.at(-1) ?? "";
    const fileOf = (place: TakePlace): TakeFile | null =>
      text(place) === ""
        ? null
        : { name: text(`${place}Name`), assetId: text(place), thumbnail: thumbOf(text(`${place}Thumb`)) };
    const [image, video] = TAKE_PLACES.map(fileOf);
    return {
      key: text("key"),
      source: text("source"),
      name: text("name"),
      frames: text("frames"),
      prompt: text("prompt"),
      negativePrompt: text("negativePrompt"),
      image: image ?? null,
      video: video ?? null,
    };
  });
}

/** Only what the studio itself gave out. */
function thumbOf(path: string): string | null {
  return /^\/api\/assets\/[0-9a-f-]{36}\/thumbnail$/.test(path) ? path : null;
}

async function readBad(ctx: Asking, fields: Fields): Promise<ShownPromptFile[]> {
  const read: ShownPromptFile[] = [];
  const action = fields.get("do")?.at(-1) ?? "";
  for (const at of indexesOf(fields, /^bad\.(\d{1,4})\.text$/)) {
    if (action === `dropBad ${at}`) continue;
    const text = (name: string) => fields.get(`bad.${at}.${name}`)?.at(-1) ?? "";
    read.push(...await readText(ctx, text("name"), text("text")));
  }
  return read;
}

function wayOf(fields: Fields): TakeWay {
  const { way } = EMPTY_SHEET;
  // A form without takes has no settings yet.
  if (!fields.has("way.chunk")) return way;
  const text = (name: string) => fields.get(`way.${name}`)?.at(-1) ?? "";
  return {
    chunk: text("chunk"),
    overlap: text("overlap"),
    seams: text("seams") === "blend" ? "blend" : "keep",
    correct: fields.has("way.correct"),
    firstPass: fields.has("way.firstPass"),
    keep: fields.has("way.keep"),
    preset: text("preset"),
    width: text("width"),
    height: text("height"),
  };
}

function dropAsked(sheet: TakeSheet, action: string, known: number): TakeSheet {
  const at = Number(/^drop (\d{1,4})$/.exec(action)?.[1] ?? Infinity);
  const gone = at < known ? sheet.entries[at] : undefined;
  return { ...sheet, entries: sheet.entries.filter((entry) => entry !== gone) };
}

/** The plan of every take that is not made, as the API has it. */
export async function planTakes(ctx: Asking, start: TakesStart): Promise<TakesStart> {
  const plans: Record<string, TakePlan> = {};
  for (const entry of start.sheet.entries) {
    const body = requestOfTake(entry, start.sheet.way);
    const answer = await ask<ShownPreview>(ctx, "/api/jobs/preview", { body });
    plans[entry.key] = answer.ok
      ? { preview: answer.body, trouble: null }
      : { preview: null, trouble: answer.problem.title };
  }
  return { ...start, plans };
}

/** Asks for every take. With its form's ticket one is made once, however often the form is sent. */
export async function makeTakes(ctx: Asking, { start, ticket }: Taken): Promise<TakesStart> {
  const sent: Record<string, Sent> = {};
  for (const [at, entry] of start.sheet.entries.entries()) {
    const answer = await ask<{ items: ShownJob[] }>(ctx, "/api/jobs", {
      body: requestOfTake(entry, start.sheet.way),
      headers: /^[\w-]{8,80}$/.test(ticket) ? { "idempotency-key": `${ticket}-${at}` } : {},
    });
    if (answer.ok) sent[entry.key] = { job: answer.body.items[0]?.id ?? null, says: "", fields: [] };
    else {
      const { title, fields = [] } = answer.problem;
      const says = fields.map(({ message }) => asSentence(message)).join(" ") || title;
      sent[entry.key] = { job: null, says, fields };
    }
  }
  return { ...start, sent };
}
