/** The composer at work: its state, the files on their way, what is kept over a reload, and what is said aloud. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";
import {
  attach,
  begin,
  chooseMode,
  type Composer,
  type Composition,
  type HeldFile,
  heldFileOf,
  type Kind,
  learn,
  replace,
  type Role,
} from "@/core/composer.ts";
import { fromStored, toStored } from "@/core/composer_stored.ts";
import { formsOf } from "@/core/forms.ts";
import type { AskedMode } from "@/core/modes.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownAsset } from "@/core/shown.ts";
import { composer as words } from "@/core/words/composer.ts";
import { newKey } from "./call.ts";
import { offerFor, titleOf } from "./offered.ts";
import type { Transfer, Uploads } from "./uploads.ts";

/** A composition that the server hands in: of another job, or of a form that was refused. */
export interface Start {
  composition: Composition;
  files: Record<string, HeldFile>;
}

export interface Desk {
  composer: Composer;
  transfers: Record<string, Transfer>;
  /** Files that the page holds, by key. */
  held: Map<string, File>;
  /** What a screen reader hears next. */
  told: string;
  change(next: (composer: Composer, at: number) => Composer): void;
  /** Attaches files, or puts the first one in the place of another. */
  add(files: Iterable<File>, how?: { role?: Role; insteadOf?: string }): void;
  retry(key: string): void;
  /** Address of a picture of the file. */
  pictureOf(key: string): string | null;
  say(sentence: string): void;
}

interface DeskOptions {
  userId: string;
  modes: readonly OfferedMode[];
  usual: Composition;
  start: Start | null;
  /** The mode that the address asks for. */
  mode: AskedMode | null;
  projectId: string | null;
}

export function useDesk(options: DeskOptions): Desk {
  const { userId, start, projectId } = options;
  const store = `composer ${userId}`;
  const [composer, setComposer] = useState(() => firstState(store, options));
  const [transfers, setTransfers] = useState<Record<string, Transfer>>({});
  const [told, say] = useState("");
  const pictures = useRef(new Map<string, string>()).current;
  const hear = useRef((_key: string, _news: Transfer | ShownAsset) => {});
  const held = useRef(new Map<string, File>()).current;
  const uploads = useMemo(() => lateUploads({ held, projectId }, (key, news) => hear.current(key, news)), []);
  hear.current = (key, news) => {
    const name = composer.files[key]?.name ?? "";
    if (!("id" in news)) {
      const { state, why } = news;
      if (state === "waiting") say(words.told.waiting(name));
      if (state === "failed") say(words.told.failed(name, why));
      return setTransfers((all) => ({ ...all, [key]: news }));
    }
    setTransfers(({ [key]: _done, ...others }) => others);
    setComposer((now) => learn(now, key, heldFileOf(news)));
    const role = composer.now.composition.chips.find((chip) => chip.key === key)?.role;
    say(
      words.told.here(
        news.name,
        role ? titleOf(role, offerFor(options.modes, composer.now.composition)) : news.type ?? "",
      ),
    );
  };

  const { chips } = composer.now.composition;
  useEffect(() => {
    const there = new Set(chips.map(({ key }) => key));
    for (const { key } of chips) {
      if (!composer.files[key]?.assetId && transfers[key]?.state !== "failed") uploads.send(key);
    }
    for (const key of Object.keys(composer.files)) if (!there.has(key)) uploads.stop(key);
  }, [chips]);
  // At once: whoever types and leaves in the same moment finds it again.
  useLayoutEffect(() => write(store, toStored(composer)), [composer]);
  // From here on the composer is the person's own: a reload brings that back, not the beginning.
  useEffect(() => {
    const here = new URL(location.href);
    here.searchParams.delete("from");
    if (options.mode) here.search = "";
    if (start || options.mode) history.replaceState(null, "", here);
  }, []);

  return {
    composer,
    transfers,
    held,
    told,
    say,
    change: (next) => setComposer((now) => next(now, pageTime())),
    add(files, { role, insteadOf } = {}) {
      let instead = insteadOf;
      for (const file of files) {
        const [key, facts] = [newKey(), factsOf(file)];
        held.set(key, file);
        if (facts.kind === "image") pictures.set(key, URL.createObjectURL(file));
        const [old, at] = [instead, pageTime()];
        setComposer((now) =>
          old
            ? replace(now, { key: old, by: key, file: facts, at })
            : attach(now, { key, file: facts, role, at })
        );
        say(words.told.uploading(facts.name));
        instead = undefined;
      }
    },
    retry(key) {
      setTransfers(({ [key]: _failed, ...others }) => others);
      uploads.send(key);
    },
    pictureOf: (key) => pictures.get(key) ?? composer.files[key]?.thumbnail ?? null,
  };
}

const AGAIN_MS = 2000;

/** What sends files is loaded with the first of them. */
function lateUploads(
  from: { held: Map<string, File>; projectId: string | null },
  tell: (key: string, news: Transfer | ShownAsset) => void,
): Uploads {
  let open: Promise<Uploads> | null = null;
  const uploads: Uploads = {
    send(key) {
      open ??= import("./uploads.ts").then(({ openUploads }) => openUploads(from, tell));
      open.then((its) => its.send(key), () => {
        open = null;
        tell(key, { state: "waiting", share: 0, why: "" });
        setTimeout(() => uploads.send(key), AGAIN_MS);
      });
    },
    stop: (key) => void open?.then((its) => its.stop(key), () => {}),
  };
  return uploads;
}

/** What the server handed in, else what was kept; words typed before the script came win over both. */
function firstState(store: string, { usual, start, mode, modes }: DeskOptions): Composer {
  const forms = formsOf(modes);
  const inMode = (composer: Composer) => mode ? chooseMode(composer, mode.id, 0, mode) : composer;
  const given = start && begin(start.composition, start.files, forms);
  if (!IS_BROWSER) return given ?? inMode(begin(usual, {}, forms));
  const kept = fromStored(read(store), forms);
  const first = given
    ? { ...given, past: kept ? [kept.now] : [], files: { ...kept?.files, ...given.files } }
    : kept;
  const form = document.querySelector<HTMLFormElement>("form.composer");
  const prompt = String(form ? new FormData(form).get("prompt") ?? "" : "");
  const composer = inMode(first ?? begin(usual, {}, forms));
  if (prompt === "" || prompt === start?.composition.prompt) return composer;
  const composition = { ...composer.now.composition, prompt };
  return { ...composer, now: { ...composer.now, composition }, past: [...composer.past, composer.now] };
}

/** Milliseconds since the page began. */
function pageTime(): number {
  return Number(document.timeline.currentTime);
}

const KINDS = /^(image|video|audio)\//;

function factsOf({ name, type }: File): HeldFile {
  const kind = (KINDS.exec(type)?.[1] ?? null) as Kind | null;
  const unknown = { assetId: null, width: null, height: null, seconds: null, rate: null, thumbnail: null };
  return { name: name || "file", kind, ...unknown };
}

/** Browsers may refuse storage; then nothing outlives a reload, and all else works. */
export function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function write(name: string, text: string): void {
  try {
    localStorage.setItem(name, text);
  } catch { /* As above. */ }
}
