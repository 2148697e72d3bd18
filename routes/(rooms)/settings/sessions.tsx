/** Settings: where the person is signed in, and how to end that. */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import { Note } from "@/components/note.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { browserOf } from "@/core/agent.ts";
import type { ShownSession } from "@/core/shown.ts";
import { day, when } from "@/core/words/format.ts";
import { settings } from "@/core/words/settings.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";

const HERE = "/settings/sessions";
const words = settings.sessions;
const ON_THE_MOVE = ["iPhone", "iPad", "Android"];
const DONE: Record<string, string> = { one: words.ended, others: words.othersEnded };

export const handler = define.handlers({
  async GET(ctx) {
    const { items } = await read<{ items: ShownSession[] }>(ctx, "/api/account/sessions");
    const done = DONE[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ items, done, now: ctx.state.studio.clock.now() });
  },

  /** Ends the named session, or all others. One that is gone already has ended as well. */
  async POST(ctx) {
    const { id } = await readFields(ctx.req);
    const path = "/api/account/sessions" + (id ? `/${encodeURIComponent(id)}` : "");
    const answer = await ask(ctx, path, { method: "DELETE" });
    if (!answer.ok && answer.status !== 404) throw new HttpError(answer.status, answer.problem.title);
    return ctx.redirect(`${HERE}?done=${id ? "one" : "others"}`, 303);
  },
});

export default define.page<typeof handler>(({ data: { items, done, now } }) => (
  <SettingsFrame here={HERE}>
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    {done && <Note kind="good">{done}</Note>}
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text}</p>
      <ul class="plain rows">
        {items.map((session) => <Row key={session.id} session={session} now={now} />)}
      </ul>
      {items.length > 1 && (
        <form method="post" action={HERE}>
          <button class="btn" type="submit">{words.endOthers}</button>
        </form>
      )}
    </section>
  </SettingsFrame>
));

function Row({ session, now }: { session: ShownSession; now: number }) {
  const { browser, system } = browserOf(session.agent);
  const what = words.browser(browser, system);
  return (
    <li>
      <Icon of={ON_THE_MOVE.includes(system) ? icons.phone : icons.laptop} />
      <div>
        <p>
          {what} {session.current && <span class="tag">{words.current}</span>}
        </p>
        <p class="small quiet">
          {!session.current && (
            <time datetime={session.seenAt}>{words.seen(when(Date.parse(session.seenAt), now))}</time>
          )}
          {session.address && <span>{words.from(session.address)}</span>}
          <span>{words.until(day(Date.parse(session.expiresAt)))}</span>
        </p>
      </div>
      {!session.current && (
        <form method="post" action={HERE}>
          <input type="hidden" name="id" value={session.id} />
          <button class="btn slim" type="submit" aria-label={words.endThis(what)}>{words.end}</button>
        </form>
      )}
    </li>
  );
}
