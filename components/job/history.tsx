/** What happened to the job, in plain words and in order: what comes is added at the end, and nothing moves. */
import { useSignal } from "@preact/signals";
import type { ShownEvent, ShownJobDetail } from "@/core/shown.ts";
import { timeOfDay } from "@/core/words/format.ts";
import { job as words } from "@/core/words/job.ts";
import { wordsOf } from "./view.ts";

/** So many of the newest are seen at first. */
const SEEN = 6;

export function History({ job }: { job: ShownJobDetail }) {
  const { events } = job;
  const { turns } = wordsOf(job);
  const from = useSignal(events.at(-SEEN)?.seq ?? 0).value;
  const earlier = events.filter(({ seq }) => seq < from);
  return (
    <section>
      <h2>{words.happened}</h2>
      {earlier.length > 0 && (
        <details class="log">
          <summary>{words.earlier}</summary>
          <Lines events={earlier} turns={turns} />
        </details>
      )}
      <Lines events={events.filter(({ seq }) => seq >= from)} turns={turns} />
    </section>
  );
}

/** `turns`: sentences that are said in place of the usual ones, by status. */
function Lines({ events, turns }: { events: readonly ShownEvent[]; turns: Record<string, string> }) {
  return (
    <ol class="log plain num">
      {events.map(({ seq, at, type, payload, message }) => (
        <li key={seq}>
          <time dateTime={at}>{timeOfDay(Date.parse(at))}</time>
          {type === "status" ? turns[String(payload.status)] ?? message : message}
        </li>
      ))}
    </ol>
  );
}
