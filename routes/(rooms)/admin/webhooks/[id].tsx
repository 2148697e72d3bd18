/** For operators: one webhook of somebody: how it does, what was sent, and what may be done about it. */
import { type Context, HttpError, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Events, LastTry } from "@/components/admin/webhooks.tsx";
import { DeliveryLog, Standing } from "@/components/webhooks.tsx";
import type { ShownDeliveries, ShownSomebodysWebhook } from "@/core/shown_webhooks.ts";
import { webhooks as words } from "@/core/words/webhooks.ts";
import { type Answer, ask, read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import type { State } from "../../../(_shared)/state.ts";

interface Shown {
  webhook: ShownSomebodysWebhook;
  log: ShownDeliveries;
  now: number;
  done: string;
  wrong: string;
}

type Ctx = Context<State>;

const ALL = "/admin/webhooks";
const hereOf = (ctx: Ctx) => `${ALL}/${encodeURIComponent(ctx.params.id ?? "")}`;

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    const { do: what = "", delivery = "" } = await readFields(ctx.req);
    const answer = await act(ctx, what, delivery);
    if (answer.ok) return ctx.redirect(`${what === "removed" ? ALL : hereOf(ctx)}?done=${what}`, 303);
    if (answer.status === 404) throw new HttpError(404);
    return page({ ...await readShown(ctx), wrong: answer.problem.title }, { status: answer.status });
  },
});

function act(ctx: Ctx, what: string, delivery: string): Promise<Answer<unknown>> {
  const api = `/api${hereOf(ctx)}`;
  switch (what) {
    case "on":
    case "off":
      return ask(ctx, api, { body: { enabled: what === "on" } });
    case "replay":
      return ask(ctx, `${api}/deliveries/${encodeURIComponent(delivery)}/replay`, { method: "POST" });
    case "removed":
      return ask(ctx, api, { method: "DELETE" });
    default:
      throw new HttpError(400);
  }
}

async function readShown(ctx: Ctx): Promise<Shown> {
  const api = `/api${hereOf(ctx)}`;
  const webhook = await read<ShownSomebodysWebhook>(ctx, api);
  const cursor = ctx.url.searchParams.get("cursor");
  const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const log = await read<ShownDeliveries>(ctx, `${api}/deliveries${query}`);
  return { webhook, log, now: ctx.state.studio.clock.now(), done: "", wrong: "" };
}

export default define.page<typeof handler>(({ data: { webhook, log, now, done, wrong } }) => {
  const here = `${ALL}/${webhook.id}`;
  return (
    <AdminFrame here={ALL} now={now} done={done} wrong={wrong}>
      <section class="stack">
        <p class="small">
          <a href={ALL}>{words.back}</a>
        </p>
        <h2 class="mono">{webhook.url}</h2>
        <p class="small second">{words.all.of(webhook.owner.email)}</p>
        <Events of={webhook} />
        <Standing webhook={webhook} now={now} endedBy={words.all.ended} />
        <div class="small">
          <LastTry of={webhook} now={now} />
        </div>
        <form method="post" action={here} class="row">
          <button class="btn slim" type="submit" name="do" value={webhook.enabled ? "off" : "on"}>
            {webhook.enabled ? words.off : words.on}
          </button>
          <button class="btn slim bad" type="submit" name="do" value="removed">{words.remove}</button>
        </form>
        {webhook.enabled && <p class="tiny quiet">{words.all.off}</p>}
        <h2>{words.log.title}</h2>
        <DeliveryLog
          deliveries={log.items}
          action={here}
          enabled={webhook.enabled}
          now={now}
          films="/admin/actors"
        />
        {log.next !== null && (
          <p>
            <a class="btn slim" href={`${here}?cursor=${log.next}`}>{words.log.further}</a>
          </p>
        )}
      </section>
    </AdminFrame>
  );
});
