/** What a person does on the page of long takes: files come and are read, words are changed, films are made. */
import { useMemo, useRef, useState } from "preact/hooks";
import type { ShownAsset, ShownField, ShownJob } from "@/core/shown.ts";
import {
  addRead,
  changeEntry,
  dropLine,
  homeOf,
  kindOfFile,
  requestOfTake,
  TAKE_PLACES,
  type TakeEntry,
  type TakePlace,
  type TakeSheet,
  type TakeWay,
} from "@/core/take_sheet.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { call, newKey, sentencesOf } from "../composer/call.ts";
import { openUploads, type Transfer } from "../composer/uploads.ts";
import { type TakePlans, usePlans } from "./plans.ts";
import { type NamedFile, readPrompts } from "./read.ts";

/** What became of a take that was sent: its job, or why not. */
export interface Sent {
  job: string | null;
  says: string;
  fields: ShownField[];
}

export interface TakesStart {
  sheet: TakeSheet;
  plans: TakePlans;
  sent: Readonly<Record<string, Sent>>;
  /** Sentences about files that have no place here. */
  notes: string[];
}

const SAMPLES = ["harbour_walk.txt", "night_train.txt", "paper_boat.txt"];

export function useTakes(start: TakesStart) {
  const [sheet, setSheet] = useState(start.sheet);
  const [sent, setSent] = useState(start.sent);
  const [notes, setNotes] = useState(start.notes);
  /** Files that are being read. */
  const [reading, setReading] = useState(0);
  const [isSending, setSending] = useState(false);
  const [told, setTold] = useState("");
  const plans = usePlans(sheet, start.plans);
  const files = useMedia(setSheet);
  const latest = useRef(sheet);
  latest.current = sheet;

  const read = async (given: NamedFile[]) => {
    setNotes([]);
    const prompts = given.filter(({ name }) => kindOfFile(name) === "prompts");
    setReading((now) => now + prompts.length);
    setTold(words.toRead(prompts.length));
    let faults = 0;
    for (const one of prompts) {
      const items = await readPrompts(one);
      setReading((now) => now - 1);
      if (items === null) {
        setNotes((before) => [...before, words.unreadable(one.name)]);
        continue;
      }
      faults += items.filter(({ take }) => take === null).length;
      const key = newKey();
      // What comes next in this turn is to find it: the page draws later.
      latest.current = addRead(latest.current, items, (at) => `${key}-${at}`);
      setSheet((before) => addRead(before, items, (at) => `${key}-${at}`));
    }
    for (const one of given) place(one);
    if (prompts.length > 0) setTold(words.read(prompts.length, faults));
  };
  const place = ({ name, file }: NamedFile) => {
    const kind = kindOfFile(name);
    if (kind === "prompts") return;
    if (kind === null) return setNotes((before) => [...before, words.strange(name)]);
    const home = homeOf(latest.current.entries, { name, place: kind });
    if (home) files.add(home.key, { place: kind, file });
    else setNotes((before) => [...before, words.homeless(name)]);
  };

  return {
    sheet,
    plans,
    sent,
    notes,
    reading,
    isSending,
    told,
    transfers: files.transfers,
    read,
    readText: (text: string, name: string = words.pasted) =>
      read([{ name, file: new File([text], name, { type: "text/plain" }) }]),
    async readSamples() {
      const found = await Promise.all(SAMPLES.map(async (name) => {
        const answer = await fetch(`/samples/takes/${name}`).catch(() => null);
        return answer?.ok ? [{ name, file: new File([await answer.bytes()], name) }] : [];
      }));
      await read(found.flat());
    },
    change: (key: string, change: Partial<TakeEntry>) => setSheet((now) => changeEntry(now, key, change)),
    drop(key: string) {
      for (const at of TAKE_PLACES) files.stop(key, at);
      setSheet((now) => dropLine(now, key));
    },
    setWay: (change: Partial<TakeWay>) => setSheet((now) => ({ ...now, way: { ...now.way, ...change } })),
    addFile: files.add,
    dropFile(key: string, at: TakePlace) {
      files.stop(key, at);
      setSheet((now) => changeEntry(now, key, { [at]: null }));
    },
    /** Sends every take that can be made and is not yet. */
    async make() {
      if (isSending) return;
      setSending(true);
      let last: string | null = null;
      let wrong = 0;
      for (const entry of readyTakes(sheet, { plans, sent })) {
        const made = await send(entry, sheet.way);
        setSent((before) => ({ ...before, [entry.key]: made }));
        if (made.job === null) wrong++;
        else last = made.job;
      }
      setSending(false);
      const isOnly = sheet.entries.length === 1 && sheet.bad.length === 0;
      if (isOnly && last !== null) location.assign(`/jobs/${last}`);
      else setTold(wrong === 0 ? words.made.all(sheet.entries.length) : words.failed);
    },
    again() {
      setSheet((now) => ({ ...now, entries: now.entries.filter(({ key }) => !sent[key]?.job) }));
    },
  };
}

export type TakesDesk = ReturnType<typeof useTakes>;

/** The takes whose plan stands, and which are not made yet. */
export function readyTakes(
  { entries }: TakeSheet,
  { plans, sent }: Pick<TakesStart, "plans" | "sent">,
): TakeEntry[] {
  return entries.filter(({ key }) => plans[key]?.preview?.ok && !sent[key]?.job);
}

/** The same request after a lost answer is the same film. */
const keys = new Map<string, string>();

async function send(entry: TakeEntry, way: TakeWay): Promise<Sent> {
  const body = requestOfTake(entry, way);
  const text = `${entry.key} ${JSON.stringify(body)}`;
  const once = keys.get(text) ?? newKey();
  keys.set(text, once);
  const reply = await call<{ items: ShownJob[] }>("POST", "/jobs", { body, once });
  if (reply.ok) return { job: reply.body.items[0]?.id ?? null, says: "", fields: [] };
  const says = reply.problem === null ? words.offline : sentencesOf(reply.problem);
  return { job: null, says, fields: reply.problem?.fields ?? [] };
}

/** The pictures and clips of takes: sent as soon as they are there. A transfer is known by its take and its place. */
function useMedia(setSheet: (change: (now: TakeSheet) => TakeSheet) => void) {
  const [transfers, setTransfers] = useState<Record<string, Transfer>>({});
  const held = useRef(new Map<string, File>()).current;
  /** The upload that is under way for a place. */
  const running = useRef(new Map<string, string>()).current;
  const uploads = useMemo(() =>
    openUploads({ held, projectId: null }, (id, news) => {
      const [key = "", place = ""] = id.split(".");
      const at = placeId(key, place);
      if (isTransfer(news)) return setTransfers((before) => ({ ...before, [at]: news }));
      setTransfers(({ [at]: _done, ...rest }) => rest);
      const file = { name: news.name, assetId: news.id, thumbnail: news.thumbnailUrl };
      setSheet((now) => changeEntry(now, key, { [place]: file }));
    }), []);
  const stop = (key: string, place: TakePlace) => {
    const at = placeId(key, place);
    const id = running.get(at);
    if (id === undefined) return;
    uploads.stop(id);
    held.delete(id);
    setTransfers(({ [at]: _gone, ...rest }) => rest);
  };
  return {
    transfers,
    stop,
    add(key: string, { place, file }: { place: TakePlace; file: File }) {
      stop(key, place);
      const id = `${key}.${place}.${newKey()}`;
      running.set(placeId(key, place), id);
      held.set(id, file);
      const waiting = { name: file.name, assetId: null, thumbnail: null };
      setSheet((now) => changeEntry(now, key, { [place]: waiting }));
      uploads.send(id);
    },
  };
}

/** A place of a take in one word. */
export function placeId(key: string, place: string): string {
  return `${key}.${place}`;
}

function isTransfer(news: Transfer | ShownAsset): news is Transfer {
  return "share" in news;
}
