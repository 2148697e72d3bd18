/** What a job's page shows, worked out from the job: its parts, its way, its words. Pure. */
import { joinStates, pieceOf, takePieceOf } from "@/core/pieces.ts";
import type { PieceState, ShownJob, ShownJobDetail, ShownStage, ShownStep } from "@/core/shown.ts";
import { isTerminal, type Status } from "@/core/status.ts";
import { familyName, modeName } from "@/core/mode_names.ts";
import { films } from "@/core/words/films.ts";
import { percent } from "@/core/words/format.ts";
import { job as words } from "@/core/words/job.ts";
import { currentPiece, nameOf, shareOf } from "../films/view.ts";

/** One part of the film with all its takes. */
export interface Part {
  /** The step that is taken again where the part is; its first one. */
  step: string;
  /** All of its steps. */
  steps: readonly string[];
  /** Counts from 1. */
  number: number;
  /** In the order they were made. */
  takes: ShownStep[];
  newest: ShownStep;
  /** The take that the film is made of: the newest one that is done and chosen, or waits to be. */
  used: ShownStep | null;
  state: PieceState;
}

export function partsOf({ steps }: Pick<ShownJobDetail, "steps">): Part[] {
  const renders = steps.filter(({ phase }) => phase === "render");
  const groups = Map.groupBy(renders, ({ id }) => takePieceOf(id) ?? id);
  return [...groups].flatMap(([key, rows], at) => {
    const byStep = [...Map.groupBy(rows, ({ id }) => id).values()];
    const takes = typeof key === "number" ? takesOfPiece(byStep) : rows;
    const newest = takes.at(-1);
    const [first] = rows;
    if (!newest || !first) return [];
    const isAsked = newest.state === "waiting_for_person";
    const used = isAsked ? newest : takes.find((take) => take.chosen && take.state === "done") ?? null;
    const state = joinStates(byStep.map((of) => pieceOf(of.at(-1)?.state ?? "pending")));
    const ids = byStep.flatMap(([one]) => one ? [one.id] : []);
    return [{ step: first.id, steps: ids, number: at + 1, takes, newest, used, state }];
  });
}

/**
 * A piece of a long take is made in two passes and looked at; to people that is one take. Each is told by the step that it
 * has come to, with the words of the first pass and the small copy that the last step made.
 */
function takesOfPiece(byStep: ShownStep[][]): ShownStep[] {
  const last = byStep.at(-1) ?? [];
  return last.flatMap((look, at) => {
    const rows = byStep.flatMap((of) => of[Math.min(at, of.length - 1)] ?? []);
    const now = rows.find(({ state }) => state !== "done") ?? look;
    const [first] = rows;
    // Between its passes it has begun, and nothing of it is there yet.
    const isBetween = ["pending", "ready"].includes(now.state) && first?.state === "done";
    return [{
      ...look,
      state: isBetween ? "collecting" as const : now.state,
      attempt: now.attempt,
      problem: now.problem,
      asked: first?.asked ?? null,
      stale: rows.some(({ stale }) => stale),
      chosen: look.chosen && look.state === "done" || now.state === "waiting_for_person",
      files: now.state === "waiting_for_person" ? now.files : look.files,
      startedAt: first?.startedAt ?? null,
      endedAt: look.state === "done" ? look.endedAt : null,
    }];
  });
}

/** How far the part is that is being made, 0 to 1; null while nothing is known. A piece of several steps counts them alike. */
export function partShare({ steps }: Pick<Part, "steps">, progress: ShownJob["progress"]): number | null {
  const step = progress?.step;
  const at = steps.indexOf(step?.id ?? "");
  if (!step || at < 0) return null;
  // The look at a piece, its last step, takes no time to speak of.
  const count = Math.max(1, steps.length - 1);
  return Math.min(1, (at + step.share) / count);
}

/** The clip of a take, to be played; null while there is none. */
export function clipOf(take: ShownStep | null): string | null {
  return take?.files.find(({ mime }) => mime.startsWith("video/"))?.url ?? null;
}

/** What a take made where it is no film; null while there is none. */
export function pictureOf(take: ShownStep | null): string | null {
  return take?.files.find(({ mime }) => mime.startsWith("image/"))?.url ?? null;
}

/** The clips from the beginning of the film up to the first part that has none. */
export function clipsSoFar(parts: readonly Part[]): string[] {
  const clips = parts.filter(({ used }) => !isLookAhead(used)).map(({ used }) => clipOf(used));
  const end = clips.indexOf(null);
  return clips.slice(0, end === -1 ? undefined : end).filter((clip) => clip !== null);
}

/** A first look at what a later part makes: no piece of the film. */
function isLookAhead(take: ShownStep | null): boolean {
  const isPiece = take !== null && takePieceOf(take.id) !== null && take.state === "done";
  return !isPiece && (take?.files.some(({ role }) => role === "preview") ?? false);
}

/** Takes are counted from 1 for people. */
export function takeNumber(take: ShownStep): number {
  return take.take + 1;
}

export function secondsOf(from: string | null, to: string | null, now: number): number | null {
  if (from === null) return null;
  return Math.max(0, ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000);
}

export interface StageLine {
  status: Status;
  /** `stopped`: the person ended the job here. `failed`: it could not go on. */
  state: "done" | "now" | "todo" | "stopped" | "failed";
  words: string;
  seconds: number | null;
}

/** The stages that every job passes, in order; measuring only where it is done. */
const WAY: Status[] = ["validating", "uploading_assets", "queued", "executing", "collecting_outputs"];

export function timelineOf(job: ShownJobDetail, now: number): StageLine[] {
  const passed = new Map(job.stages.map((stage) => [stage.status, stage]));
  const way = passed.has("quality_check") ? [...WAY, "quality_check" as const] : WAY;
  // A further run begins where there is something left to do: what lies before is done.
  const first = way.findIndex((status) => passed.has(status));
  return way.map((status, n) => {
    if (n >= first) return lineOf(job, { status, stage: passed.get(status), now });
    return { status, state: "done", words: stageWords(job, status, "done"), seconds: null };
  });
}

function lineOf(
  job: ShownJobDetail,
  { status, stage, now }: { status: Status; stage: ShownStage | undefined; now: number },
): StageLine {
  const state = stage === undefined
    ? "todo"
    : stage.to === null
    ? "now"
    : stage === stoppedIn(job)
    ? job.status === "failed" ? "failed" : "stopped"
    : "done";
  const seconds = stage === undefined ? null : secondsOf(stage.from, stage.to, now);
  return { status, state, seconds, words: stageWords(job, status, state) };
}

/** The stage in which a failed or cancelled job was. */
function stoppedIn({ stages }: ShownJobDetail): ShownStage | undefined {
  const end = stages.at(-1)?.status;
  return end === "failed" || end === "cancelled" ? stages.at(-2) : undefined;
}

function stageWords(
  job: ShownJobDetail,
  status: Status,
  state: StageLine["state"],
): string {
  const { parts, paused, retakes, approvals } = job;
  const words = wordsOf(job);
  const said = words.stages[status]?.[state === "stopped" || state === "failed" ? "now" : state] ??
    films.statuses[status];
  if (status !== "executing" || parts.total === 0 || state === "todo") return said;
  if (state === "done") return words.rendered(parts.total);
  const isIdle = !parts.states.includes("now");
  if (isIdle && approvals.length > 0) return words.gate.waits;
  if (isIdle && retakes.length > 0) return words.choice.waits;
  const part = currentPiece(parts.states) || parts.total;
  if (paused && isIdle) return words.pausedBefore(part, parts.total);
  return (parts.total === 1 && stageNow(job)) || words.rendering(part, parts.total);
}

/** What the model is at inside the one part: the stage that its render server told last; empty before. */
function stageNow({ progress }: ShownJob): string {
  const { stage = "", step = null } = progress ?? {};
  return step !== null && stage.startsWith(`${step.title}: `) ? stage.slice(step.title.length + 2) : "";
}

/** The big word of the page: how far, or how it ended. */
export function bigWord(job: ShownJob): string {
  if (job.status === "completed" || job.status === "failed" || job.status === "cancelled") {
    return words.states[job.status];
  }
  return percent(Math.min(shareOf(job), 0.99));
}

const HEADING_MAX = 140;

/** The heading: the name, or the whole prompt where the name is only its beginning. */
export function headingOf(job: ShownJob): string {
  const name = nameOf(job);
  const prompt = job.prompt.trim();
  const isCut = name.endsWith("…") && prompt.replaceAll(/\s+/g, " ").startsWith(name.slice(0, -1));
  return isCut && prompt.length <= HEADING_MAX ? prompt : name;
}

/** What the tab is called. */
export function tabTitle(job: ShownJob): string {
  const name = nameOf(job);
  if (isTerminal(job.status)) return words.titles.state(bigWord(job), name);
  if (job.cancelling) return words.titles.state(films.cancelling, name);
  if (job.paused) return words.titles.state(films.paused, name);
  return words.titles.at(bigWord(job), name);
}

export function crumbOf(job: ShownJob): string {
  const how = job.mode === "animate" ? films.submodes[job.submode ?? ""] : undefined;
  return how === undefined ? modeName(job) : `${modeName(job)} · ${how}`;
}

/** Where the job's likes are: pictures and loops have a list of their own. */
export function roomOf({ mode }: ShownJob): { href: string; words: string } {
  return mode === "anime"
    ? { href: "/dashboard?mode=anime", words: familyName(mode) }
    : { href: "/dashboard", words: words.films };
}

/** What makes one picture, and no film. */
export function isPicture({ film, size }: Pick<ShownJobDetail, "film" | "size">): boolean {
  return film === null && size.rendered !== null;
}

/** The page's words, about a film or about a picture. */
export function wordsOf(job: Pick<ShownJobDetail, "film" | "size">) {
  return isPicture(job) ? { ...words, ...words.ofPicture } : words;
}

/** Whether parts that come after it were made from it. */
export function hasFollowers(parts: readonly Part[], { number }: Part): boolean {
  return parts.some((part) => part.number > number && part.takes.some(({ state }) => state === "done"));
}

/** Parts that have begun can be taken again. */
export function canRetake(part: Part): boolean {
  return part.takes.some(({ state }) => !["pending", "ready", "skipped"].includes(state));
}

/** What can be done with the job as it is now. */
export interface Possible {
  start: boolean;
  cancel: boolean;
  pause: boolean;
  resume: boolean;
  retry: boolean;
  restore: boolean;
  remove: boolean;
  retake: boolean;
  compare: boolean;
}

const NOTHING: Possible = {
  start: false,
  cancel: false,
  pause: false,
  resume: false,
  retry: false,
  restore: false,
  remove: false,
  retake: false,
  compare: false,
};

export function possibleWith(job: ShownJobDetail): Possible {
  if (job.trashedAt !== null) return { ...NOTHING, restore: true };
  const compare = partsOf(job).some(({ takes }) => takes.filter((take) => clipOf(take) !== null).length > 1);
  const base = { ...NOTHING, compare, remove: true };
  if (isTerminal(job.status)) {
    const retake = job.parts.states.some((state) => state !== "todo");
    return { ...base, retake, retry: job.status !== "completed" };
  }
  if (job.cancelling) return { ...base, remove: false };
  if (job.status === "created") return { ...base, start: true };
  const pause = job.status !== "validating" && !job.paused;
  return { ...base, remove: false, cancel: true, pause, resume: job.paused, retake: true };
}
