/** The front page: what this is, how it stands, and the way in. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Header } from "@/components/header.tsx";
import { Pool } from "@/components/pool.tsx";
import { front } from "@/core/words/front.ts";
import { define } from "./(_shared)/define.ts";
import { readPool } from "./(_shared)/pool.ts";

export const handler = define.handlers({
  GET: async (ctx) => page({ pool: await readPool(ctx.state.studio) }),
});

export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>{front.title}</title>
      <meta name="description" content={front.description} />
    </Head>
    <Header>
      <Pool pool={data.pool} />
    </Header>
    <main class="front">
      <h1 class="hello">{front.hello}</h1>
      <p class="lead second">{front.lead}</p>
      <div class="ways">
        {front.ways.map((way) => (
          <section>
            <h2>{way.title}</h2>
            <p class="second">{way.text}</p>
          </section>
        ))}
      </div>
      <p class="next">
        <a class="btn go" href="/api/openapi.json">{front.api}</a>
        <a class="btn" href="/api/health">{front.health}</a>
      </p>
    </main>
  </>
));
