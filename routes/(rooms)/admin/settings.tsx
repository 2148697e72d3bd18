/** For operators: the configuration as it counts, to be changed where that takes effect at once, and services to be tried. */
import { type Context, HttpError, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import {
  GroupLinks,
  type RefusedSetting,
  Services,
  SettingGroups,
  type TriedService,
} from "@/components/admin/settings.tsx";
import type { ServiceTest, Setting } from "@/core/settings.ts";
import { settings as words } from "@/core/words/admin_settings.ts";
import { asSentence } from "@/core/words/format.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { headersOf } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  settings: Setting[];
  done: string;
  wrong: string;
  refused: RefusedSetting | null;
  tried: TriedService | null;
  now: number;
}

type Ctx = Context<State>;

const HERE = "/admin/settings";

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page(await readShown(ctx, { done }));
  },

  async POST(ctx) {
    const fields = await readFields(ctx.req);
    if (fields.do === "try") return await tryIt(ctx, fields);
    if (fields.do !== "stored" && fields.do !== "dropped") throw new HttpError(400);
    return await change(ctx, fields);
  },
});

async function tryIt(ctx: Ctx, { service = "", url = "" }: Record<string, string>) {
  const body = { service, ...(service === "outbound" ? { url } : {}) };
  const answer = await ask<ServiceTest>(ctx, "/api/admin/settings/test", { body });
  if (!answer.ok) throw new HttpError(answer.status);
  return page(await readShown(ctx, { tried: { ...answer.body, service, url } }));
}

async function change(ctx: Ctx, fields: Record<string, string>) {
  const { name = "", rev = "", do: done = "" } = fields;
  const entered = fields[`value-${name}`] ?? "";
  const value = done === "dropped" ? null : entered;
  const path = `/api/admin/settings/${encodeURIComponent(name)}`;
  const answer = await ask(ctx, path, { method: "PUT", body: { value, rev: Number(rev) } });
  if (answer.ok) return ctx.redirect(`${HERE}?done=${done}#${encodeURIComponent(name)}`, 303);
  const { title, fields: wrong = [] } = answer.problem;
  const [first] = wrong;
  const shown = await readShown(ctx, {
    wrong: first ? "" : title,
    refused: first ? { name, text: asSentence(first.message), value: entered } : null,
  });
  return page(shown, { status: answer.status, headers: headersOf(answer.response) });
}

async function readShown(ctx: Ctx, change: Partial<Shown>): Promise<Shown> {
  const { items: settings } = await read<{ items: Setting[] }>(ctx, "/api/admin/settings");
  const now = ctx.state.studio.clock.now();
  return { settings, done: "", wrong: "", refused: null, tried: null, now, ...change };
}

export default define.page<typeof handler>(({ data: { settings, done, wrong, refused, tried, now } }) => (
  <AdminFrame here={HERE} now={now} done={done} wrong={wrong}>
    <p class="small second">{words.about}</p>
    <GroupLinks settings={settings} />
    <Services settings={settings} tried={tried} action={HERE} />
    <SettingGroups settings={settings} refused={refused} action={HERE} />
  </AdminFrame>
));
