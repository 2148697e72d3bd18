/** Signing out: a form in the settings posts here. */
import { ask } from "./(_shared)/ask.ts";
import { define } from "./(_shared)/define.ts";
import { cookieOf } from "./(_shared)/refused.ts";

export const handler = define.handlers({
  async POST(ctx) {
    const answer = await ask(ctx, "/api/auth/logout", { body: {} });
    const headers = answer.ok ? cookieOf(answer.response) : new Headers();
    headers.set("location", "/");
    return new Response(null, { status: 303, headers });
  },
});
