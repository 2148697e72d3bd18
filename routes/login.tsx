/** Signing in: a form that works without script and comes back to where the person wanted to go. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Door } from "@/components/door.tsx";
import { Header } from "@/components/header.tsx";
import { Note } from "@/components/note.tsx";
import { TextField } from "@/components/text_field.tsx";
import { HOME, safeNext } from "@/core/next.ts";
import { sessionToken } from "@/core/session.ts";
import { door } from "@/core/words/door.ts";
import { span } from "@/core/words/format.ts";
import { shell } from "@/core/words/shell.ts";
import { ask } from "./(_shared)/ask.ts";
import { define } from "./(_shared)/define.ts";
import { readFields } from "./(_shared)/fields.ts";
import { cookieOf, headersOf, NOT_REFUSED, type Refused, refusedBy } from "./(_shared)/refused.ts";

interface Shown {
  next: string;
  email: string;
  /** Why the person is here. */
  news: "" | "needed" | "ended" | "left";
  refused: Refused;
}

export const handler = define.handlers({
  GET(ctx) {
    const wanted = ctx.url.searchParams.get("next");
    const next = safeNext(wanted);
    if (ctx.state.user !== null) return ctx.redirect(next, 303);
    const shown: Shown = { next, email: "", news: newsOf(ctx.req.headers, ctx.url), refused: NOT_REFUSED };
    return page(shown, { headers: { "cache-control": "no-store" } });
  },

  async POST(ctx) {
    const { email = "", password = "", next: wanted } = await readFields(ctx.req);
    const next = safeNext(wanted);
    const answer = await ask(ctx, "/api/auth/login", { body: { email, password } });
    if (answer.ok) return goTo(next, answer.response);
    const { problem, status, response } = answer;
    const refused = refusedBy(problem, ["email", "password"]);
    if (problem.retryAfterMs !== undefined) refused.text = door.tooMany(span(problem.retryAfterMs / 1000));
    const shown: Shown = { next, email, news: "", refused };
    return page(shown, { status, headers: headersOf(response) });
  },
});

function goTo(next: string, signedIn: Response): Response {
  const headers = cookieOf(signedIn);
  headers.set("location", next);
  return new Response(null, { status: 303, headers });
}

/** A cookie that names no session is one that has ended. */
function newsOf(headers: Headers, url: URL): Shown["news"] {
  if (url.searchParams.has("left")) return "left";
  if (sessionToken(headers) !== null) return "ended";
  return safeNext(url.searchParams.get("next")) === HOME ? "" : "needed";
}

export default define.page<typeof handler>(({ data: { next, email, news, refused } }) => (
  <>
    <Head>
      <title>{shell.title(door.login.title)}</title>
    </Head>
    <Header />
    <Door
      title={news === "left" ? door.login.bye : door.login.hello}
      text={news === "needed" ? door.login.needed : ""}
    >
      {(news === "left" || news === "ended") && <Note>{door.login[news]}</Note>}
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      <form method="post" action="/login" class="stack">
        {next !== HOME && <input type="hidden" name="next" value={next} />}
        <TextField
          name="email"
          type="email"
          label={door.email}
          value={email}
          autocomplete="username"
          wrong={refused.wrong.email}
          first={email === ""}
          required
        />
        <TextField
          name="password"
          type="password"
          label={door.password}
          autocomplete="current-password"
          wrong={refused.wrong.password}
          first={email !== ""}
          required
        />
        <button class="btn go" type="submit">{door.login.go}</button>
      </form>
      <p class="small second">
        {door.login.other} <a href="/register">{door.login.otherLink}</a>
      </p>
      {refused.text && <p class="small second">{door.login.forgotten}</p>}
    </Door>
  </>
));
