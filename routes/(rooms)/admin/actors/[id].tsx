/** For operators: one actor as a whole: state, plan with its takes, mailbox, effects, and its history in order. */
import { HttpError, page } from "fresh";
import { Effects, Steps } from "@/components/admin/insight.tsx";
import { AdminFrame } from "@/components/admin/frame.tsx";
import type { ShownInsight } from "@/core/shown_admin.ts";
import { when } from "@/core/words/format.ts";
import { insight as words } from "@/core/words/insight.ts";
import { ask } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const id = ctx.params.id ?? "";
    const answer = await ask<ShownInsight>(ctx, `/api/admin/actors/${encodeURIComponent(id)}`);
    if (!answer.ok) throw new HttpError(answer.status);
    return page({ actor: answer.body, now: ctx.state.studio.clock.now() });
  },
});

export default define.page<typeof handler>(({ data: { actor, now } }) => (
  <AdminFrame here="/admin/actors" now={now}>
    <p class="small">
      <a href="/admin/actors">{words.actor.back}</a> ·{" "}
      <a href={`/admin/logs?id=${actor.id}`}>{words.actor.log}</a>
    </p>
    <h2>{actor.title || words.actor.untitled}</h2>
    <p class="small second">
      {actor.owner} · <span class="mono">{actor.id}</span>
    </p>
    {actor.problem && (
      <p class="note bad">
        <span class="mono">{actor.problem.code}</span> {actor.problem.cause}
      </p>
    )}
    <section aria-labelledby="steps">
      <h2 id="steps" class="label">{words.actor.plan}</h2>
      <Steps steps={actor.steps} />
    </section>
    <section aria-labelledby="mail">
      <h2 id="mail" class="label">{words.actor.mail}</h2>
      {actor.mail.length === 0 && <p class="small quiet">{words.actor.noMail}</p>}
      <ul class="plain small">
        {actor.mail.map((item) => (
          <li key={item.id}>
            <span class="mono">{item.kind}</span> {when(Date.parse(item.dueAt), now)} {item.error}
          </li>
        ))}
      </ul>
    </section>
    <section aria-labelledby="effects">
      <h2 id="effects" class="label">{words.effects.title}</h2>
      <Effects effects={actor.effects} now={now} />
    </section>
    <section aria-labelledby="history">
      <h2 id="history" class="label">{words.actor.history}</h2>
      <ol class="plain small">
        {actor.history.map((item) => (
          <li key={item.seq}>
            <time class="quiet num" dateTime={item.at}>{item.at}</time> {item.message}{" "}
            <span class="mono tiny quiet">{item.kind}</span>
          </li>
        ))}
      </ol>
    </section>
    <details>
      <summary>{words.actor.state(actor.ver)}</summary>
      <pre class="mono small">{JSON.stringify(actor.state, null, 2)}</pre>
    </details>
  </AdminFrame>
));
