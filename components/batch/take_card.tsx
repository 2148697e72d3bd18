/** One take on the sheet: its picture, what sets it apart, and the two buttons that judge it. */
import type { Mark } from "@/core/library.ts";
import type { ShownTake } from "@/core/shown_batches.ts";
import { isTerminal } from "@/core/status.ts";
import { batches as words } from "@/core/words/batches.ts";
import { films } from "@/core/words/films.ts";
import { Picture } from "../films/picture.tsx";
import { Strip } from "../films/strip.tsx";
import { stillOf } from "../films/view.ts";
import { Icon } from "../icon.tsx";
import { alert, film as filmIcon, star, x } from "../icons.ts";
import { actOf, labelOf, lineOf } from "./view.ts";

export function TakeCard({ take }: { take: ShownTake }) {
  const { job } = take;
  return (
    <li id={`take-${job.id}`} class={job.mark === null ? "thing" : `thing ${job.mark}`}>
      <a class="card" href={`/jobs/${job.id}`}>
        <Face take={take} />
        <p class="cut" title={labelOf(take)}>{labelOf(take)}</p>
        <small class="num">{lineOf(take)}</small>
      </a>
      <form method="post" class="judge">
        <Judge take={take} wanted="starred" words={words.keep} icon={star} />
        <Judge take={take} wanted="rejected" words={words.reject} icon={x} />
      </form>
    </li>
  );
}

function Face({ take: { job, score } }: { take: ShownTake }) {
  const picture = job.progress?.previewUrl ?? job.result?.posterUrl ?? stillOf(job);
  const none = <Icon of={job.status === "failed" ? alert : filmIcon} class="none" />;
  return (
    <span class="pic">
      {picture === null ? none : <Picture src={picture} />}
      {job.draft && <span class="tag draft">{films.draft}</span>}
      {score !== null && <span class="tag num" title={words.scoreHint}>{words.score(score.toFixed(2))}</span>}
      {!isTerminal(job.status) && <Strip states={job.parts.states} share={job.progress?.step?.share ?? 0} />}
    </span>
  );
}

interface JudgeProps {
  take: ShownTake;
  wanted: Mark;
  words: string;
  icon: string;
}

function Judge({ take: { job, n }, wanted, words: says, icon }: JudgeProps) {
  const isOn = job.mark === wanted;
  return (
    <button
      type="submit"
      class={isOn ? "btn on" : "btn"}
      name="do"
      value={`${actOf(job.mark, wanted)} ${job.id}`}
      aria-pressed={isOn ? "true" : "false"}
      aria-label={`${says}: ${words.take(n)}`}
    >
      <Icon of={icon} />
      {says}
    </button>
  );
}
