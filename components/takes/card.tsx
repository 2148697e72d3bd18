/** One take that can be made: its name and figures, its strip, what is missing, and everything that can be changed. */
import type { JSX } from "preact";
import type { TakeEntry } from "@/core/take_sheet.ts";
import { asSentence, clock } from "@/core/words/format.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { Icon } from "../icon.tsx";
import { alert, film, x } from "../icons_first.ts";
import type { Sent, TakesDesk } from "./desk.ts";
import { TakeMedia } from "./media.tsx";
import type { TakePlan } from "./plans.ts";
import { PlanStrip } from "./strip.tsx";
import { lacksOf } from "./view.ts";

interface CardProps {
  desk: TakesDesk;
  entry: TakeEntry;
  /** From 0: names its fields. */
  at: number;
  rate: number;
}

export function TakeCard({ desk, entry, at, rate }: CardProps) {
  const plan = desk.plans[entry.key] ?? null;
  const sent = desk.sent[entry.key] ?? null;
  const name = entry.name.trim() || entry.source;
  const lacks = lacksOf(plan, sent);
  const field = (what: string) => `take.${at}.${what}`;
  return (
    <li class={sent?.job ? "take made" : "take"}>
      <div class="row">
        <h2 class="cut">{name}</h2>
        <Figures plan={plan} sent={sent} />
        <button
          type="submit"
          class="x"
          name="do"
          value={`drop ${at}`}
          formNoValidate
          aria-label={words.remove(name)}
          title={words.remove(name)}
          onClick={(event) => {
            event.preventDefault();
            desk.drop(entry.key);
          }}
        >
          <Icon of={x} />
        </button>
      </div>
      <input type="hidden" name={field("key")} value={entry.key} />
      <input type="hidden" name={field("source")} value={entry.source} />
      {sent?.job ? <Made job={sent.job} /> : (
        <>
          <Plan {...{ plan, entry, rate, name }} />
          {lacks.map((text) => (
            <p key={text} class="wrong row" role="alert">
              <Icon of={alert} />
              {asSentence(text)}
            </p>
          ))}
          <TakeMedia {...{ desk, entry, field }} />
          <Fields {...{ desk, entry, rate, field }} isOpen={lacks.length > 0} />
        </>
      )}
    </li>
  );
}

function Figures({ plan, sent }: { plan: TakePlan | null; sent: Sent | null }) {
  const preview = plan?.preview ?? null;
  if (sent?.job || preview === null || preview.seconds === null) return <span class="push" />;
  const { chunks, seconds, estimate } = preview;
  const parts = [
    clock(seconds),
    ...chunks === null ? [] : [words.pieces(chunks)],
    ...estimate === null ? [] : [words.about(estimate.seconds)],
  ];
  return <span class="push second small num">{parts.join(" · ")}</span>;
}

interface PlanProps {
  plan: TakePlan | null;
  entry: TakeEntry;
  rate: number;
  name: string;
}

function Plan({ plan, entry, rate, name }: PlanProps) {
  const preview = plan?.preview ?? null;
  if (plan?.trouble) return <p class="note">{plan.trouble}</p>;
  if (preview?.pieces) {
    return (
      <PlanStrip
        {...{ name }}
        pieces={preview.pieces}
        rate={preview.frameRate ?? rate}
        picture={entry.image?.thumbnail ?? null}
      />
    );
  }
  return (
    <ol class="cuts plain" aria-hidden="true">
      <li class="rest">{preview === null ? words.looking : ""}</li>
    </ol>
  );
}

function Made({ job }: { job: string }) {
  return (
    <p class="note good">
      <Icon of={film} />
      <span>{words.made.one}</span>
      <a class="push" href={`/jobs/${job}`}>{words.made.open}</a>
    </p>
  );
}

type Typed = JSX.TargetedInputEvent<HTMLInputElement | HTMLTextAreaElement>;

interface FieldsProps {
  desk: TakesDesk;
  entry: TakeEntry;
  rate: number;
  isOpen: boolean;
  field(what: string): string;
}

function Fields({ desk, entry, rate, isOpen, field }: FieldsProps) {
  const { key } = entry;
  const of = (what: "name" | "frames" | "prompt" | "negativePrompt") => ({
    id: field(what),
    name: field(what),
    class: "input",
    value: entry[what],
    onInput: ({ currentTarget }: Typed) => desk.change(key, { [what]: currentTarget.value }),
  });
  return (
    <details class="log" open={isOpen}>
      <summary class="small">{words.fields}</summary>
      <div class="words">
        <div class="field">
          <label for={field("name")}>{words.name}</label>
          <input {...of("name")} maxLength={200} />
        </div>
        <div class="field">
          <label for={field("frames")}>{words.frames}</label>
          <input {...of("frames")} inputMode="numeric" autocomplete="off" />
          <span class="hint">{words.framesHint(rate)}</span>
        </div>
        <div class="field whole">
          <label for={field("prompt")}>{words.prompt}</label>
          <textarea {...of("prompt")} rows={4} />
          <span class="hint">{words.paste.directions}</span>
        </div>
        <div class="field whole">
          <label for={field("negativePrompt")}>{words.negative}</label>
          <textarea {...of("negativePrompt")} rows={2} />
        </div>
      </div>
    </details>
  );
}
