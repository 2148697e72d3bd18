/** Webhooks: the list, the form, the secret that is shown once, and the log of what was sent. */
import type { ShownDelivery, ShownWebhook } from "@/core/shown_webhooks.ts";
import { WEBHOOK_EVENTS } from "@/core/webhooks.ts";
import { day, timeOfDay, when } from "@/core/words/format.ts";
import { webhooks as words } from "@/core/words/webhooks.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";
import { Note } from "./note.tsx";
import { OnceLink } from "./once_link.tsx";
import { TextField, Wrong } from "./text_field.tsx";

/** As the form holds them. */
export interface WebhookValues {
  url: string;
  events: string[];
}

export interface WebhookFormProps {
  values: WebhookValues;
  refused: { text: string; wrong: Record<string, string> };
  action: string;
  /** On the button. */
  go: string;
}

export function WebhookForm({ values, refused, action, go }: WebhookFormProps) {
  const wrong = Object.entries(refused.wrong).find(([path]) => path.startsWith("events"))?.[1];
  return (
    <form method="post" action={action} class="pairs">
      {refused.text && (
        <div class="wide">
          <Note kind="bad">{refused.text}</Note>
        </div>
      )}
      <div class="wide">
        <TextField
          name="url"
          label={words.make.url}
          value={values.url}
          autocomplete="off"
          hint={words.make.urlHint}
          wrong={refused.wrong.url}
          first={refused.wrong.url !== undefined}
          maxLength={2000}
          required
        />
      </div>
      <fieldset class="field wide" aria-describedby={wrong ? "f-events-wrong" : undefined}>
        <legend>{words.make.events}</legend>
        {WEBHOOK_EVENTS.map((event) => (
          <label key={event} class="check">
            <input type="checkbox" name={event} value="on" checked={values.events.includes(event)} />
            <span>{words.events[event]}</span>
          </label>
        ))}
        {wrong && <Wrong id="f-events-wrong" text={wrong} />}
      </fieldset>
      <div class="wide">
        <button class="btn" type="submit" name="do" value="save">{go}</button>
      </div>
    </form>
  );
}

export function Secret({ secret }: { secret: string }) {
  return <OnceLink url={secret} text={words.make.made} label={words.make.label} />;
}

export function WebhookList({ webhooks, at }: { webhooks: ShownWebhook[]; at: (id: string) => string }) {
  if (webhooks.length === 0) return <p class="second small">{words.none}</p>;
  return (
    <ul class="plain rows">
      {webhooks.map((webhook) => (
        <li key={webhook.id}>
          <i class={dotOf(webhook)} aria-hidden="true"></i>
          <div>
            <p class="cut">
              <a href={at(webhook.id)}>{webhook.url}</a>
            </p>
            <p class="small quiet">
              <span>{words.states[stateOf(webhook)]}</span>
              <span>{words.counts(webhook.events.length)}</span>
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

type How = Pick<ShownWebhook, "enabled" | "ended" | "failingSince">;

export function stateOf({ enabled, failingSince }: How): keyof typeof words.states {
  return !enabled ? "off" : failingSince === null ? "on" : "failing";
}

export function dotOf(webhook: How): string {
  return { on: "dot", off: "dot off", failing: "dot bad" }[stateOf(webhook)];
}

/** How it stands, where there is something to say. */
export function Standing(
  { webhook, now, endedBy = words.endedBy }: { webhook: How; now: number; endedBy?: typeof words.endedBy },
) {
  if (webhook.ended !== null && !webhook.enabled) {
    return <Note kind="bad">{endedBy[webhook.ended]}</Note>;
  }
  if (!webhook.enabled || webhook.failingSince === null) return null;
  return <Note kind="bad">{words.failing(when(Date.parse(webhook.failingSince), now))}</Note>;
}

export interface LogProps {
  deliveries: ShownDelivery[];
  action: string;
  enabled: boolean;
  now: number;
  /** Path before the id of a film. */
  films?: string;
}

export function DeliveryLog({ deliveries, action, enabled, now, films = "/jobs" }: LogProps) {
  if (deliveries.length === 0) return <p class="second small">{words.log.none}</p>;
  return (
    <ul class="plain rows">
      {deliveries.map((one) => {
        const [kind, at] = [words.kinds[one.kind], when(Date.parse(one.createdAt), now)];
        return (
          <li key={one.id}>
            <i class={{ open: "dot now", delivered: "dot", failed: "dot bad" }[one.state]} aria-hidden="true">
            </i>
            <div>
              <p>{kind}</p>
              <p class="small quiet">
                <time datetime={one.createdAt}>{at}</time>
                <span>{words.log.states[one.state]}</span>
                {one.nextAt !== null && one.tries.length > 0 && (
                  <span>{words.log.next(timeAt(one.nextAt))}</span>
                )}
                {one.jobId && <a href={`${films}/${one.jobId}`}>{words.log.job}</a>}
              </p>
              <Tries delivery={one} />
            </div>
            {one.state !== "open" && enabled && (
              <form method="post" action={action}>
                <input type="hidden" name="delivery" value={one.id} />
                <button
                  class="btn slim"
                  type="submit"
                  name="do"
                  value="replay"
                  aria-label={words.log.replayOf(kind, at)}
                >
                  <Icon of={icons.retry} />
                  {words.log.replay}
                </button>
              </form>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Tries({ delivery: { id, tries } }: { delivery: ShownDelivery }) {
  if (tries.length === 0) return null;
  return (
    <details class="small">
      <summary>{words.log.tries(tries.length)}</summary>
      <ul class="plain tiny quiet num">
        {tries.map(({ n, at, end, status, tookMs }) => (
          <li key={`${id}:${n}`}>
            {words.log.one(
              n,
              timeAt(at),
              endWords({ end, status }),
              tookMs,
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

export function endWords({ end, status }: Pick<ShownDelivery["tries"][number], "end" | "status">): string {
  return end === "answered" && status !== null ? words.log.answered(status) : words.log.ends[end];
}

function timeAt(text: string): string {
  const at = Date.parse(text);
  return `${day(at)}, ${timeOfDay(at)}`;
}
