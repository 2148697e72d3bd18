/** The end of a long take that is being made: it may end after an earlier part, as long as nothing beyond has begun. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ShownJobDetail } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { clock } from "@/core/words/format.ts";
import { joinLines as words } from "@/core/words/join_lines.ts";
import { job as jobWords } from "@/core/words/job.ts";
import { Icon } from "../icon.tsx";
import { cut } from "../icons.ts";
import type { Command, Given } from "./commands.ts";
import { canRetake, partsOf } from "./view.ts";

interface End {
  /** The part that would be the last. */
  part: number;
  frames: number;
}

/** Where the take may end; none once it has ended, or where a clip decides how long it is. */
export function endsOf(job: ShownJobDetail): End[] {
  const { take, status, cancelling, assets } = job;
  if (take === null || isTerminal(status) || cancelling || assets.some(({ role }) => role === "video")) {
    return [];
  }
  const begun = partsOf(job).findLastIndex(canRetake) + 1;
  return take.chunks.slice(0, -1).filter(({ number }) => number >= Math.max(1, begun))
    .map(({ number, start, frames }) => ({ part: number, frames: start + frames }));
}

/** The call of its form; null for another one. */
export function cutOf(job: ShownJobDetail, given: Given): Command | null {
  const frames = Number(given.get("frames"));
  if (given.get("do") !== "cut" || !endsOf(job).some((end) => end.frames === frames)) return null;
  return { path: `/api/jobs/${job.id}/edit`, body: { settings: { frames } } };
}

export function TailCut({ job }: { job: ShownJobDetail }) {
  const [wrong, setWrong] = useState("");
  const ends = endsOf(job);
  const rate = job.take?.rate ?? 1;
  if (ends.length === 0) return null;
  return (
    <details class="log">
      <summary class="small">{words.cut.title}</summary>
      <form
        method="post"
        action={`/jobs/${job.id}`}
        class="row beneath"
        onSubmit={(event) => void send(job, event).then(setWrong)}
      >
        <select class="input cut-at" name="frames" aria-label={words.cut.title}>
          {ends.map(({ part, frames }) => (
            <option key={part} value={frames}>{words.cut.after(part, clock(frames / rate))}</option>
          ))}
        </select>
        <button type="submit" class="btn" name="do" value="cut">
          <Icon of={cut} />
          {words.cut.act}
        </button>
        {wrong !== "" && <p class="wrong small" role="alert">{wrong}</p>}
      </form>
    </details>
  );
}

/** What went wrong, in a sentence. The page hears of the change as of any other. */
async function send(
  job: ShownJobDetail,
  event: JSX.TargetedSubmitEvent<HTMLFormElement>,
): Promise<string> {
  event.preventDefault();
  const form = new FormData(event.currentTarget, event.submitter);
  const command = cutOf(job, form);
  if (command === null) return words.cut.late;
  try {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(command.path, { method: "POST", headers, body: JSON.stringify(command.body) });
    return answer.ok ? "" : (await answer.json()).title;
  } catch {
    return jobWords.noAnswer;
  }
}
