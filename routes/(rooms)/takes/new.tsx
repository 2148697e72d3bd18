/** Long takes of prompt files. Without scripts the same form is sent: first for the plan, then to make the films. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { FilmCard } from "@/components/films/card.tsx";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownJob, ShownModes, ShownPage } from "@/core/shown.ts";
import { EMPTY_SHEET } from "@/core/take_sheet.ts";
import { shell } from "@/core/words/shell.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import type { TakesStart } from "@/components/takes/desk.ts";
import Takes from "@/islands/Takes.tsx";
import { read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import type { State } from "../../(_shared)/state.ts";
import { makeTakes, planTakes, readTakes } from "../../(_shared)/taking.ts";

interface Data {
  start: TakesStart;
  offered: OfferedMode | null;
  own: ShownJob[];
  ticket: string;
  now: number;
}

const OWN_SHOWN = 4;
const EMPTY: TakesStart = { sheet: EMPTY_SHEET, plans: {}, sent: {}, notes: [] };

export const handler = define.handlers({
  GET: async (ctx) => page(await fill(ctx, EMPTY)),
  async POST(ctx) {
    const taken = await readTakes(ctx);
    if (taken.action !== "make") return page(await fill(ctx, await planTakes(ctx, taken.start)));
    const made = await makeTakes(ctx, taken);
    const results = Object.values(made.sent);
    const isWhole = results.every(({ job }) => job !== null) && made.sheet.bad.length === 0;
    if (isWhole && results.length > 0) {
      return ctx.redirect(results.length === 1 ? `/jobs/${results[0]?.job}` : "/queue", 303);
    }
    const data = await fill(ctx, { ...await planTakes(ctx, made), sent: made.sent });
    return page(data, { status: 422 });
  },
});

async function fill(ctx: Context<State>, start: TakesStart): Promise<Data> {
  const [{ items }, own] = await Promise.all([
    read<ShownModes>(ctx, "/api/modes", { keep: true }),
    read<ShownPage<ShownJob>>(ctx, `/api/jobs?mode=take&limit=${OWN_SHOWN}`),
  ]);
  return {
    start,
    offered: items.find(({ mode }) => mode === "take") ?? null,
    own: own.items,
    ticket: ctx.state.studio.ids.uuid4(),
    now: ctx.state.studio.clock.now(),
  };
}

export default define.page<typeof handler>(({ data: { start, offered, own, ticket, now } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    <div class="head first">
      <h1>{words.title}</h1>
      <p class="second small">{words.lead}</p>
    </div>
    <Takes {...start} {...{ offered, ticket }} pasted="" />
    <div class="head">
      <h2>{words.own}</h2>
      {own.length === OWN_SHOWN && (
        <nav class="filters" aria-label={words.own}>
          <a href="/library?mode=take">{words.all}</a>
        </nav>
      )}
    </div>
    {own.length === 0
      ? <p class="second small">{words.none}</p>
      : <div class="grid">{own.map((job) => <FilmCard key={job.id} job={job} now={now} />)}</div>}
  </main>
));
