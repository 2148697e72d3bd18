/** A job's page: it moves by itself, and everything that can be done is done without leaving it. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Actions } from "@/components/job/actions.tsx";
import type { Doing } from "@/components/job/act.tsx";
import { type Desk, type DeskStart, useDesk } from "@/components/job/desk.ts";
import { listenToCopies } from "@/components/job/copies.ts";
import { Heard } from "@/components/job/heard.tsx";
import { History } from "@/components/job/history.tsx";
import { Late } from "@/components/job/late.tsx";
import type { Preset } from "@/components/job/retake.tsx";
import { Stage } from "@/components/job/stage.tsx";
import { Tiles } from "@/components/job/tiles.tsx";
import { crumbOf, hasFollowers, headingOf, partsOf, possibleWith, roomOf } from "@/components/job/view.ts";
import { Way } from "@/components/job/way.tsx";
import { useNow } from "@/components/live/clock.ts";
import { timeLeft } from "@/components/live/forecast.ts";
import { LinkLine } from "@/components/live/link_line.tsx";
import { TellMe } from "@/components/live/tell_me.tsx";
import { isTerminal } from "@/core/status.ts";
import { job as words } from "@/core/words/job.ts";

export interface JobStatusProps extends DeskStart {
  presets: readonly Preset[];
  /** Milliseconds: the server's time when the page was made. */
  now: number;
  /** What stands still beside the film. */
  children: ComponentChildren;
  /** Of a long take, from the server: which film is shown, what was made from older takes, and how its pieces meet. */
  ways?: ComponentChildren;
  stale?: ComponentChildren;
  joins?: ComponentChildren;
  /** The sheet of a retake that the address asks for, from the server. */
  sheet: ComponentChildren;
}

export function JobStatus(props: JobStatusProps) {
  const desk = useDesk(props);
  const job = desk.watched.job.value;
  const now = useNow(props.now, !isTerminal(job.status)).value;
  useEffect(listenToCopies, []);
  const face = desk.face();
  const doing: Doing = { id: job.id, busy: desk.busy.value, send: (event) => void desk.send(event) };
  return (
    <>
      <nav class="crumb" aria-label={words.where}>
        <a href={roomOf(job).href}>{roomOf(job).words}</a>
        <span aria-hidden="true">/</span>
        <span>{crumbOf(job)}</span>
        <LinkLine />
        <TellMe />
      </nav>
      <div class="onjob">
        <div class="watch">
          <Stage
            job={job}
            face={face}
            look={desk.look.value}
            doing={doing}
            isGone={desk.watched.isGone.value}
            onLook={(look) => void (desk.look.value = look)}
            ways={
              <Late
                desk={desk}
                drawn={props.ways}
                part={({ BeforeAfter }) => (
                  <BeforeAfter
                    job={job}
                    look={desk.look.value}
                    onLook={(look) => void (desk.look.value = look)}
                  />
                )}
              />
            }
            onTransport={(transport) => void (desk.transport = transport)}
          />
          <Strip desk={desk} now={now} />
          <Late
            desk={desk}
            drawn={props.stale}
            part={({ UnderStrip }) => <UnderStrip job={job} doing={doing} />}
          />
          <Actions job={job} doing={doing} hasEnded={face.kind === "failed" || face.kind === "cancelled"} />
        </div>
        <aside class="beside">
          <section>
            <h1>{headingOf(job)}</h1>
            {job.prompt.trim() !== headingOf(job) && <p class="second small asked">{job.prompt}</p>}
            <Way
              job={job}
              turn={desk.watched.turn.value}
              left={timeLeft(desk.watched.forecast.value, now)}
              now={now}
            />
          </section>
          <Late desk={desk} drawn={props.joins} part={({ Joins }) => <Joins job={job} />} />
          {props.children}
          <History job={job} />
        </aside>
      </div>
      {desk.refusal.value !== null && desk.retaken.value === null && (
        <p class="note bad toast" role="alert">{desk.refusal.value.text}</p>
      )}
      {desk.sheet.value ? <Sheet desk={desk} doing={doing} presets={props.presets} /> : props.sheet}
      <Heard job={job} />
    </>
  );
}

function Strip({ desk, now }: { desk: Desk; now: number }) {
  const job = desk.watched.job.value;
  const parts = partsOf(job);
  return (
    <Tiles
      job={job}
      parts={parts}
      look={desk.look.value}
      now={now}
      canRetake={possibleWith(job).retake}
      joinOf={desk.takeParts.value?.joinNote}
      onPlay={(part) => desk.play(part)}
      onLook={(look) => void (desk.look.value = look)}
      onRetake={({ step }) => void desk.retake(step)}
      onLength={(url, seconds) => desk.measured(url, seconds)}
    />
  );
}

function Sheet({ desk, doing, presets }: { desk: Desk; doing: Doing; presets: readonly Preset[] }) {
  const Retake = desk.sheet.value;
  const parts = partsOf(desk.watched.job.value);
  const part = parts.find(({ step }) => step === desk.retaken.value);
  if (!part || !Retake) return null;
  return (
    <Retake
      key={part.step}
      part={part}
      hasFollowers={hasFollowers(parts, part)}
      presets={presets}
      doing={doing}
      refusal={desk.refusal.value}
      onClose={() => void desk.retake(null)}
    />
  );
}
