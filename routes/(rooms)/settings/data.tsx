/** Settings: taking everything along, and leaving for good. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import { Note } from "@/components/note.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { TextField } from "@/components/text_field.tsx";
import { door } from "@/core/words/door.ts";
import { span } from "@/core/words/format.ts";
import { settings } from "@/core/words/settings.ts";
import { shell } from "@/core/words/shell.ts";
import { ask } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { cookieOf, headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";

interface Shown {
  email: string;
  confirm: string;
  refused: Refused;
}

const HERE = "/settings/data";
const words = settings.data;

export const handler = define.handlers({
  GET(ctx) {
    const shown: Shown = { email: ctx.state.user?.email ?? "", confirm: "", refused: NOT_REFUSED };
    return page(shown);
  },

  async POST(ctx) {
    const { password = "", confirm = "" } = await readFields(ctx.req);
    const answer = await ask(ctx, "/api/account/delete", { body: { password, confirm } });
    if (answer.ok) {
      const headers = cookieOf(answer.response);
      headers.set("location", "/login?left");
      return new Response(null, { status: 303, headers });
    }
    const { problem, status, response } = answer;
    const refused = refusedBy(problem, ["password", "confirm"]);
    if (problem.retryAfterMs !== undefined) refused.text = door.tooMany(span(problem.retryAfterMs / 1000));
    const shown: Shown = { email: ctx.state.user?.email ?? "", confirm, refused };
    return page(shown, { status, headers: headersOf(response) });
  },
});

export default define.page<typeof handler>(({ data: { email, confirm, refused } }) => (
  <SettingsFrame here={HERE}>
    <Head>
      <title>{shell.title(settings.parts.data)}</title>
    </Head>
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text}</p>
      <p class="row">
        <a class="btn" href="/api/account/export.zip" download>
          <Icon of={icons.zip} />
          {words.zip}
        </a>
        <a class="btn" href="/api/account/export" download>
          <Icon of={icons.download} />
          {words.json}
        </a>
      </p>
    </section>
    <section>
      <h2>{words.delete.title}</h2>
      <p class="second small">{words.delete.text}</p>
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      <form method="post" action={HERE} class="narrow">
        <input type="text" name="username" value={email} autocomplete="username" readOnly hidden />
        <TextField
          name="confirm"
          type="email"
          label={words.delete.confirm(email)}
          value={confirm}
          autocomplete="off"
          wrong={refused.wrong.confirm}
          first={refused.wrong.confirm !== undefined}
          required
        />
        <TextField
          name="password"
          type="password"
          label={words.delete.password}
          autocomplete="current-password"
          wrong={refused.wrong.password}
          first={refused.wrong.password !== undefined}
          required
        />
        <div>
          <button class="btn bad" type="submit">{words.delete.go}</button>
        </div>
      </form>
    </section>
  </SettingsFrame>
));
