/** For operators: the render servers and the parts of the house. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Live, LiveScript } from "@/components/admin/live.tsx";
import { House } from "@/components/admin/house.tsx";
import { MaintenancePanel } from "@/components/admin/maintenance.tsx";
import { Spend } from "@/components/admin/spend.tsx";
import { Servers } from "@/components/admin/servers.tsx";
import type {
  ShownBackend,
  ShownHealth,
  ShownKnownLacks,
  ShownMaintenance,
  ShownServerWork,
} from "@/core/shown_admin.ts";
import type { ShownSpend } from "@/core/shown_use.ts";
import { asSentence } from "@/core/words/format.ts";
import { maintenance as upkeep } from "@/core/words/maintenance.ts";
import { servers as words } from "@/core/words/servers.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  servers: ShownBackend[];
  lacks: Map<string, ShownKnownLacks["items"][number]>;
  work: Map<string, ShownServerWork>;
  health: ShownHealth;
  spend: ShownSpend;
  maintenance: ShownMaintenance;
  now: number;
  done: string;
  wrong: string;
  noteWrong: string;
}

type Ctx = Context<State>;

export const handler = define.handlers({
  async GET(ctx) {
    const name = ctx.url.searchParams.get("done") ?? "";
    const done = words.done[name] ?? upkeep.done[name] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    const { act = "", id = "", note = "" } = await readFields(ctx.req);
    if (act === "drained" || act === "opened") return await look(ctx, act, note);
    const answer = await ask(
      ctx,
      `/api/admin/backends/${encodeURIComponent(id)}/${encodeURIComponent(act)}`,
      { method: "POST" },
    );
    if (answer.ok) return ctx.redirect(`/admin?done=${encodeURIComponent(act)}`, 303);
    return page({ ...await readShown(ctx), wrong: answer.problem.title }, { status: answer.status });
  },
});

/** Drains the whole studio, or opens it again. */
async function look(ctx: Ctx, act: "drained" | "opened", note: string) {
  const path = "/api/admin/maintenance";
  const answer =
    await (act === "drained" ? ask(ctx, path, { body: { note } }) : ask(ctx, path, { method: "DELETE" }));
  if (answer.ok || answer.status === 404) return ctx.redirect(`/admin?done=${act}`, 303);
  const { title, fields = [] } = answer.problem;
  const noteWrong = fields[0] ? asSentence(fields[0].message) : "";
  const shown = { ...await readShown(ctx), wrong: noteWrong ? "" : title, noteWrong };
  return page(shown, { status: answer.status });
}

async function readShown(ctx: Ctx): Promise<Shown> {
  const { items: servers } = await read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends");
  const [maintenance, lacks, queue, health, spend] = await Promise.all([
    read<ShownMaintenance>(ctx, "/api/admin/maintenance"),
    read<ShownKnownLacks>(ctx, "/api/admin/lacks"),
    read<{ backends: ShownServerWork[] }>(ctx, "/api/admin/queue"),
    read<ShownHealth>(ctx, "/api/admin/house"),
    read<ShownSpend>(ctx, "/api/admin/spend"),
  ]);
  const now = ctx.state.studio.clock.now();
  return {
    servers,
    work: new Map(queue.backends.map((one) => [one.backendId, one])),
    lacks: new Map(lacks.items.map((one) => [one.backendId, one])),
    health,
    spend,
    maintenance,
    now,
    done: "",
    wrong: "",
    noteWrong: "",
  };
}

export default define.page<typeof handler>(({ data }) => {
  const { servers, lacks, work, health, spend, maintenance, now, done, wrong, noteWrong } = data;
  return (
    <AdminFrame here="/admin" now={now} done={done} wrong={wrong}>
      <LiveScript />
      <Live>
        <Servers servers={servers} lacks={lacks} work={work} now={now} />
        <House health={health} />
      </Live>
      <Spend spend={spend} />
      <MaintenancePanel shown={maintenance} now={now} wrong={noteWrong} />
    </AdminFrame>
  );
});
