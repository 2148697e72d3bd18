/** For operators: the actors with their open mail and effects. */
import { page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Effects } from "@/components/admin/insight.tsx";
import type { ShownActor, ShownEffect } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { insight } from "@/core/words/insight.ts";
import { when } from "@/core/words/format.ts";
import { read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";

const words = admin.actors;

export const handler = define.handlers({
  async GET(ctx) {
    const { items } = await read<{ items: ShownActor[] }>(ctx, "/api/admin/actors");
    const { items: effects } = await read<{ items: ShownEffect[] }>(ctx, "/api/admin/effects");
    return page({ actors: items, effects, now: ctx.state.studio.clock.now() });
  },
});

export default define.page<typeof handler>(({ data: { actors, effects, now } }) => (
  <AdminFrame here="/admin/actors" now={now}>
    <p class="small second">{words.about}</p>
    {actors.length === 0 ? <p class="empty">{words.empty}</p> : (
      <table class="dense actors num">
        <thead>
          <tr>
            <th scope="col">{words.columns.id}</th>
            <th scope="col">{words.columns.status}</th>
            <th scope="col">{words.columns.mail}</th>
            <th scope="col">{words.columns.effects}</th>
            <th scope="col">{words.columns.changed}</th>
          </tr>
        </thead>
        <tbody>
          {actors.map((actor) => (
            <tr key={actor.id}>
              <td>
                <a class="mono" href={`/admin/actors/${actor.id}`}>{actor.id}</a>
              </td>
              <td>
                <p>{actor.status}</p>
                <p class="quiet">{actor.stage}</p>
              </td>
              <td data-name={words.columns.mail}>{actor.openMail}</td>
              <td data-name={words.columns.effects}>{actor.openEffects}</td>
              <td>{when(Date.parse(actor.updatedAt), now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <section aria-labelledby="effects">
      <h2 id="effects" class="label">{insight.effects.title}</h2>
      <Effects effects={effects} now={now} />
    </section>
  </AdminFrame>
));
