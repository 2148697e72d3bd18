/** What is told to all of one's jobs at once; cancelling them asks once more. */
import type { ShownQueue } from "@/core/shown.ts";
import { queue as words } from "@/core/words/queue.ts";
import { Icon } from "../icon.tsx";
import { pause, play } from "../icons_first.ts";
import { Menu } from "../menu.tsx";

export function All({ queue: { running, waiting, total } }: { queue: ShownQueue }) {
  const acts = [...running, ...waiting].map((entry) => entry.acts);
  // Of what stands on other pages only the number is known here.
  const isPart = total > acts.length;
  const cancelled = isPart ? total : acts.filter((some) => some.includes("cancel")).length;
  return (
    <form method="post" action="/queue" class="row">
      {(isPart || acts.some((some) => some.includes("pause"))) && (
        <button type="submit" class="btn" name="act" value="pause_all">
          <Icon of={pause} />
          {words.all.pause}
        </button>
      )}
      {(isPart || acts.some((some) => some.includes("resume"))) && (
        <button type="submit" class="btn" name="act" value="resume_all">
          <Icon of={play} />
          {words.all.resume}
        </button>
      )}
      {cancelled > 0 && (
        <Menu face={words.all.cancel} class="far-right" buttonClass="btn bad">
          <p class="small second">{words.all.sure(cancelled)}</p>
          <button type="submit" class="bad" name="act" value="cancel_all" data-closes>
            {words.all.cancelNow(cancelled)}
          </button>
        </Menu>
      )}
    </form>
  );
}
