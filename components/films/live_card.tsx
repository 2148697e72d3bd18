/** A film that is being made: what it is at, when it will be ready, and its strip of pieces. One of many takes leads to their sheet. */
import type { ShownJob } from "@/core/shown.ts";
import { modeName } from "@/core/mode_names.ts";
import { films } from "@/core/words/films.ts";
import { clock, percent } from "@/core/words/format.ts";
import { Picture } from "./picture.tsx";
import { Strip } from "./strip.tsx";
import { currentPiece, isMoving, nameOf, placeOf, shareOf, stateOf, stillOf } from "./view.ts";

export interface LiveCardProps {
  job: ShownJob;
}

export function LiveCard({ job }: LiveCardProps) {
  const { progress, parts } = job;
  const preview = progress?.previewUrl ?? null;
  const picture = preview ?? job.result?.posterUrl ?? stillOf(job);
  return (
    <a class="live" href={job.batchId === null ? `/jobs/${job.id}` : `/batches/${job.batchId}`}>
      <div class="pic">
        {picture !== null && <Picture src={picture} eager />}
        <span class="tag">{preview !== null && isMoving(job) ? films.live : stateOf(job)}</span>
      </div>
      <div>
        <p>{nameOf(job)}</p>
        <div class="at cut second small num">{placeOf(job)}</div>
        <div class="meta num">
          <span>
            <b>{modeName(job)}</b> · {partWords(job)}
          </span>
          <span class="pct">{percent(shareOf(job))}</span>
          <EndWords job={job} />
        </div>
        <Strip states={parts.states} share={progress?.step?.share ?? 0} />
      </div>
    </a>
  );
}

function EndWords({ job }: LiveCardProps) {
  if (job.status === "completed") return <b>{films.watch}</b>;
  const eta = job.progress?.etaSeconds ?? null;
  if (!isMoving(job) || eta === null) return null;
  return eta < 1 ? <span>{films.soon}</span> : (
    <span>
      {films.ready} <b>{clock(eta)}</b>
    </span>
  );
}

function partWords({ parts }: ShownJob): string {
  const now = parts.states.includes("now") ? currentPiece(parts.states) : 0;
  return now > 0 ? films.part(now, parts.total) : films.parts(parts.total);
}
