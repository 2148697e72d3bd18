/** What happened to the job, in plain words and in order: what comes is added at the end, and nothing moves. */
import { useSignal } from "@preact/signals";
import type { ShownEvent } from "@/core/shown.ts";
import { timeOfDay } from "@/core/words/format.ts";
import { job as words } from "@/core/words/job.ts";

/** So many of the newest are seen at first. */
const SEEN = 6;

export function History({ events }: { events: readonly ShownEvent[] }) {
  const from = useSignal(events.at(-SEEN)?.seq ?? 0).value;
  const earlier = events.filter(({ seq }) => seq < from);
  return (
    <section>
      <h2>{words.happened}</h2>
      {earlier.length > 0 && (
        <details class="log">
          <summary>{words.earlier}</summary>
          <Lines events={earlier} />
        </details>
      )}
      <Lines events={events.filter(({ seq }) => seq >= from)} />
    </section>
  );
}

function Lines({ events }: { events: readonly ShownEvent[] }) {
  return (
    <ol class="log plain num">
      {events.map(({ seq, at, message }) => (
        <li key={seq}>
          <time dateTime={at}>{timeOfDay(Date.parse(at))}</time>
          {message}
        </li>
      ))}
    </ol>
  );
}
