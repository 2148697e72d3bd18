/** Links to one film: made here, listed, and taken back. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import { arrowLeft, link as linkIcon } from "@/components/icons.ts";
import { Picture } from "@/components/films/picture.tsx";
import { nameOf, stillOf } from "@/components/films/view.ts";
import { NewsLines } from "@/components/library/room.tsx";
import { ShareList } from "@/components/library/share_list.tsx";
import { isPicture } from "@/components/job/view.ts";
import type { ShownJobDetail } from "@/core/shown.ts";
import type { ShownNewShare, ShownShare } from "@/core/shown_shares.ts";
import { share as words } from "@/core/words/share.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../../(_shared)/ask.ts";
import { readTicks } from "../../../(_shared)/fields.ts";
import { define } from "../../../(_shared)/define.ts";
import type { State } from "../../../(_shared)/state.ts";

const DAYS = [1, 7, 30];

interface Told {
  /** The address of a link that was just made: told this once. */
  url?: string;
  refusal?: string;
}

async function load(ctx: Context<State>, { url, refusal }: Told = {}) {
  const { id } = ctx.params;
  const job = await read<ShownJobDetail>(ctx, `/api/jobs/${id}`);
  const { items } = await read<{ items: ShownShare[] }>(ctx, `/api/jobs/${id}/shares`);
  const isTakenBack = ctx.url.searchParams.has("taken");
  return { job, items, url, refusal, isTakenBack, now: ctx.state.studio.clock.now() };
}

export const handler = define.handlers({
  GET: async (ctx) => page(await load(ctx)),
  async POST(ctx) {
    const form = await readTicks(ctx.req);
    const taken = form.get("revoke");
    if (taken !== null) {
      const answer = await ask(ctx, `/api/shares/${encodeURIComponent(String(taken))}`, { method: "DELETE" });
      if (answer.ok) return ctx.redirect(`${ctx.url.pathname}?taken=1`, 303);
      return page(await load(ctx, { refusal: answer.problem.title }), { status: answer.status });
    }
    const body = { days: Number(form.get("days")) };
    const made = await ask<ShownNewShare>(ctx, `/api/jobs/${ctx.params.id}/shares`, { body });
    if (made.ok) {
      return page(await load(ctx, { url: made.body.url }), { headers: { "cache-control": "no-store" } });
    }
    const refusal = made.problem.fields?.[0]?.message ?? made.problem.title;
    return page(await load(ctx, { refusal }), { status: made.status });
  },
});

export default define.page<typeof handler>(({ data: { job, items, url, refusal, isTakenBack, now } }) => {
  const picture = job.result?.posterUrl ?? stillOf(job);
  const share = isPicture(job) ? { ...words, ...words.ofPicture } : words;
  return (
    <main class="room slender">
      <Head>
        <title>{shell.title(share.title)}</title>
      </Head>
      <p class="small">
        <a class="back" href={`/jobs/${job.id}`}>
          <Icon of={arrowLeft} />
          {share.back}
        </a>
      </p>
      <h1 class="named">{share.title}</h1>
      {refusal !== undefined && <NewsLines news={[{ tone: "bad", words: refusal }]} />}
      {isTakenBack && url === undefined && <NewsLines news={[{ tone: "good", words: share.takenBack }]} />}
      {url !== undefined && (
        <div class="note good fresh" role="status">
          <div>
            <p>{share.made}</p>
            <code>{url}</code>
          </div>
        </div>
      )}
      <form method="post" class="panel sharing">
        {picture !== null && (
          <div class="pic">
            <Picture src={picture} eager />
          </div>
        )}
        <div class="stack">
          <h2>{nameOf(job)}</h2>
          <p class="second small">{share.lead}</p>
          <fieldset class="field">
            <legend>{share.howLong}</legend>
            <div class="seg">
              {DAYS.map((days) => (
                <label key={days}>
                  <input class="unseen" type="radio" name="days" value={days} checked={days === 7} />
                  {share.days[days]}
                </label>
              ))}
            </div>
          </fieldset>
          <p>
            <button type="submit" class="btn go">
              <Icon of={linkIcon} />
              {share.make}
            </button>
          </p>
        </div>
      </form>
      <h2 class="links">{share.links}</h2>
      <ShareList items={items} now={now} />
    </main>
  );
});
