/** What cards say of a job: its name, its lines, how it stands. Pure. */
import type { PieceState, ShownJob } from "@/core/shown.ts";
import { modeName } from "@/core/mode_names.ts";
import { films } from "@/core/words/films.ts";
import { clock, when } from "@/core/words/format.ts";

const NAME_MAX = 80;

/** The title, or the first words of the prompt. */
export function nameOf({ title, prompt }: Pick<ShownJob, "title" | "prompt">): string {
  const text = (title || prompt).trim().replaceAll(/\s+/g, " ");
  if (text === "") return films.untitled;
  if (text.length <= NAME_MAX) return text;
  const cut = text.slice(0, NAME_MAX).toWellFormed();
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > NAME_MAX / 2 ? space : NAME_MAX)}…`;
}

/** `Animate · 0:12 · yesterday`; what failed or was cancelled says so in place of the length. */
export function lineOf(job: ShownJob, now: number): string {
  const seconds = job.result?.seconds ?? null;
  const length = seconds === null ? null : clock(seconds);
  const stands = job.status === "completed" ? length : films.statuses[job.status].toLowerCase();
  return [modeName(job), stands, when(Date.parse(job.createdAt), now)].filter((part) => part !== null)
    .join(" · ");
}

/** One or two words on what the job is at; what a person asked for comes before what the studio does. */
export function stateOf(job: ShownJob): string {
  if (job.cancelling) return films.cancelling;
  if (job.approvals.length > 0 && !job.parts.states.includes("now")) return films.approval;
  if (job.retakes.length > 0 && !job.parts.states.includes("now")) return films.choice;
  if (job.paused) return job.parts.states.includes("now") ? films.pausing : films.paused;
  return films.statuses[job.status];
}

/** Number of the piece that is at work: the first under way, else the first that is not done. 0 when all are done. */
export function currentPiece(states: readonly PieceState[]): number {
  const now = states.indexOf("now");
  return (now === -1 ? states.findIndex((state) => state !== "done") : now) + 1;
}

/** 0 to 1: the stored share or the newer one that was heard, whichever is further. */
export function shareOf({ share, progress }: Pick<ShownJob, "share" | "progress">): number {
  return Math.max(share, progress?.share ?? 0);
}

export function isMoving(job: ShownJob): boolean {
  return job.progress !== null && !job.paused && !job.cancelling;
}

/** Where its render is, where a server tells; else what the studio does with it. */
export function placeOf(job: ShownJob): string {
  return isMoving(job) && job.progress?.at ? films.at(job.progress.at) : job.stage;
}

/** What stands for a film that has no poster yet: the picture it is made from. */
export function stillOf(job: ShownJob): string | null {
  const picture = job.assets.find(({ role }) => role === "groundTruth");
  return picture ? `/api/assets/${picture.assetId}/thumbnail` : null;
}
