/** Every part of the film as a tile: how it stands, its takes, how long it took, and taking it again. */
import type { ShownJobDetail, ShownStep } from "@/core/shown.ts";
import type { ShownChunk } from "@/core/shown_take.ts";
import { clock, percent } from "@/core/words/format.ts";
import { job as words } from "@/core/words/job.ts";
import { Icon } from "../icon.tsx";
import { alert, retake } from "../icons.ts";
import { Picture } from "../films/picture.tsx";
import type { Look } from "./face.ts";
import { canRetake, clipOf, type Part, partShare, pictureOf, secondsOf, takeNumber } from "./view.ts";

/** Browsers read the first frames of this many parts by themselves. */
const PICTURED_MAX = 24;

export interface TilesProps {
  job: ShownJobDetail;
  parts: readonly Part[];
  look: Look;
  /** Milliseconds. */
  now: number;
  canRetake: boolean;
  /** How a piece of a long take meets the one before it; comes with the script of long takes. */
  joinOf?(chunk: ShownChunk): string | null;
  onPlay(part: Part): void;
  onLook(look: Look): void;
  onRetake(part: Part): void;
  /** The browser has read how long a clip is. */
  onLength(url: string, seconds: number): void;
}

export function Tiles(props: TilesProps) {
  return (
    // Narrow windows scroll it sideways: where no part can be pressed, keys reach it by itself.
    <ol
      class="film plain"
      aria-label={words.parts}
      tabIndex={props.parts.some((part) => part.used !== null) ? undefined : 0}
    >
      {props.parts.map((part) => <Tile key={part.step} {...props} part={part} />)}
    </ol>
  );
}

type TileProps = TilesProps & { part: Part };

function Tile(props: TileProps) {
  const { job, part, onRetake } = props;
  const isStale = part.used?.stale === true;
  // A new element for each text: what stands at the right would else move with its width.
  const note = noteOf(props);
  const chunk = job.take?.chunks[part.number - 1];
  const join = (chunk && props.joinOf?.(chunk)) ?? null;
  return (
    <li
      class={`part ${part.state}${isStale ? " stale" : ""}`}
      title={isStale ? words.tile.stale : undefined}
    >
      <Face {...props} />
      <div class="cap num">
        {join !== null && <em>{join}</em>}
        <span>
          {part.takes.length > 1 ? words.tile.take(part.number, takeNumber(part.newest)) : part.number}
        </span>
        <span key={note}>{note}</span>
      </div>
      {props.canRetake && canRetake(part) && (
        <a
          class="act"
          href={`/jobs/${job.id}?retake=${part.step}#retake`}
          aria-label={words.tile.retake(part.number)}
          title={words.tile.retake(part.number)}
          onClick={(event) => {
            event.preventDefault();
            onRetake(part);
          }}
        >
          <Icon of={retake} />
        </a>
      )}
      {part.takes.length > 1 && <Takes {...props} />}
    </li>
  );
}

/** What is seen of a part: its first frame, what is being drawn, or nothing yet. */
function Face(props: TileProps) {
  const { job, part } = props;
  const isNow = part.state === "now";
  const preview = isNow ? job.progress?.previewUrl ?? null : null;
  const share = isNow ? partShare(part, job.progress) : null;
  return (
    <>
      {preview !== null
        ? <Drawn {...props} preview={preview} />
        : part.used !== null && <Clip {...props} take={part.used} />}
      {part.state === "failed" && (
        <span class="pct bad">
          <Icon of={alert} />
        </span>
      )}
      {isNow && <span class="pct num">{share === null ? "" : percent(share)}</span>}
    </>
  );
}

function Drawn({ job, part, preview, onLook }: TileProps & { preview: string }) {
  return (
    <a
      class="open"
      href={`/jobs/${job.id}?look=live`}
      aria-label={words.tile.watch(part.number)}
      onClick={(event) => {
        event.preventDefault();
        onLook("live");
      }}
    >
      <Picture src={preview} eager />
    </a>
  );
}

function Clip({ job, part, take, onPlay, onLength }: TileProps & { take: ShownStep }) {
  const clip = clipOf(take);
  const picture = pictureOf(take);
  if (clip === null && picture === null) return null;
  return (
    <a
      class="open"
      href={`/jobs/${job.id}?take=${part.step}.${take.take}`}
      aria-label={words.tile.play(part.number)}
      onClick={(event) => {
        event.preventDefault();
        onPlay(part);
      }}
    >
      {clip === null ? picture !== null && <Picture src={picture} /> : (
        <video
          src={clip}
          muted
          playsInline
          tabIndex={-1}
          preload={part.number <= PICTURED_MAX ? "metadata" : "none"}
          ref={(screen) => void (screen && screen.readyState > 0 && onLength(clip, screen.duration))}
          onLoadedMetadata={(event) => onLength(clip, event.currentTarget.duration)}
        />
      )}
    </a>
  );
}

/** The right of a tile's line: how long it took, how long it will take, or what it waits for. */
function noteOf({ job, part, parts, now }: TileProps): string {
  const { newest } = part;
  if (part.state === "failed") return words.tile.failed;
  if (part.state === "done") {
    const took = secondsOf(newest.startedAt, newest.endedAt, now);
    return took === null ? "" : clock(took);
  }
  if (part.state === "now") return leftOf(job, part, now);
  if (newest.state === "waiting_for_person") return words.tile.waits;
  if (newest.problem !== null) return words.tile.again;
  const next = parts.find(({ state }) => state === "todo");
  return next === part && !job.paused && job.endedAt === null ? words.tile.next : "";
}

/** Guessed from how far this part has come; the first moments say nothing. */
function leftOf(job: ShownJobDetail, part: Part, now: number): string {
  const take = part.newest;
  const share = partShare(part, job.progress) ?? 0;
  const spent = secondsOf(take.startedAt, null, now) ?? 0;
  if (share < 0.05 || spent < 1) return take.attempt > 1 ? words.tile.attempt(take.attempt) : "";
  return words.tile.left(clock(spent / share * (1 - share)));
}

function Takes({ job, part, look, onLook }: TileProps) {
  return (
    <div class="takes num" role="group" aria-label={words.tile.takes(part.number)}>
      {part.takes.filter((take) => (clipOf(take) ?? pictureOf(take)) !== null).map((take) => {
        const isSeen = typeof look === "object" && look?.step === part.step && look.take === take.take;
        return (
          <a
            key={take.take}
            class={take === part.used ? "used" : undefined}
            href={`/jobs/${job.id}?take=${part.step}.${take.take}`}
            aria-label={words.tile.choose(takeNumber(take), take === part.used)}
            aria-current={isSeen ? "true" : undefined}
            onClick={(event) => {
              event.preventDefault();
              onLook({ step: part.step, take: take.take });
            }}
          >
            {takeNumber(take)}
          </a>
        );
      })}
    </div>
  );
}
