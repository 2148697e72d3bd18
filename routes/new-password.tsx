/** Choosing a new password by a link that an operator made. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Door } from "@/components/door.tsx";
import { Header } from "@/components/header.tsx";
import { Note } from "@/components/note.tsx";
import { TextField } from "@/components/text_field.tsx";
import { HOME } from "@/core/next.ts";
import { door } from "@/core/words/door.ts";
import { span } from "@/core/words/format.ts";
import { shell } from "@/core/words/shell.ts";
import { ask } from "./(_shared)/ask.ts";
import { define } from "./(_shared)/define.ts";
import { readFields } from "./(_shared)/fields.ts";
import { cookieOf, headersOf, NOT_REFUSED, type Refused, refusedBy } from "./(_shared)/refused.ts";
import type { State } from "./(_shared)/state.ts";

interface Shown {
  token: string;
  /** Null when the link has ended. */
  email: string | null;
  refused: Refused;
}

const words = door.fresh;

export const handler = define.handlers({
  GET: (ctx) => show(ctx, ctx.url.searchParams.get("token") ?? "", NOT_REFUSED),

  async POST(ctx) {
    const { token = "", password = "" } = await readFields(ctx.req);
    const answer = await ask(ctx, "/api/auth/new-password", { body: { token, password } });
    if (answer.ok) {
      const headers = cookieOf(answer.response);
      headers.set("location", HOME);
      return new Response(null, { status: 303, headers });
    }
    const refused = refusedBy(answer.problem, ["password"]);
    const waitMs = answer.problem.retryAfterMs;
    if (waitMs !== undefined) refused.text = door.tooMany(span(waitMs / 1000));
    return await show(ctx, token, refused, answer);
  },
});

/** The form for whoever the link is for; a link that has ended says so in its place. */
async function show(
  ctx: Context<State>,
  token: string,
  refused: Refused,
  refusal: { status: number; response: Response } | null = null,
) {
  const path = `/api/auth/new-password?token=${encodeURIComponent(token.slice(0, 300))}`;
  const whose = await ask<{ email: string }>(ctx, path);
  const { status, response } = refusal ?? whose;
  const shown: Shown = {
    token,
    email: whose.ok ? whose.body.email : null,
    refused: whose.ok ? refused : refusedBy(whose.problem, []),
  };
  return page(shown, { status, headers: headersOf(response) });
}

export default define.page<typeof handler>(({ data: { token, email, refused } }) => (
  <>
    <Head>
      <title>{shell.title(words.title)}</title>
    </Head>
    <Header />
    <Door title={email === null ? words.gone : words.title} text={email === null ? "" : words.text(email)}>
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      {email === null && (
        <p class="small second">
          <a href="/login">{door.login.go}</a>
        </p>
      )}
      {email !== null && (
        <form method="post" action="/new-password" class="stack">
          <input type="hidden" name="token" value={token} />
          <input type="text" name="username" value={email} autocomplete="username" readOnly hidden />
          <TextField
            name="password"
            type="password"
            label={door.newPassword}
            autocomplete="new-password"
            hint={door.passwordHint}
            wrong={refused.wrong.password}
            first
            required
          />
          <button class="btn go" type="submit">{words.go}</button>
        </form>
      )}
    </Door>
  </>
));
