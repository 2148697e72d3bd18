/** The frame of every room: the bar above, the page, and on a phone the rooms under the thumb. */
import { Header } from "@/components/header.tsx";
import { Pool } from "@/components/pool.tsx";
import { shell } from "@/core/words/shell.ts";
import { define } from "../(_shared)/define.ts";
import { readPool } from "../(_shared)/pool.ts";

export default define.layout(async ({ Component, state }) => {
  const { user } = state;
  const who = user === null ? null : { email: user.email, isOperator: user.role === "operator" };
  const pool = await readPool(state.studio);
  return (
    <>
      <a class="skip" href="#page">{shell.skip}</a>
      <Header who={who}>
        <Pool pool={pool} />
      </Header>
      <div id="page" tabIndex={-1}>
        <Component />
      </div>
    </>
  );
});
