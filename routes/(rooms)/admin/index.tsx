/** For operators: the render servers and the parts of the house. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { House } from "@/components/admin/house.tsx";
import { Servers } from "@/components/admin/servers.tsx";
import type { ShownBackend, ShownHealth, ShownLacks } from "@/core/shown_admin.ts";
import { servers as words } from "@/core/words/servers.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  servers: ShownBackend[];
  lacks: Map<string, ShownLacks["items"] | null>;
  health: ShownHealth;
  now: number;
  done: string;
  wrong: string;
}

type Ctx = Context<State>;

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    const { act = "", id = "" } = await readFields(ctx.req);
    const answer = await ask(
      ctx,
      `/api/admin/backends/${encodeURIComponent(id)}/${encodeURIComponent(act)}`,
      { method: "POST" },
    );
    if (answer.ok) return ctx.redirect(`/admin?done=${encodeURIComponent(act)}`, 303);
    return page({ ...await readShown(ctx), wrong: answer.problem.title }, { status: answer.status });
  },
});

async function readShown(ctx: Ctx): Promise<Shown> {
  const { items: servers } = await read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends");
  const [lacks, health] = await Promise.all([
    Promise.all(servers.filter(({ status }) => status !== "down").map(({ id }) => readLacks(ctx, id))),
    read<ShownHealth>(ctx, "/api/admin/house"),
  ]);
  return { servers, lacks: new Map(lacks), health, now: ctx.state.studio.clock.now(), done: "", wrong: "" };
}

async function readLacks(ctx: Ctx, id: string): Promise<[string, ShownLacks["items"] | null]> {
  const answer = await ask<ShownLacks>(ctx, `/api/admin/backends/${encodeURIComponent(id)}/lacks`);
  return [id, answer.ok ? answer.body.items : null];
}

export default define.page<typeof handler>(({ data: { servers, lacks, health, now, done, wrong } }) => (
  <AdminFrame here="/admin" now={now} done={done} wrong={wrong}>
    <Servers servers={servers} lacks={lacks} now={now} />
    <House health={health} />
  </AdminFrame>
));
