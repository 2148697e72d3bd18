/** Settings: webhooks, which tell a program of the person what becomes of their films. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Note } from "@/components/note.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { Secret, WebhookForm, WebhookList, type WebhookValues } from "@/components/webhooks.tsx";
import type { NewWebhook, ShownWebhook } from "@/core/shown_webhooks.ts";
import { WEBHOOK_EVENTS } from "@/core/webhooks.ts";
import { shell } from "@/core/words/shell.ts";
import { webhooks as words } from "@/core/words/webhooks.ts";
import { ask, read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../../(_shared)/refused.ts";
import type { State } from "../../../(_shared)/state.ts";

interface Shown {
  webhooks: ShownWebhook[];
  done: string;
  made: NewWebhook | null;
  values: WebhookValues;
  refused: Refused;
}

const HERE = "/settings/webhooks";
const API = "/api/webhooks";
const FIRST_VALUES: WebhookValues = { url: "", events: ["job.completed", "job.failed"] };

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page(await readShown(ctx, { done }));
  },

  /** The secret is shown in this very answer, since nobody can read it again. */
  async POST(ctx) {
    const fields = await readFields(ctx.req);
    const events = WEBHOOK_EVENTS.filter((event) => fields[event] === "on");
    const values = { url: fields.url ?? "", events };
    const answer = await ask<NewWebhook>(ctx, API, { body: values });
    if (answer.ok) {
      return page(await readShown(ctx, { made: answer.body }), { headers: { "cache-control": "no-store" } });
    }
    const refused = refusedBy(answer.problem, ["url", "events"]);
    return page(await readShown(ctx, { values, refused }), {
      status: answer.status,
      headers: headersOf(answer.response),
    });
  },
});

async function readShown(ctx: Context<State>, change: Partial<Shown>): Promise<Shown> {
  const { items: webhooks } = await read<{ items: ShownWebhook[] }>(ctx, API);
  return { webhooks, done: "", made: null, values: FIRST_VALUES, refused: NOT_REFUSED, ...change };
}

export default define.page<typeof handler>(({ data: { webhooks, done, made, values, refused } }) => (
  <SettingsFrame here={HERE}>
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    {done && <Note kind="good">{done}</Note>}
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text}</p>
      {made && <Secret secret={made.secret} />}
      <WebhookList webhooks={webhooks} at={(id) => `${HERE}/${id}`} />
    </section>
    <section>
      <h2>{words.make.title}</h2>
      <WebhookForm values={values} refused={refused} action={HERE} go={words.make.go} />
    </section>
  </SettingsFrame>
));
