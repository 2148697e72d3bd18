/** Settings: tokens with which programs of the person use the API. */
import { type Context, HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Note } from "@/components/note.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { TokenForm, TokenList, type TokenValues } from "@/components/tokens.tsx";
import type { NewApiToken, ShownApiToken } from "@/core/shown_tokens.ts";
import { shell } from "@/core/words/shell.ts";
import { tokens as words } from "@/core/words/tokens.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  tokens: ShownApiToken[];
  isOperator: boolean;
  now: number;
  done: string;
  made: NewApiToken | null;
  values: TokenValues;
  refused: Refused;
}

const HERE = "/settings/tokens";
const API = "/api/account/tokens";
const FIRST_VALUES: TokenValues = { name: "", scope: "read", days: "90" };

export const handler = define.handlers({
  async GET(ctx) {
    return page(await readShown(ctx, { done: ctx.url.searchParams.has("done") ? words.revoked : "" }));
  },

  /** Takes the named token back, or makes one: that is shown in this very answer, since nobody can read it again. */
  async POST(ctx) {
    const { id, ...fields } = await readFields(ctx.req);
    if (id !== undefined) {
      const answer = await ask(ctx, `${API}/${encodeURIComponent(id)}`, { method: "DELETE" });
      if (!answer.ok && answer.status !== 404) throw new HttpError(answer.status, answer.problem.title);
      return ctx.redirect(`${HERE}?done`, 303);
    }
    const values = { ...FIRST_VALUES, ...fields };
    const body = { name: values.name, scope: values.scope, days: Number(values.days) };
    const answer = await ask<NewApiToken>(ctx, API, { body });
    if (answer.ok) {
      return page(await readShown(ctx, { made: answer.body }), { headers: { "cache-control": "no-store" } });
    }
    const refused = refusedBy(answer.problem, ["name", "scope", "days"]);
    return page(await readShown(ctx, { values, refused }), {
      status: answer.status,
      headers: headersOf(answer.response),
    });
  },
});

async function readShown(ctx: Context<State>, change: Partial<Shown>): Promise<Shown> {
  const { items: tokens } = await read<{ items: ShownApiToken[] }>(ctx, API);
  return {
    tokens,
    isOperator: ctx.state.user?.role === "operator",
    now: ctx.state.studio.clock.now(),
    done: "",
    made: null,
    values: FIRST_VALUES,
    refused: NOT_REFUSED,
    ...change,
  };
}

export default define.page<typeof handler>(({ data }) => (
  <SettingsFrame here={HERE}>
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    {data.done && <Note kind="good">{data.done}</Note>}
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text}</p>
      <p class="small quiet">
        {words.how} <code>{words.header}</code> · <a href="/api/openapi.json">{words.document}</a>
      </p>
      <TokenList tokens={data.tokens} action={HERE} now={data.now} />
    </section>
    <TokenForm {...data} action={HERE} />
  </SettingsFrame>
));
