/** A person's queue: what runs and what waits, moved by drag or keys, told with buttons, and always as it is now. */
import { useEffect, useState } from "preact/hooks";
import type { ShownQueue, ShownQueuedJob } from "@/core/shown.ts";
import { queue as words } from "@/core/words/queue.ts";
import { nameOf } from "@/components/films/view.ts";
import { Icon } from "@/components/icon.tsx";
import { clock, grip as gripIcon } from "@/components/icons_first.ts";
import { LinkLine } from "@/components/live/link_line.tsx";
import { All } from "@/components/queue/all.tsx";
import { idsOf, PAGE, useDesk } from "@/components/queue/desk.ts";
import { Entry } from "@/components/queue/entry.tsx";
import { type Lift, useLift } from "@/components/queue/lift.ts";
import { TellMe } from "@/components/live/tell_me.tsx";
import type { Wishes } from "@/components/live/wishes.ts";

export interface QueueProps {
  queue: ShownQueue;
  /** Why the last request was refused. */
  note: string;
  /** How the account wishes to be told. */
  usual: Wishes;
}

export default function Queue({ queue: first, note: firstNote, usual }: QueueProps) {
  const { queue, note, submit, arrange, hold } = useDesk(first, usual);
  const [isLive, setLive] = useState(false);
  useEffect(() => setLive(true), []);
  const { running, waiting, pool } = queue;
  const ids = idsOf(queue);
  const titleOf = (id: string) => {
    const entry = waiting.find(({ job }) => job.id === id);
    return entry ? nameOf(entry.job) : "";
  };
  const lift = useLift({ ids, titleOf, hold, drop: arrange });
  const wrong = note || firstNote;
  return (
    <div onSubmit={submit}>
      <div class="head first">
        <div>
          <h1>{words.title}</h1>
          <p class="second small num">
            {words.load(pool.rendering, pool.waiting)} <LinkLine />
          </p>
        </div>
        <div class="row push">
          <All queue={queue} />
          <TellMe />
        </div>
      </div>
      {wrong !== "" && <p class="note bad" role="alert">{wrong}</p>}
      {queue.total === 0 && <Nothing />}
      {running.length > 0 && <Running queue={queue} />}
      {waiting.length > 0 && <Waiting queue={queue} lift={lift} canLift={isLive} />}
      <Pages queue={queue} />
      <p class="unseen" role="status" aria-live="assertive">{lift.said}</p>
    </div>
  );
}

/** Where there are more than fit on a page. */
function Pages({ queue: { from, total, running, waiting } }: { queue: ShownQueue }) {
  const until = from + running.length + waiting.length;
  if (from === 0 && until >= total) return null;
  return (
    <nav class="row small num" aria-label={words.pages.label}>
      {from > 0 && (
        <a class="btn slim" href={`/queue?from=${Math.max(0, from - PAGE)}`}>{words.pages.before}</a>
      )}
      <span>{words.pages.shown(from + 1, until, total)}</span>
      {until < total && <a class="btn slim" href={`/queue?from=${until}`}>{words.pages.after}</a>}
    </nav>
  );
}

function Nothing() {
  return (
    <div class="empty">
      <Icon of={clock} />
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
      <a class="btn go" href="/dashboard">{words.empty.go}</a>
    </div>
  );
}

function Running({ queue }: { queue: ShownQueue }) {
  return (
    <section aria-labelledby="running">
      <h2 id="running" class="label">{words.running}</h2>
      <ul class="plain line">
        {queue.running.map((entry) => (
          <li key={entry.job.id} id={`job-${entry.job.id}`} class="run">
            <Entry entry={entry} place={null} hasOthers={hasOthers(queue, entry)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Waiting({ queue, lift, canLift }: { queue: ShownQueue; lift: Lift; canLift: boolean }) {
  const order = lift.lifted?.order ?? idsOf(queue);
  const last = order.length - 1;
  const entries = order.flatMap((id) => queue.waiting.filter(({ job }) => job.id === id));
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting" class="label">{words.waiting}</h2>
      <p id="how-to-move" hidden>{words.move.help}</p>
      <ol class="plain line">
        {entries.map((entry, at) => {
          const { id } = entry.job;
          return (
            <li key={id} id={`job-${id}`} class={lift.lifted?.id === id ? "lifted" : undefined}>
              <Entry
                entry={entry}
                place={{ isFirst: at === 0, isLast: at === last }}
                hasOthers={hasOthers(queue, entry)}
                lead={last > 0 && canLift
                  ? (
                    <button
                      type="button"
                      class="grip"
                      aria-label={words.move.grip(nameOf(entry.job))}
                      aria-describedby="how-to-move"
                      {...lift.grip(id)}
                    >
                      <Icon of={gripIcon} />
                    </button>
                  )
                  : <span class="grip num" aria-hidden="true">{at + 1}</span>}
              />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Whether "cancel all but this" would reach anything. */
function hasOthers({ running, waiting }: ShownQueue, entry: ShownQueuedJob): boolean {
  return [...running, ...waiting].some((other) => other !== entry && other.acts.includes("cancel"));
}
