/** For operators: what lies in storage, for how long there is room, and how long what is kept. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Keeping, type KeepingProps } from "@/components/admin/keeping.tsx";
import { Stored } from "@/components/admin/stored.tsx";
import type { ShownKeeping } from "@/core/shown_keeping.ts";
import type { ShownRoom } from "@/core/shown_room.ts";
import { keeping as words } from "@/core/words/keeping.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { keepOf, keepWrong } from "../../(_shared)/keep.ts";
import { headersOf } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown extends Pick<KeepingProps, "chosen" | "refused"> {
  room: ShownRoom;
  keeping: ShownKeeping;
  done: string;
  wrong: string;
  now: number;
}

const HERE = "/admin/storage";

export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const done = searchParams.has("saved") ? words.project.saved : "";
    return page(await readShown(ctx, { done, chosen: searchParams.get("project") }));
  },

  async POST(ctx) {
    const entered = await readFields(ctx.req);
    const chosen = entered.project ?? "";
    const path = `/api/admin/projects/${encodeURIComponent(chosen)}/keep`;
    const answer = await ask(ctx, path, { method: "PUT", body: keepOf(entered) });
    if (answer.ok) return ctx.redirect(`${HERE}?saved=1&project=${encodeURIComponent(chosen)}`, 303);
    const wrong = keepWrong(answer.problem.fields);
    const isNoted = Object.keys(wrong).length > 0;
    const change = { chosen, refused: { entered, wrong }, wrong: isNoted ? "" : answer.problem.title };
    return page(await readShown(ctx, change), { status: answer.status, headers: headersOf(answer.response) });
  },
});

async function readShown(ctx: Context<State>, change: Partial<Shown>): Promise<Shown> {
  const room = await read<ShownRoom>(ctx, "/api/admin/storage");
  const keeping = await read<ShownKeeping>(ctx, "/api/admin/storage/keeping");
  const now = ctx.state.studio.clock.now();
  return { room, keeping, now, chosen: null, refused: null, done: "", wrong: "", ...change };
}

export default define.page<typeof handler>((
  { data: { room, keeping, chosen, refused, done, wrong, now } },
) => (
  <AdminFrame here={HERE} now={now} done={done} wrong={wrong}>
    <Stored room={room} />
    <Keeping {...{ keeping, chosen, refused }} action={HERE} />
  </AdminFrame>
));
