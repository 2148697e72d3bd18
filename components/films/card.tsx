/** A film in a list: picture, length, whether it is a draft; a failure says what was kept in the picture's place. */
import type { ShownJob } from "@/core/shown.ts";
import { kin } from "@/core/words/kin.ts";
import { films } from "@/core/words/films.ts";
import { clock } from "@/core/words/format.ts";
import { Icon } from "../icon.tsx";
import { alert, film as filmIcon } from "../icons_first.ts";
import { Picture } from "./picture.tsx";
import { lineOf, nameOf, stillOf } from "./view.ts";

export interface FilmCardProps {
  job: ShownJob;
  /** Milliseconds: what "yesterday" is measured from. */
  now: number;
}

export function FilmCard({ job, now }: FilmCardProps) {
  const isLost = job.status === "failed" && job.problem !== null;
  const card = (
    <a class={isLost ? "card bad" : "card"} href={`/jobs/${job.id}`}>
      <span class="pic">{isLost ? <Failure job={job} /> : <Face job={job} />}</span>
      <p class="cut">{nameOf(job)}</p>
      <small class="num">{lineOf(job, now)}</small>
    </a>
  );
  if (job.batchId === null) return card;
  return (
    <div class="one-of">
      {card}
      <a class="allof second" href={`/batches/${job.batchId}`}>
        {kin.inBatch}
        <span class="unseen">: {nameOf(job)}</span>
      </a>
    </div>
  );
}

function Face({ job }: { job: ShownJob }) {
  const picture = job.result?.posterUrl ?? stillOf(job);
  const seconds = job.result?.seconds ?? null;
  return (
    <>
      {picture === null ? <Icon of={filmIcon} class="none" /> : <Picture src={picture} />}
      {job.draft && <span class="tag draft">{films.draft}</span>}
      {seconds !== null && <span class="tag num">{clock(seconds)}</span>}
    </>
  );
}

function Failure({ job }: { job: ShownJob }) {
  return (
    <>
      <Icon of={alert} />
      <span>{job.problem?.message}</span>
      <span class="second">{films.kept(job.parts.done, job.parts.total)}</span>
    </>
  );
}
