/** What happened to the job, in plain words, the newest first. */
import type { ShownEvent } from "@/core/shown.ts";
import { timeOfDay } from "@/core/words/format.ts";
import { job as words } from "@/core/words/job.ts";

const NEWEST = 6;

export function History({ events }: { events: readonly ShownEvent[] }) {
  const newest = events.toReversed();
  return (
    <section>
      <h2>{words.happened}</h2>
      <ol class="log plain num">
        {newest.slice(0, NEWEST).map((event) => <Line key={event.seq} event={event} />)}
      </ol>
      {newest.length > NEWEST && (
        <details class="log">
          <summary>{words.earlier}</summary>
          <ol class="log plain num">
            {newest.slice(NEWEST).map((event) => <Line key={event.seq} event={event} />)}
          </ol>
        </details>
      )}
    </section>
  );
}

function Line({ event }: { event: ShownEvent }) {
  return (
    <li>
      <time dateTime={event.at}>{timeOfDay(Date.parse(event.at))}</time>
      {event.message}
    </li>
  );
}
