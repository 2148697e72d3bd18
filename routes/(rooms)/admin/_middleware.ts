/** The operators' rooms: nobody else comes in. */
import { HttpError } from "fresh";
import { define } from "../../(_shared)/define.ts";

export default define.middleware((ctx) => {
  if (ctx.state.user?.role !== "operator") throw new HttpError(403);
  return ctx.next();
});
