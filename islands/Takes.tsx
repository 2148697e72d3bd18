/** The page of long takes: files are dropped and read, each take stands there as a strip, and one button makes them all. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { OfferedMode } from "@/core/offer.ts";
import { clock } from "@/core/words/format.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { BadCard } from "@/components/takes/bad.tsx";
import { TakeCard } from "@/components/takes/card.tsx";
import { type TakesDesk, type TakesStart, useTakes } from "@/components/takes/desk.ts";
import { Bring } from "@/components/takes/bring.tsx";
import { droppedFiles, namedFiles } from "@/components/takes/read.ts";
import { totalOf } from "@/components/takes/view.ts";
import { WayFields } from "@/components/takes/way.tsx";
import { Icon } from "@/components/icon.tsx";
import { wand } from "@/components/icons_first.ts";

export interface TakesProps extends TakesStart {
  /** The long take as it is offered here. */
  offered: OfferedMode | null;
  /** Names this very form: sent twice, it makes the same films. */
  ticket: string;
  /** What was written and not read yet. */
  pasted: string;
}

const RATE = 16;

export default function Takes({ offered, ticket, pasted, ...start }: TakesProps) {
  const desk = useTakes(start);
  const isOver = useLanding(desk);
  const { entries, bad, way } = desk.sheet;
  const isEmpty = entries.length === 0 && bad.length === 0;
  return (
    <form
      class={isOver ? "takes dropping" : "takes"}
      method="post"
      action="/takes/new"
      encType="multipart/form-data"
      aria-label={words.title}
      onSubmit={(event) => {
        event.preventDefault();
        void desk.make();
      }}
    >
      <input type="hidden" name="ticket" value={ticket} />
      <Bring desk={desk} isSmall={!isEmpty} pasted={pasted} />
      {desk.reading > 0 && <p class="note now">{words.toRead(desk.reading)}</p>}
      {desk.notes.map((note) => <p key={note} class="note" role="alert">{note}</p>)}
      {!isEmpty && (
        <>
          <ol class="plain stack" aria-label={words.entries}>
            {bad.map((one, at) => <BadCard key={one.key} desk={desk} bad={one} at={at} />)}
            {entries.map((entry, at) => (
              <TakeCard key={entry.key} desk={desk} entry={entry} at={at} rate={offered?.rate ?? RATE} />
            ))}
          </ol>
          <WayFields way={way} offered={offered} set={desk.setWay} />
          <Total desk={desk} />
        </>
      )}
      <p class="unseen" role="status">{desk.told}</p>
      {isOver && <p class="landing">{words.drop.land}</p>}
    </form>
  );
}

/** What all of them come to, and the one button. */
function Total({ desk }: { desk: TakesDesk }) {
  const total = totalOf(desk.sheet, desk);
  const isOver = total.made > 0 && total.ready === 0 && total.waiting === 0;
  return (
    <div class="panel row total">
      {isOver ? <p>{words.made.all(total.made)}</p> : (
        <p class="num">
          <b>{words.total.films(total.ready)}</b>
          {total.ready > 0 && (
            <>
              {" "}· {clock(total.seconds)} · {words.total.work(total.workS)}
              <small class="quiet">{words.total.place(total.place)}</small>
            </>
          )}
          {total.waiting > 0 && <small class="wrong">{words.total.waits(total.waiting)}</small>}
        </p>
      )}
      <span class="row push">
        <button type="submit" class="btn plain-file" name="do" value="plan">{words.again}</button>
        {isOver
          ? (
            <>
              <button type="button" class="btn" onClick={desk.again}>{words.made.another}</button>
              <a class="btn go" href="/queue">{words.made.queue}</a>
            </>
          )
          : (
            <button
              type="submit"
              class="btn go"
              name="do"
              value="make"
              aria-disabled={desk.isSending || total.ready === 0 ? "true" : undefined}
            >
              <Icon of={wand} />
              {desk.isSending ? words.making : words.make(Math.max(1, total.ready))}
            </button>
          )}
      </span>
    </div>
  );
}

/** The whole page takes files that are dropped on it or pasted. */
function useLanding(desk: TakesDesk): boolean {
  const [isOver, setOver] = useState(false);
  const now = useRef(desk);
  now.current = desk;
  useEffect(() => {
    const ending = new AbortController();
    const on = <Name extends keyof DocumentEventMap>(
      name: Name,
      hear: (event: DocumentEventMap[Name]) => void,
    ) => document.addEventListener(name, hear, { signal: ending.signal });
    on("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", (event) => void (event.relatedTarget === null && setOver(false)));
    on("drop", (event) => {
      setOver(false);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      void droppedFiles(event.dataTransfer).then((files) => now.current.read(files));
    });
    on("paste", (event) => {
      const files = event.clipboardData?.files;
      const isTyping = event.target instanceof Element && event.target.matches("input, textarea");
      const text = isTyping ? "" : event.clipboardData?.getData("text/plain") ?? "";
      if (!files?.length && text.trim() === "") return;
      event.preventDefault();
      void (files?.length ? now.current.read(namedFiles(files)) : now.current.readText(text));
    });
    return () => ending.abort();
  }, []);
  return isOver;
}
