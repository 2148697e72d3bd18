/** Settings: one webhook: where it leads, what it tells, its secret, and the log of what was sent. */
import { type Context, HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import { Note } from "@/components/note.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { DeliveryLog, Secret, Standing, WebhookForm, type WebhookValues } from "@/components/webhooks.tsx";
import type { NewWebhook, ShownDeliveries, ShownWebhook } from "@/core/shown_webhooks.ts";
import { WEBHOOK_EVENTS } from "@/core/webhooks.ts";
import { day, timeOfDay } from "@/core/words/format.ts";
import { shell } from "@/core/words/shell.ts";
import { webhooks as words } from "@/core/words/webhooks.ts";
import { type Answer, ask, read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../../(_shared)/refused.ts";
import type { State } from "../../../(_shared)/state.ts";

interface Shown {
  webhook: ShownWebhook;
  log: ShownDeliveries;
  now: number;
  done: string;
  problem: string;
  secret: string | null;
  values: WebhookValues;
  refused: Refused;
}

type Ctx = Context<State>;

const ALL = "/settings/webhooks";
const hereOf = ({ params }: Ctx) => `${ALL}/${encodeURIComponent(params.id ?? "")}`;
const apiOf = ({ params }: Ctx) => `/api/webhooks/${encodeURIComponent(params.id ?? "")}`;

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page(await readShown(ctx, { done }));
  },

  async POST(ctx) {
    const fields = await readFields(ctx.req);
    if (fields.do === "rotate") {
      const { secret } = await answered(ask<NewWebhook>(ctx, `${apiOf(ctx)}/rotate`, { method: "POST" }));
      return page(await readShown(ctx, { secret }), { headers: { "cache-control": "no-store" } });
    }
    if (fields.do === "save") return await save(ctx, fields);
    const answer = await act(ctx, fields);
    if (answer.ok) {
      const to = fields.do === "removed" ? ALL : hereOf(ctx);
      return ctx.redirect(`${to}?done=${encodeURIComponent(fields.do ?? "")}`, 303);
    }
    if (answer.status === 404) throw new HttpError(404);
    return page(await readShown(ctx, { problem: answer.problem.title }), { status: answer.status });
  },
});

async function save(ctx: Ctx, fields: Record<string, string>) {
  const events = WEBHOOK_EVENTS.filter((event) => fields[event] === "on");
  const values = { url: fields.url ?? "", events };
  const answer = await ask(ctx, `${apiOf(ctx)}/edit`, { body: values });
  if (answer.ok) return ctx.redirect(`${hereOf(ctx)}?done=saved`, 303);
  if (answer.status === 404) throw new HttpError(404);
  const refused = refusedBy(answer.problem, ["url", "events"]);
  return page(await readShown(ctx, { values, refused }), {
    status: answer.status,
    headers: headersOf(answer.response),
  });
}

function act(ctx: Ctx, { do: what, delivery = "" }: Record<string, string>): Promise<Answer<unknown>> {
  const api = apiOf(ctx);
  switch (what) {
    case "on":
    case "off":
      return ask(ctx, `${api}/edit`, { body: { enabled: what === "on" } });
    case "ping":
      return ask(ctx, `${api}/ping`, { method: "POST" });
    case "replay":
      return ask(ctx, `${api}/deliveries/${encodeURIComponent(delivery)}/replay`, { method: "POST" });
    case "removed":
      return ask(ctx, api, { method: "DELETE" });
    default:
      throw new HttpError(400);
  }
}

async function answered<Body>(asked: Promise<Answer<Body>>): Promise<Body> {
  const answer = await asked;
  if (!answer.ok) throw new HttpError(answer.status, answer.problem.title);
  return answer.body;
}

async function readShown(ctx: Ctx, change: Partial<Shown>): Promise<Shown> {
  const webhook = await read<ShownWebhook>(ctx, apiOf(ctx));
  const cursor = ctx.url.searchParams.get("cursor");
  const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const log = await read<ShownDeliveries>(ctx, `${apiOf(ctx)}/deliveries${query}`);
  return {
    webhook,
    log,
    now: ctx.state.studio.clock.now(),
    done: "",
    problem: "",
    secret: null,
    values: { url: webhook.url, events: webhook.events },
    refused: NOT_REFUSED,
    ...change,
  };
}

export default define.page<typeof handler>(({ data, params }) => {
  const { webhook, log, now, done, problem, secret, values, refused } = data;
  const here = `${ALL}/${params.id}`;
  return (
    <SettingsFrame here={ALL}>
      <Head>
        <title>{shell.title(words.title)}</title>
      </Head>
      {done && <Note kind="good">{done}</Note>}
      {problem && <Note kind="bad">{problem}</Note>}
      <section>
        <p class="small">
          <a href={ALL}>{words.back}</a>
        </p>
        <h2 class="cut">{webhook.url}</h2>
        <Standing webhook={webhook} now={now} />
        <WebhookForm values={values} refused={refused} action={here} go={words.change} />
        <Switches here={here} enabled={webhook.enabled} />
      </section>
      <section>
        <h2>{words.log.title}</h2>
        <p class="second small">{words.log.text}</p>
        {webhook.enabled && (
          <form method="post" action={here}>
            <button class="btn" type="submit" name="do" value="ping">
              <Icon of={icons.webhook} />
              {words.log.ping}
            </button>
          </form>
        )}
        <DeliveryLog deliveries={log.items} action={here} enabled={webhook.enabled} now={now} />
        {log.next !== null && (
          <p>
            <a class="btn slim" href={`${here}?cursor=${log.next}`}>{words.log.further}</a>
          </p>
        )}
      </section>
      <Rotation here={here} webhook={webhook} secret={secret} />
    </SettingsFrame>
  );
});

function Switches({ here, enabled }: { here: string; enabled: boolean }) {
  return (
    <form method="post" action={here} class="row">
      <button class="btn slim" type="submit" name="do" value={enabled ? "off" : "on"}>
        {enabled ? words.off : words.on}
      </button>
      <button class="btn slim bad" type="submit" name="do" value="removed">{words.remove}</button>
    </form>
  );
}

function Rotation({ here, webhook, secret }: { here: string; webhook: ShownWebhook; secret: string | null }) {
  const until = webhook.formerUntil === null ? null : Date.parse(webhook.formerUntil);
  return (
    <section>
      <h2>{words.rotate.title}</h2>
      <p class="second small">{words.rotate.text}</p>
      {secret && <Secret secret={secret} />}
      {until !== null && <p class="small">{words.rotate.both([day(until), timeOfDay(until)].join(", "))}</p>}
      <form method="post" action={here}>
        <button class="btn slim" type="submit" name="do" value="rotate">{words.rotate.go}</button>
      </form>
    </section>
  );
}
