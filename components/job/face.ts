/** What stands in the picture's place: the film, the film so far, a take, a preview, or a sentence. Pure. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { films } from "@/core/words/films.ts";
import { clock } from "@/core/words/format.ts";
import { job as words } from "@/core/words/job.ts";
import { type Clip, playable, startsOf, totalOf } from "../player/reel.ts";
import { currentPiece, stateOf, stillOf } from "../films/view.ts";
import { isWaiting, type Turn, turnWords } from "./turn.ts";
import { clipOf, clipsSoFar, type Part, pictureOf, takeNumber, wordsOf } from "./view.ts";

/** What the person chose to look at: a take, what a failed job has kept, what is being drawn, the pieces as they came. Null is what the job has to show. */
export type Look = { step: string; take: number } | "kept" | "live" | "before" | null;

export type Face =
  | { kind: "clips"; clips: Clip[]; poster: string | null; marks: number[]; tag: string | null }
  | { kind: "failed" | "cancelled" }
  /** A picture, and words on it. */
  | { kind: "still"; picture: string | null; tag: string | null; text: string; isDim: boolean };

/** Lengths of clips that the browser has read, by address. */
export type Lengths = Readonly<Record<string, number>>;

export function faceOf(job: ShownJobDetail, parts: readonly Part[], { look, lengths, turn }: {
  look: Look;
  lengths: Lengths;
  turn: Turn | null;
}): Face {
  const asked = typeof look === "object" ? look ?? job.approvals[0] : undefined;
  const chosen = asked ? faceOfTake(parts, asked, lengths) : null;
  if (chosen) return chosen;
  if (look === "before" && job.take?.beforeUrl) {
    const clips = [{ url: job.take.beforeUrl, seconds: job.result?.seconds ?? null }];
    return { kind: "clips", clips, poster: null, marks: [], tag: null };
  }
  if (job.status === "completed" && job.result !== null) return faceOfFilm(job, parts, lengths);
  const isLost = job.status === "failed" || job.status === "cancelled";
  if (isLost && look !== "kept") return { kind: job.status === "failed" ? "failed" : "cancelled" };
  const clips = toClips(clipsSoFar(parts), lengths);
  const preview = job.progress?.previewUrl ?? null;
  if (clips.length > 0 && (look !== "live" || preview === null)) return faceSoFar(job, clips);
  if (isLost) return { kind: job.status === "failed" ? "failed" : "cancelled" };
  if (preview !== null) {
    return { kind: "still", picture: preview, tag: words.live, text: "", isDim: false };
  }
  const picture = job.result?.posterUrl ?? stillOf(job);
  return { kind: "still", picture, tag: stateOf(job), text: waitingText(job, turn), isDim: true };
}

function faceOfTake(
  parts: readonly Part[],
  look: { step: string; take: number },
  lengths: Lengths,
): Face | null {
  const part = parts.find(({ step }) => step === look.step);
  const take = part?.takes.find((one) => one.take === look.take);
  if (!part || !take) return null;
  const tag = words.take(part.number, takeNumber(take));
  const [clip, picture] = [clipOf(take), pictureOf(take)];
  if (clip === null && picture !== null) return faceOfPicture(picture, tag);
  if (clip === null) return null;
  return { kind: "clips", clips: toClips([clip], lengths), poster: null, marks: [], tag };
}

function faceOfPicture(picture: string, tag: string | null): Face {
  return { kind: "still", picture, tag, text: "", isDim: false };
}

function faceOfFilm({ result, film }: ShownJobDetail, parts: readonly Part[], lengths: Lengths): Face {
  const url = result?.url ?? "";
  if (result?.type === "image") return faceOfPicture(url, null);
  const seconds = result?.seconds ?? null;
  const pieces = toClips(clipsSoFar(parts), lengths);
  const isMeasured = pieces.length === parts.length && pieces.every((piece) => piece.seconds !== null);
  const marks = isMeasured && film !== null ? startsOf(pieces) : [];
  return { kind: "clips", clips: [{ url, seconds }], poster: result?.posterUrl ?? null, marks, tag: null };
}

function faceSoFar({ film }: ShownJobDetail, all: Clip[]): Face {
  const clips = playable(all);
  const whole = film === null ? null : film.frames * film.rate.den / film.rate.num;
  const now = totalOf(clips);
  // The surplus of the last part is cut away when the film is joined.
  const tag = whole === null || now === 0 ? null : words.soFar(clock(Math.min(now, whole)), clock(whole));
  return { kind: "clips", clips, poster: null, marks: startsOf(clips), tag };
}

function toClips(urls: readonly string[], lengths: Lengths): Clip[] {
  return urls.map((url) => ({ url, seconds: lengths[url] ?? null }));
}

function waitingText(job: ShownJobDetail, turn: Turn | null): string {
  if (job.cancelling) return films.cancelling;
  if (job.status === "created") return wordsOf(job).notStarted;
  if (job.heldBack) return job.stage;
  if (isWaiting(job)) return turnWords(turn, wordsOf(job).waits);
  if (job.status !== "executing" || job.parts.total === 0) return job.stage;
  return words.rendering(currentPiece(job.parts.states) || job.parts.total, job.parts.total);
}
