/** One job of the queue: its picture, what it does or waits for, when it will be ready, and what may be done with it. */
import type { ComponentChildren } from "preact";
import type { ShownQueuedJob } from "@/core/shown.ts";
import { modeName } from "@/core/mode_names.ts";
import { films } from "@/core/words/films.ts";
import { percent } from "@/core/words/format.ts";
import { queue as words } from "@/core/words/queue.ts";
import { Picture } from "../films/picture.tsx";
import { Strip } from "../films/strip.tsx";
import { nameOf, shareOf, stateOf, stillOf } from "../films/view.ts";
import { Acts, type Place } from "./acts.tsx";

export interface EntryProps {
  entry: ShownQueuedJob;
  /** Where it stands among one's own waiting jobs; null when it runs. */
  place: Place | null;
  /** There are others that "cancel all but this" would reach. */
  hasOthers: boolean;
  /** What stands before the picture: the grip. */
  lead?: ComponentChildren;
}

export function Entry({ entry, place, hasOthers, lead }: EntryProps) {
  const { job } = entry;
  const still = job.progress?.previewUrl ?? job.result?.posterUrl ?? stillOf(job);
  return (
    <>
      {lead}
      <a class="pic" href={`/jobs/${job.id}`} tabIndex={-1} aria-hidden="true">
        {still !== null && <Picture src={still} eager />}
        <span class="tag num">{tagOf(entry)}</span>
      </a>
      <div class="what">
        <p class="cut">
          <a href={`/jobs/${job.id}`}>{nameOf(job)}</a>
        </p>
        <Facts entry={entry} />
        {job.parts.total > 0 && (
          <Strip
            states={job.parts.states}
            share={job.status === "executing" ? job.progress?.step?.share ?? 0 : 0}
          />
        )}
      </div>
      <Acts entry={entry} place={place} hasOthers={hasOthers} />
    </>
  );
}

function tagOf({ job, place, wait }: ShownQueuedJob): string {
  if (place !== null) return words.place(place);
  return wait === null && job.status === "queued" && !job.paused ? words.sent : stateOf(job);
}

function Facts({ entry: { job, wait, sentence, server, starts, ends } }: { entry: ShownQueuedJob }) {
  const { parts } = job;
  const runs = wait === null;
  const facts = [
    runs ? percent(shareOf(job)) : films.parts(parts.total),
    ...(runs && server !== null ? [words.on(server)] : []),
    ...(starts === null ? [] : [words.starts(starts)]),
    ...(ends === null || job.paused ? [] : [words.ready(ends)]),
  ];
  return (
    <div class="meta num">
      <p class={wait === "server" || wait === "able" ? "stuck" : undefined}>{sentence}</p>
      <p>
        <b>{modeName(job)}</b> · {facts.join(" · ")}
        {job.draft && !runs && ` · ${films.draft}`}
      </p>
    </div>
  );
}
