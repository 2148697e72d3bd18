/** Settings: the account itself, and its password. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Note } from "@/components/note.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { TextField } from "@/components/text_field.tsx";
import { UseFacts } from "@/components/use_facts.tsx";
import type { ShownPerson } from "@/core/shown.ts";
import type { ShownUse } from "@/core/shown_use.ts";
import { door } from "@/core/words/door.ts";
import { day, span } from "@/core/words/format.ts";
import { settings } from "@/core/words/settings.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { cookieOf, headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  person: ShownPerson;
  use: ShownUse;
  isDone: boolean;
  refused: Refused;
}

const HERE = "/settings";
const words = settings.account;

export const handler = define.handlers({
  async GET(ctx) {
    const isDone = ctx.url.searchParams.has("done");
    return page({ ...await readShown(ctx), isDone, refused: NOT_REFUSED });
  },

  async POST(ctx) {
    const { current = "", next = "" } = await readFields(ctx.req);
    const answer = await ask(ctx, "/api/auth/password", { body: { current, next } });
    if (answer.ok) {
      const headers = cookieOf(answer.response);
      headers.set("location", `${HERE}?done`);
      return new Response(null, { status: 303, headers });
    }
    const { problem, status, response } = answer;
    const refused = refusedBy(problem, ["current", "next"]);
    if (problem.retryAfterMs !== undefined) refused.text = door.tooMany(span(problem.retryAfterMs / 1000));
    return page({ ...await readShown(ctx), isDone: false, refused }, {
      status,
      headers: headersOf(response),
    });
  },
});

async function readShown(ctx: Context<State>): Promise<Pick<Shown, "person" | "use">> {
  const [person, use] = await Promise.all([
    read<ShownPerson>(ctx, "/api/auth/me"),
    read<ShownUse>(ctx, "/api/account/use"),
  ]);
  return { person, use };
}

export default define.page<typeof handler>(({ data: { person, use, isDone, refused } }) => (
  <SettingsFrame here={HERE}>
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    {isDone && <Note kind="good">{words.password.done}</Note>}
    <section>
      <h2>{words.title}</h2>
      <dl class="facts">
        <dt>{words.email}</dt>
        <dd>{person.email}</dd>
        <dt>{words.role}</dt>
        <dd>{words.roles[person.role]}</dd>
        <dt>{words.since}</dt>
        <dd>
          <time datetime={person.createdAt}>{day(Date.parse(person.createdAt))}</time>
        </dd>
      </dl>
    </section>
    <UseFacts use={use} />
    <section>
      <h2>{words.password.title}</h2>
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      <form method="post" action={HERE} class="narrow">
        <input type="text" name="username" value={person.email} autocomplete="username" readOnly hidden />
        <TextField
          name="current"
          type="password"
          label={words.password.current}
          autocomplete="current-password"
          wrong={refused.wrong.current}
          first={refused.wrong.current !== undefined}
          required
        />
        <TextField
          name="next"
          type="password"
          label={words.password.next}
          autocomplete="new-password"
          hint={words.password.hint}
          wrong={refused.wrong.next}
          first={refused.wrong.current === undefined && refused.wrong.next !== undefined}
          required
        />
        <div>
          <button class="btn" type="submit">{words.password.go}</button>
        </div>
      </form>
    </section>
  </SettingsFrame>
));
