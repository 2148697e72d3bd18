/** An earlier end for a long take: while it is made, and when it is finished. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { clock } from "@/core/words/format.ts";
import { joinLines as words } from "@/core/words/join_lines.ts";
import { Icon } from "../icon.tsx";
import { cut } from "../icons.ts";
import type { Doing } from "./act.tsx";

interface End {
  /** The part that would be the last. */
  part: number;
  frames: number;
}

/** Where the take may end; nowhere once what it was made from is dropped. */
export function endsOf({ take, cancelling, trashedAt }: ShownJobDetail): End[] {
  if (take === null || cancelling || trashedAt !== null) return [];
  return take.chunks.filter(({ number }) => take.ends.includes(number))
    .map(({ number, start, frames }) => ({ part: number, frames: start + frames }));
}

export function TailCut({ job, doing }: { job: ShownJobDetail; doing: Doing }) {
  const ends = endsOf(job);
  const rate = job.take?.rate ?? 1;
  if (ends.length === 0) return null;
  return (
    <details class="log">
      <summary class="small">{words.cut.title}</summary>
      <form method="post" action={`/jobs/${job.id}`} class="row beneath" onSubmit={doing.send}>
        <select class="input cut-at" name="after" aria-label={words.cut.title}>
          {ends.map(({ part, frames }) => (
            <option key={part} value={part}>{words.cut.after(part, clock(frames / rate))}</option>
          ))}
        </select>
        <button type="submit" class="btn" name="do" value="cut" aria-disabled={doing.busy === "cut"}>
          <Icon of={cut} />
          {words.cut.act}
        </button>
        {job.status === "completed" && <p class="tiny quiet">{words.cut.kept}</p>}
      </form>
    </details>
  );
}
