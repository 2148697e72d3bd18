/** What those who do not see the page hear: a word at each stage and at the end, not at each percent. */
import type { ShownJob } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { films } from "@/core/words/films.ts";
import { job as words } from "@/core/words/job.ts";
import { currentPiece, stateOf } from "../films/view.ts";

export function Heard({ job }: { job: ShownJob }) {
  return <p class="unseen" role="status">{sentenceOf(job)}</p>;
}

function sentenceOf(job: ShownJob): string {
  if (job.status === "failed") return [films.statuses.failed, job.problem?.message].join(". ");
  const isMade = job.status === "executing" && !job.paused && !job.cancelling;
  if (!isMade || isTerminal(job.status)) return stateOf(job);
  return words.rendering(currentPiece(job.parts.states) || job.parts.total, job.parts.total);
}
