/** The frame of every room: the bar above, the page, and on a phone the rooms under the thumb. */
import { Header } from "@/components/header.tsx";
import { Pool } from "@/components/pool.tsx";
import { shell } from "@/core/words/shell.ts";
import { define } from "../(_shared)/define.ts";
import { readPool } from "../(_shared)/pool.ts";
import { whoOf } from "../(_shared)/who.ts";

export default define.layout(async ({ Component, state }) => {
  const pool = await readPool(state.studio);
  return (
    <>
      <a class="skip" href="#page">{shell.skip}</a>
      <Header who={whoOf(state)}>
        <Pool pool={pool} />
      </Header>
      <div id="page" tabIndex={-1}>
        <Component />
      </div>
    </>
  );
});
