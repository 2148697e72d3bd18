/** How far the job is, how long it will take, and the stages of its way with the time each took. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { clock, span } from "@/core/words/format.ts";
import { films } from "@/core/words/films.ts";
import { job as words } from "@/core/words/job.ts";
import { Icon } from "../icon.tsx";
import { check, x } from "../icons.ts";
import { placeOf, shareOf } from "../films/view.ts";
import type { Left } from "../live/forecast.ts";
import { isWaiting, type Turn } from "./turn.ts";
import { bigWord, secondsOf, timelineOf } from "./view.ts";

/** From this share on the end is near. */
const NEAR = 0.95;

const SIGNS: Record<string, string | undefined> = { done: check, stopped: x, failed: x };

export interface WayProps {
  job: ShownJobDetail;
  left: Left | null;
  turn: Turn | null;
  /** Milliseconds. */
  now: number;
}

export function Way({ job, left, turn, now }: WayProps) {
  return (
    <>
      <div class="big num">
        <b>{bigWord(job)}</b>
        <Beside text={besideWords(job, { left, turn })} />
      </div>
      <p class="at small second cut num">{isTerminal(job.status) ? "" : placeOf(job)}</p>
      <ol class="steps plain num">
        {timelineOf(job, now).map(({ status, state, words: said, seconds }) => (
          <li key={status} class={state} aria-current={state === "now" ? "step" : undefined}>
            <i>{SIGNS[state] && <Icon of={SIGNS[state]} />}</i>
            {said}
            <Seconds seconds={seconds} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Beside({ text }: { text: string }) {
  return <span key={text} class="second">{text}</span>;
}

/** A new element for each text: what stands at the right would else move with its width. */
function Seconds({ seconds }: { seconds: number | null }) {
  const text = seconds === null ? "" : clock(seconds);
  return <span key={text}>{text}</span>;
}

function besideWords(job: ShownJobDetail, { left, turn }: Pick<WayProps, "left" | "turn">): string {
  if (isTerminal(job.status)) {
    const seconds = secondsOf(
      job.stages[0]?.from ?? null,
      job.endedAt,
      Date.parse(job.endedAt ?? job.updatedAt),
    );
    return seconds === null ? "" : words.took(span(seconds));
  }
  if (job.cancelling) return films.cancelling;
  if (job.paused || job.heldBack) return job.stage;
  if (job.approvals.length > 0 && !job.parts.states.includes("now")) return words.gate.waits;
  if (job.retakes.length > 0 && !job.parts.states.includes("now")) return words.choice.waits;
  if (isWaiting(job)) return turn?.starts ? words.starts(turn.starts) : "";
  const eta = job.progress?.etaSeconds ?? null;
  left ??= eta === null ? null : { seconds: eta, range: null };
  if (left === null) return "";
  if (left.seconds < 2) return shareOf(job) < NEAR ? words.longer : words.soon;
  const { seconds, range } = left;
  return words.left({ seconds, low: range?.low ?? seconds, high: range?.high ?? seconds });
}
