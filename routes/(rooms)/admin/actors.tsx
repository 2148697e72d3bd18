/** For operators: the actors with their open mail and effects. */
import { page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import type { ShownActor } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { when } from "@/core/words/format.ts";
import { read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";

const words = admin.actors;

export const handler = define.handlers({
  async GET(ctx) {
    const { items } = await read<{ items: ShownActor[] }>(ctx, "/api/admin/actors");
    return page({ actors: items, now: ctx.state.studio.clock.now() });
  },
});

export default define.page<typeof handler>(({ data: { actors, now } }) => (
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
                <p class="mono">{actor.id}</p>
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
  </AdminFrame>
));
