/** The sheet in which a clip is trimmed and scaled before it is sent: two handles, a look at it, and how long it becomes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { sheets } from "@/core/words/sheets.ts";
import { percent } from "@/core/words/format.ts";
import { Icon } from "@/components/icon.tsx";
import { cut, play } from "@/components/icons.ts";
import { Dialog } from "./dialog.tsx";
import type { SheetProps } from "./sheets.tsx";

const words = sheets.trim;
/** Seconds: finer than a frame of any clip, and a fair step for the arrow keys. */
const STEP = 0.05;
const SHORTEST = 0.2;
const SIZES = [["keep", null], ["p720", 720], ["p480", 480]] as const;

type State = { at: "choosing" | "fetching" | "loading" | "failed" } | { at: "cutting"; share: number };

export function TrimSheet({ desk, of, close }: SheetProps) {
  const facts = desk.composer.files[of];
  const [length, setLength] = useState(facts?.seconds ?? 0);
  const [from, setFrom] = useState(0);
  const [to, setTo] = useState(facts?.seconds ?? 0);
  const [lines, setLines] = useState<number | null>(null);
  const [state, setState] = useState<State>({ at: "choosing" });
  const video = useRef<HTMLVideoElement>(null);
  const ending = useRef(new AbortController());
  const source = useSource(desk.held.get(of), facts?.assetId ?? null);
  useEffect(() => () => ending.current.abort(), []);
  useLoop(video, { from, to });

  const look = (at: number) => {
    if (!video.current) return;
    video.current.pause();
    video.current.currentTime = at;
  };
  const setEnd = (end: "from" | "to", at: number) => {
    const value = end === "from"
      ? Math.max(0, Math.min(at, to - SHORTEST))
      : Math.min(length, Math.max(at, from + SHORTEST));
    if (end === "from") setFrom(value);
    else setTo(value);
    look(value);
  };
  const go = async () => {
    try {
      setState({ at: "fetching" });
      const file = desk.held.get(of) ?? await fetchClip(source, facts?.name ?? "clip");
      setState({ at: "loading" });
      const onShare = (share: number) => setState({ at: "cutting", share });
      const { cutClip } = await import("./cutter.ts");
      const made = await cutClip(file, { from, to, lines }, { onShare, signal: ending.current.signal });
      desk.add([made], { insteadOf: of });
      close();
    } catch {
      if (!ending.current.signal.aborted) setState({ at: "failed" });
    }
  };
  const isBusy = state.at !== "choosing" && state.at !== "failed";
  const share = length > 0 ? 100 / length : 0;
  const handle = (end: "from" | "to", value: number) => (
    <input
      type="range"
      min={0}
      max={length}
      step={STEP}
      value={value}
      aria-label={words[end]}
      aria-valuetext={seconds(value)}
      disabled={isBusy}
      onInput={({ currentTarget }) => {
        setEnd(end, Number(currentTarget.value));
        currentTarget.value = String(end === "from" ? Math.min(value, to) : value);
      }}
    />
  );
  return (
    <Dialog title={words.title} close={close}>
      <p class="small second">{words.lead}</p>
      <video
        ref={video}
        src={source}
        muted
        playsInline
        preload="auto"
        onLoadedMetadata={({ currentTarget: { duration } }) => {
          if (!Number.isFinite(duration) || length > 0) return;
          setLength(duration);
          setTo(duration);
        }}
      >
      </video>
      <div class="handles">
        <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect x={from * share} width={(to - from) * share} height="1" />
        </svg>
        {handle("from", from)}
        {handle("to", to)}
      </div>
      <div class="row num small spread">
        <span>{seconds(from)}</span>
        <button type="button" class="btn slim" onClick={() => playPart(video.current, from)}>
          <Icon of={play} />
          {words.play}
        </button>
        <b>{words.result(to - from, length)}</b>
        <span>{seconds(to)}</span>
      </div>
      <div class="seg" role="group" aria-label={words.size}>
        {SIZES.map(([name, wanted]) => (
          <button
            key={name}
            type="button"
            aria-pressed={lines === wanted}
            aria-disabled={isBusy}
            onClick={() => setLines(wanted)}
          >
            {words.sizes[name]}
          </button>
        ))}
      </div>
      <p class="small second" role="status">{sentenceOf(state)}</p>
      <progress
        class={isBusy ? "" : "idle"}
        value={state.at === "cutting" ? state.share : isBusy ? undefined : 0}
        aria-hidden="true"
      >
      </progress>
      <div class="row">
        <button type="button" class="btn" onClick={close}>{words.cancel}</button>
        <button type="button" class="btn go push" disabled={isBusy || length === 0} onClick={go}>
          <Icon of={cut} />
          {words.go}
        </button>
      </div>
    </Dialog>
  );
}

const seconds = (at: number) => `${at.toFixed(1)} s`;

function sentenceOf(state: State): string {
  if (state.at === "cutting") return words.working(percent(state.share));
  return state.at === "choosing" ? "" : words[state.at];
}

/** Address of the clip: of the file that the page holds, or of the one that the studio has. */
function useSource(held: File | undefined, assetId: string | null): string {
  const [source] = useState(() => held ? URL.createObjectURL(held) : `/api/assets/${assetId}/file`);
  useEffect(() => () => URL.revokeObjectURL(source), []);
  return source;
}

async function fetchClip(source: string, name: string): Promise<File> {
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(`The clip answered ${answer.status}`);
  return new File([await answer.blob()], name);
}

function playPart(video: HTMLVideoElement | null, from: number): void {
  if (!video) return;
  video.currentTime = from;
  void video.play().catch(() => {});
}

/** Plays the chosen part over and over. */
function useLoop(
  video: { current: HTMLVideoElement | null },
  { from, to }: { from: number; to: number },
): void {
  useEffect(() => {
    const player = video.current;
    const turn = () => {
      if (player && !player.paused && player.currentTime >= to) player.currentTime = from;
    };
    player?.addEventListener("timeupdate", turn);
    return () => player?.removeEventListener("timeupdate", turn);
  }, [from, to]);
}
