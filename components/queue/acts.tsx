/** What may be done with one job of the queue: buttons of a form, so that they work without a script. */
import type { ShownQueuedJob } from "@/core/shown.ts";
import { queue as words } from "@/core/words/queue.ts";
import { nameOf } from "../films/view.ts";
import { Icon } from "../icon.tsx";
import { edit as editIcon, more, pause, play } from "../icons_first.ts";
import { Menu } from "../menu.tsx";

/** Among one's own waiting jobs. */
export interface Place {
  isFirst: boolean;
  isLast: boolean;
}

export interface ActsProps {
  entry: ShownQueuedJob;
  place: Place | null;
  hasOthers: boolean;
}

const FRONT = { start: play, pause, resume: play };

export function Acts({ entry: { job, acts }, place, hasOthers }: ActsProps) {
  const title = nameOf(job);
  const front = (["start", "resume", "pause"] as const).filter((act) => acts.includes(act));
  const inMenu = [
    ...(place === null || place.isFirst ? [] : ["front", "up"] as const),
    ...(place === null || place.isLast ? [] : ["down"] as const),
    ...(acts.includes("cancel") ? ["cancel"] as const : []),
    ...(hasOthers ? ["others"] as const : []),
  ];
  return (
    <form method="post" action="/queue" class="acts">
      <input type="hidden" name="id" value={job.id} />
      {front.map((act) => (
        <button
          key={act}
          type="submit"
          class="btn round slim"
          name="act"
          value={act}
          title={words.acts[act]}
          aria-label={words.actOn(words.acts[act], title)}
        >
          <Icon of={FRONT[act]} />
        </button>
      ))}
      {acts.includes("edit") && (
        <a
          class="btn round slim"
          href={`/queue/${job.id}`}
          title={words.acts.edit}
          aria-label={words.actOn(words.acts.edit, title)}
        >
          <Icon of={editIcon} />
        </a>
      )}
      {inMenu.length > 0 && (
        <Menu
          face={<Icon of={more} />}
          label={words.more(title)}
          class="far-right"
          buttonClass="btn round slim"
        >
          {inMenu.map((act) => (
            <button
              key={act}
              type="submit"
              name="act"
              value={act}
              data-closes
              class={act === "cancel" ? "bad" : undefined}
            >
              {words.acts[act]}
            </button>
          ))}
        </Menu>
      )}
    </form>
  );
}
