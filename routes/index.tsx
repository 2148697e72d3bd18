/** The front page: what this is, at a glance, and the way in. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { FilmArt } from "@/components/film_art.tsx";
import { Header } from "@/components/header.tsx";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import { Pool } from "@/components/pool.tsx";
import type { ShownRegistration } from "@/core/shown.ts";
import { front } from "@/core/words/front.ts";
import { ask } from "./(_shared)/ask.ts";
import { define } from "./(_shared)/define.ts";
import { readPool } from "./(_shared)/pool.ts";
import { whoOf } from "./(_shared)/who.ts";

export const handler = define.handlers({
  GET: async (ctx) => {
    const registration = await ask<ShownRegistration>(ctx, "/api/auth/registration");
    const state = registration.ok ? registration.body.state : "closed";
    return page({ pool: await readPool(ctx.state.studio), state });
  },
});

const WAYS = [
  { icon: icons.film, words: front.ways.animate },
  { icon: icons.mic, words: front.ways.audio },
  { icon: icons.wand, words: front.ways.draft },
];

export default define.page<typeof handler>(({ data, state }) => (
  <>
    <Head>
      <title>{front.title}</title>
      <meta name="description" content={front.description} />
    </Head>
    <Header who={whoOf(state)}>
      <Pool pool={data.pool} />
    </Header>
    <main class="front">
      <h1 class="hello">
        {front.hello.map((sentence) => (
          <>
            <span>{sentence}</span>
            {" "}
          </>
        ))}
      </h1>
      <p class="lead second">{front.lead}</p>
      <WayIn isSignedIn={state.user !== null} state={data.state} />
      <FilmArt />
      <h2 class="unseen">{front.waysTitle}</h2>
      <div class="ways">
        {WAYS.map(({ icon, words }) => (
          <section>
            <Icon of={icon} />
            <h3>{words.title}</h3>
            <p>{words.text}</p>
          </section>
        ))}
      </div>
      <p class="ends small quiet">
        <a href="/api/openapi.json">{front.api}</a>
        <a href="/api/health">{front.health}</a>
      </p>
    </main>
  </>
));

/** One thing to press. Where registration is closed, that is signing in. */
function WayIn({ isSignedIn, state }: { isSignedIn: boolean; state: ShownRegistration["state"] }) {
  if (isSignedIn) return <Ways go={{ href: "/dashboard", words: front.open }} />;
  const signIn = { href: "/login", words: front.signIn };
  if (state === "first") return <Ways go={{ href: "/register", words: front.setUp }} />;
  if (state === "closed") return <Ways go={signIn} />;
  return <Ways go={{ href: "/register", words: front.register }} other={signIn} />;
}

interface Way {
  href: string;
  words: string;
}

function Ways({ go, other }: { go: Way; other?: Way }) {
  return (
    <p class="next">
      <a class="btn go" href={go.href}>{go.words}</a>
      {other && <a class="btn" href={other.href}>{other.words}</a>}
    </p>
  );
}
