/** Making an account: the first one, an open one, or one by invitation. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Door } from "@/components/door.tsx";
import { Header } from "@/components/header.tsx";
import { Note } from "@/components/note.tsx";
import { TextField } from "@/components/text_field.tsx";
import { HOME } from "@/core/next.ts";
import type { ShownRegistration } from "@/core/shown.ts";
import { door } from "@/core/words/door.ts";
import { span } from "@/core/words/format.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "./(_shared)/ask.ts";
import { define } from "./(_shared)/define.ts";
import { readFields } from "./(_shared)/fields.ts";
import { cookieOf, headersOf, NOT_REFUSED, type Refused, refusedBy } from "./(_shared)/refused.ts";

interface Shown {
  registration: ShownRegistration;
  invite: string;
  email: string;
  code: string;
  refused: Refused;
}

const words = door.register;
const FIELDS = ["email", "password", "code"];

export const handler = define.handlers({
  async GET(ctx) {
    const invite = ctx.url.searchParams.get("invite") ?? "";
    if (ctx.state.user !== null && invite === "") return ctx.redirect(HOME, 303);
    const registration = await read<ShownRegistration>(ctx, stateUrl(invite));
    const shown: Shown = { registration, invite, email: "", code: "", refused: NOT_REFUSED };
    return page(shown, { headers: { "cache-control": "no-store" } });
  },

  async POST(ctx) {
    const { email = "", password = "", code = "", invite = "" } = await readFields(ctx.req);
    const body = { email, password, ...(code ? { code } : {}), ...(invite ? { invite } : {}) };
    const answer = await ask(ctx, "/api/auth/register", { body });
    if (answer.ok) {
      const headers = cookieOf(answer.response);
      headers.set("location", HOME);
      return new Response(null, { status: 303, headers });
    }
    const { problem, status, response } = answer;
    const refused = refusedBy(problem, FIELDS);
    if (problem.retryAfterMs !== undefined) refused.text = door.tooMany(span(problem.retryAfterMs / 1000));
    const registration = await read<ShownRegistration>(ctx, stateUrl(invite));
    const shown: Shown = { registration, invite, email, code, refused };
    return page(shown, { status, headers: headersOf(response) });
  },
});

/** A token that cannot be one is asked about as well: the answer is that it is gone. */
function stateUrl(invite: string): string {
  return `/api/auth/registration${
    invite === "" ? "" : `?invite=${encodeURIComponent(invite.slice(0, 200))}`
  }`;
}

export default define.page<typeof handler>(({ data }) => {
  const { state, invitation, invitationGone } = data.registration;
  const news = invitationGone ? state === "closed" ? words.gone : words.goneButOpen : "";
  return (
    <>
      <Head>
        <title>{shell.title(words.title)}</title>
      </Head>
      <Header />
      <Door title={words.hello[state]} text={words.text[state]}>
        {news && <Note kind={state === "closed" ? "bad" : "plain"}>{news}</Note>}
        {invitation?.role === "operator" && <Note>{words.asOperator}</Note>}
        {data.refused.text && state !== "closed" && <Note kind="bad">{data.refused.text}</Note>}
        {state !== "closed" && <Form data={data} />}
        {state !== "first" && (
          <p class="small second">
            {words.other} <a href="/login">{words.otherLink}</a>
          </p>
        )}
      </Door>
    </>
  );
});

function Form({ data: { registration, invite, email, code, refused } }: { data: Shown }) {
  const first = FIELDS.find((name) => refused.wrong[name]) ?? (email === "" ? "email" : "password");
  return (
    <form method="post" action="/register" class="stack">
      {registration.state === "invited" && <input type="hidden" name="invite" value={invite} />}
      <TextField
        name="email"
        type="email"
        label={door.email}
        value={email}
        autocomplete="username"
        wrong={refused.wrong.email}
        first={first === "email"}
        required
      />
      <TextField
        name="password"
        type="password"
        label={door.newPassword}
        autocomplete="new-password"
        hint={door.passwordHint}
        wrong={refused.wrong.password}
        first={first === "password"}
        required
      />
      {registration.codeNeeded && (
        <TextField
          name="code"
          label={door.code}
          value={code}
          autocomplete="one-time-code"
          hint={door.codeHint}
          wrong={refused.wrong.code}
          first={first === "code"}
          required
        />
      )}
      <button class="btn go" type="submit">{words.go}</button>
    </form>
  );
}
