/** The queue of whoever is signed in: what runs and what waits, with buttons that work without a script. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { PAGE } from "@/components/queue/desk.ts";
import type { Wishes } from "@/components/live/wishes.ts";
import { callOf } from "@/core/queue.ts";
import type { ShownQueue } from "@/core/shown.ts";
import { queue as words } from "@/core/words/queue.ts";
import { shell } from "@/core/words/shell.ts";
import Queue from "@/islands/Queue.tsx";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import type { State } from "../../(_shared)/state.ts";
import { readUsual } from "../../(_shared)/usual.ts";

interface Shown {
  queue: ShownQueue;
  note: string;
  usual: Wishes;
}

export const handler = define.handlers({
  async GET(ctx) {
    const shown: Shown = { queue: await readPage(ctx), note: "", usual: await readUsual(ctx) };
    return page(shown);
  },

  async POST(ctx) {
    const { act = "", id = "" } = await readFields(ctx.req);
    const queue = await readPage(ctx);
    const call = callOf({ act, id }, queue.waiting.map(({ job }) => job.id));
    if (call === null) return ctx.redirect("/queue", 303);
    const answer = await ask(ctx, call.path, { body: call.body });
    if (answer.ok) return ctx.redirect(id ? `/queue#job-${id}` : "/queue", 303);
    const shown: Shown = {
      queue: await readPage(ctx),
      note: answer.problem.title,
      usual: await readUsual(ctx),
    };
    return page(shown, { status: answer.status });
  },
});

/** Beyond the last page stands the first. */
async function readPage(ctx: Context<State>): Promise<ShownQueue> {
  const from = Math.max(0, Math.trunc(Number(ctx.url.searchParams.get("from"))) || 0);
  const queue = await read<ShownQueue>(ctx, `/api/queue?size=${PAGE}&from=${Math.min(from, 1_000_000)}`);
  return from > 0 && from >= queue.total ? await read(ctx, `/api/queue?size=${PAGE}`) : queue;
}

export default define.page<typeof handler>(({ data: { queue, note, usual } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    <Queue queue={queue} note={note} usual={usual} />
  </main>
));
