/** Everything that the composer knows and does, joined: what it shows is drawn by the island. */
import { useState } from "preact/hooks";
import {
  chooseMode,
  type Composition,
  edit,
  lacksOf,
  redo,
  requestOf,
  submitted,
  undo,
} from "@/core/composer.ts";
import type { AskedMode } from "@/core/modes.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownField, ShownModes } from "@/core/shown.ts";
import { composer as words } from "@/core/words/composer.ts";
import { asSentence } from "@/core/words/format.ts";
import { type Start, useDesk } from "./desk.ts";
import { offerFor } from "./offered.ts";
import { useForesight } from "./preview.ts";
import { missingOf } from "./says.tsx";
import { type Refused, useSending } from "./sending.ts";

export interface WorkOptions {
  userId: string;
  offer: ShownModes;
  /** What a new film begins with. */
  usual: Composition;
  start: Start | null;
  /** The mode that the address asks for. */
  mode: AskedMode | null;
  refused: Refused | null;
  /** The project that the film is made in. */
  projectId: string | null;
}

export function useWork({ offer, refused, ...options }: WorkOptions) {
  const { userId, projectId } = options;
  const desk = useDesk({ ...options, modes: offer.items });
  const { composer, change, say } = desk;
  const { composition } = composer.now;
  const offered = offerFor(offer.items, composition);
  const request = requestOf(composer);
  /** Counts the films that were made here: each moves the queue. */
  const [made, setMade] = useState(0);
  /** Films that were made last, until something is asked again. */
  const [told, setTold] = useState(0);
  const foresight = useForesight(request, made);
  const missing = missingOf({ lacks: lacksOf(composer, offered), desk, foresight, offered });
  const sending = useSending(projectId === null ? request : { ...request, projectId }, refused);
  const set = (next: Partial<Composition>, name = "") => {
    setTold(0);
    change((now, at) => edit(now, next, { name, at }));
  };
  return {
    userId,
    desk,
    composition,
    modes: offer.items,
    offered,
    foresight,
    missing,
    sending,
    set,
    /** Said when a film was made, and nothing has been asked since. */
    told: told > 0 && composition.prompt === "" ? madeWords(told, offered) : null,
    // While the studio looks at what has changed, its word on what was before is not shown.
    notes: notesOf(sending.notes, foresight.isLooking ? [] : foresight.preview?.missing ?? []),
    setMode(mode: string) {
      setTold(0);
      change((now, at) => chooseMode(now, mode, at));
      say(words.told.mode(offerFor(offer.items, { ...composition, mode })?.name ?? mode));
    },
    /** What would work where no server takes what is asked for. */
    instead() {
      const { servers } = foresight.preview ?? {};
      if (servers) void import("./late.ts").then(({ takeOffered }) => set(takeOffered(composition, servers)));
    },
    undo: () => change(undo),
    redo: () => change(redo),
    /** False when something is missing, which is said. */
    async send(): Promise<boolean> {
      if (missing !== null) say(missing);
      if (missing !== null || sending.isSending) return false;
      const jobs = await sending.send();
      if (jobs === 0) return true;
      void import("./late.ts").then(({ keepWords }) => keepWords(userId, composition.prompt));
      change(submitted);
      setMade(made + 1);
      setTold(jobs);
      say(madeWords(jobs, offered));
      return true;
    },
  };
}

export type Work = ReturnType<typeof useWork>;

function madeWords(jobs: number, offered: OfferedMode | undefined): string {
  if (jobs > 1) return words.told.many(jobs);
  return offered?.delivers === "still" ? words.told.madePicture : words.told.made;
}

/** What was refused, and what would be; words that nobody has written yet are no fault. */
function notesOf(refused: ShownField[], foreseen: ShownField[]): ShownField[] {
  return [...refused, ...foreseen.filter(({ path }) => path !== "prompt")]
    .map(({ path, message }) => ({ path, message: asSentence(message) }));
}
