/** The front page until the full face is there: what this is, how it stands, and where the API is. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Header } from "@/components/header.tsx";
import { Pool, type PoolState } from "@/components/pool.tsx";
import type { Studio } from "@/core/studio.ts";
import { define } from "./(_shared)/define.ts";

export const handler = define.handlers({
  GET: async (ctx) => page({ pool: await readPool(ctx.state.studio), email: ctx.state.user?.email ?? null }),
});

/** A page that says "I cannot read my state" helps more than an error page. */
async function readPool(studio: Studio): Promise<PoolState | null> {
  try {
    const backends = await studio.admin.backends();
    return {
      up: backends.filter((backend) => backend.status === "up").length,
      all: backends.length,
      draftOnly: backends.length > 0 && backends.every((backend) => backend.engine === "draft"),
    };
  } catch (cause) {
    studio.log.warn("front page could not read the backends", {
      error: cause instanceof Error ? cause.message : String(cause),
    });
    return null;
  }
}

export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Animatrix: your own film studio</title>
      <meta
        name="description"
        content="A self-hosted film studio: a character, a movement or a voice, and a film comes back."
      />
    </Head>
    <Header>
      <Pool pool={data.pool} />
    </Header>
    <main class="front">
      <h1 class="hello">What shall we film?</h1>
      <p class="lead second">
        Animatrix turns a picture of a character and a movement or a voice into a film, on your own machine.
        Every job goes on after a restart, and every part of a film can be taken again.
      </p>
      <div class="ways">
        <section>
          <h2>Animate</h2>
          <p class="second">A character and a driving clip. Move it, or mix it into the clip.</p>
        </section>
        <section>
          <h2>Audio</h2>
          <p class="second">A character and a voice. The picture speaks as long as the sound lasts.</p>
        </section>
        <section>
          <h2>Draft</h2>
          <p class="second">No graphics card needed: the draft renderer shows the whole way in seconds.</p>
        </section>
      </div>
      <p class="next">
        <a class="btn go" href="/api/openapi.json">Read the API</a>
        <a class="btn" href="/api/health">State of every part</a>
      </p>
      <p class="quiet">
        {data.email === null
          ? "The pages for making films come next; the engine behind them already answers through the API."
          : `Signed in as ${data.email}. The pages for making films come next.`}
      </p>
    </main>
  </>
));
