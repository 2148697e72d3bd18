/** The rooms behind the door: whoever is not signed in is sent to sign in, and comes back afterwards. */
import { define } from "../(_shared)/define.ts";

export default define.middleware((ctx) => {
  if (ctx.state.user !== null) return ctx.next();
  const here = ctx.req.method === "GET" ? ctx.url.pathname + ctx.url.search : ctx.url.pathname;
  return ctx.redirect(`/login?next=${encodeURIComponent(here)}`, 303);
});
