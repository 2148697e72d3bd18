/** The contact sheet of a batch: its takes side by side, to keep, to reject, and to cancel what waits. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { callOf, lookOf, type SheetLook } from "@/components/batch/view.ts";
import type { Wishes } from "@/components/live/wishes.ts";
import { nameOf } from "@/components/films/view.ts";
import type { ShownBatch } from "@/core/shown_batches.ts";
import { batches as words } from "@/core/words/batches.ts";
import { job as jobWords } from "@/core/words/job.ts";
import { shell } from "@/core/words/shell.ts";
import Sheet from "@/islands/Sheet.tsx";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { readUsual } from "../../(_shared)/usual.ts";

interface Shown {
  batch: ShownBatch;
  look: SheetLook;
  note: string;
  usual: Wishes;
}

const pathOf = (id: string | undefined) => `/api/batches/${encodeURIComponent(id ?? "")}`;

export const handler = define.handlers({
  async GET(ctx) {
    const batch = await read<ShownBatch>(ctx, pathOf(ctx.params.id));
    return page<Shown>({ batch, look: lookOf(ctx.url.searchParams), note: "", usual: await readUsual(ctx) });
  },

  async POST(ctx) {
    const { do: said = "" } = await readFields(ctx.req);
    const { id } = await read<ShownBatch>(ctx, pathOf(ctx.params.id));
    const call = callOf(id, said);
    const here = `/batches/${id}${ctx.url.search}`;
    if (call === null) return ctx.redirect(here, 303);
    const answer = await ask(ctx, call.path, { method: "POST", body: call.body });
    const [, take] = said.split(" ");
    if (answer.ok) return ctx.redirect(take ? `${here}#take-${take}` : here, 303);
    const batch = await read<ShownBatch>(ctx, pathOf(id));
    const usual = await readUsual(ctx);
    const shown = { batch, look: lookOf(ctx.url.searchParams), note: answer.problem.title, usual };
    return page<Shown>(shown, { status: answer.status });
  },
});

export default define.page<typeof handler>(({ data: { batch, look, note, usual } }) => {
  const [first] = batch.takes;
  return (
    <main class="room">
      <Head>
        <title>{shell.title(words.title(batch.takes.length))}</title>
      </Head>
      <nav class="crumb" aria-label={jobWords.where}>
        <a href="/library">{jobWords.films}</a>
        <span aria-hidden="true">/</span>
        <span class="cut">{first ? nameOf(first.job) : words.of}</span>
      </nav>
      <Sheet batch={batch} look={look} note={note} usual={usual} />
    </main>
  );
});
