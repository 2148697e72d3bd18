/** Everybody's webhooks as operators read them: whose, where they lead, how they do. */
import type { ShownSomebodysWebhook } from "@/core/shown_webhooks.ts";
import { when } from "@/core/words/format.ts";
import { webhooks as words } from "@/core/words/webhooks.ts";
import { endWords, stateOf } from "../webhooks.tsx";

const { all } = words;

export function WebhookTable(
  { webhooks, at, now }: { webhooks: ShownSomebodysWebhook[]; at: string; now: number },
) {
  return (
    <table class="dense shelved">
      <thead>
        <tr>
          {Object.entries(all.columns).map(([name, column]) => <th key={name} scope="col">{column}</th>)}
        </tr>
      </thead>
      <tbody>
        {webhooks.map((webhook) => (
          <tr key={webhook.id}>
            <td>
              <p class="mono">
                <a href={`${at}/${webhook.id}`}>{webhook.url}</a>
              </p>
              <p class="tiny quiet">{webhook.owner.email}</p>
              <Events of={webhook} />
            </td>
            <td>{words.states[stateOf(webhook)]}</td>
            <td>
              <LastTry of={webhook} now={now} />
            </td>
            <td class="num">{all.open(webhook.open, webhook.failed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Events({ of }: { of: ShownSomebodysWebhook }) {
  return <p class="tiny quiet">{of.events.map((event) => words.kinds[event]).join(", ")}</p>;
}

export function LastTry({ of: { lastTry, failures }, now }: { of: ShownSomebodysWebhook; now: number }) {
  if (lastTry === null) return <p class="quiet">{all.never}</p>;
  return (
    <>
      <p>{all.last(endWords(lastTry), when(Date.parse(lastTry.at), now))}</p>
      {failures > 0 && <p class="tiny quiet">{all.failures(failures)}</p>}
    </>
  );
}
