/** For operators: messages that no job could take, to be replayed or dropped. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import type { ShownLetter } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { when } from "@/core/words/format.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  letters: ShownLetter[];
  now: number;
  done: string;
  wrong: string;
}

const HERE = "/admin/letters";
const words = admin.letters;

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    const { act = "", id = "" } = await readFields(ctx.req);
    const answer = await ask(
      ctx,
      `/api/admin/dead-letters/${encodeURIComponent(id)}/${encodeURIComponent(act)}`,
      { method: "POST" },
    );
    if (answer.ok) return ctx.redirect(`${HERE}?done=${encodeURIComponent(act)}`, 303);
    return page({ ...await readShown(ctx), wrong: answer.problem.title }, { status: answer.status });
  },
});

async function readShown(ctx: Context<State>): Promise<Shown> {
  const { items: letters } = await read<{ items: ShownLetter[] }>(ctx, "/api/admin/dead-letters");
  return { letters, now: ctx.state.studio.clock.now(), done: "", wrong: "" };
}

export default define.page<typeof handler>(({ data: { letters, now, done, wrong } }) => (
  <AdminFrame here={HERE} now={now} done={done} wrong={wrong}>
    <p class="small second">{words.about}</p>
    {letters.length === 0
      ? (
        <div class="empty">
          <Icon of={icons.check} />
          <p>{words.empty}</p>
        </div>
      )
      : (
        <ul class="plain letters">
          {letters.map((letter) => (
            <li key={letter.id} class="panel">
              <div>
                <h2 class="mono">{letter.kind}</h2>
                <p class="mono small">{letter.error}</p>
                <p class="tiny quiet num">
                  {[
                    words.job(letter.actorId),
                    words.tries(letter.attempts),
                    when(Date.parse(letter.at), now),
                  ].join(" · ")}
                </p>
              </div>
              <form method="post" action={HERE} class="row">
                <input type="hidden" name="id" value={letter.id} />
                <button type="submit" class="btn slim" name="act" value="retry">
                  <Icon of={icons.retry} />
                  {words.retry}
                </button>
                <button type="submit" class="btn slim bad" name="act" value="drop">{words.drop}</button>
              </form>
            </li>
          ))}
        </ul>
      )}
  </AdminFrame>
));
