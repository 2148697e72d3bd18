/** For operators: a render server that is added while the studio runs, tried before it is saved. */
import { page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { ServerForm, type ServerValues, Trial } from "@/components/admin/server_form.tsx";
import type { ServerTest } from "@/core/servers.ts";
import { servers as words } from "@/core/words/servers.ts";
import { ask } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused } from "../../../(_shared)/refused.ts";
import { bodyOf, headerOf, NO_SERVER, refusedServer, serverValues } from "../../../(_shared)/server_form.ts";

interface Shown {
  values: ServerValues;
  refused: Refused;
  test: ServerTest | null;
  silent: boolean;
}

const HERE = "/admin/servers/new";

export const handler = define.handlers({
  GET: () => page<Shown>({ values: NO_SERVER, refused: NOT_REFUSED, test: null, silent: false }),

  async POST(ctx) {
    const fields = await readFields(ctx.req);
    const values = serverValues(fields);
    if (fields.do === "try") {
      const body = { url: values.url, ...headerOf(fields) };
      const answer = await ask<ServerTest>(ctx, "/api/admin/backends/test", { body });
      const test = answer.ok ? answer.body : null;
      const refused = answer.ok ? NOT_REFUSED : refusedServer(answer.problem);
      return page<Shown>({ values, refused, test, silent: test?.reachable === false }, {
        status: answer.ok ? 200 : answer.status,
        headers: { "cache-control": "no-store" },
      });
    }
    const body = { ...bodyOf(fields), untested: fields.untested === "on" };
    const answer = await ask(ctx, "/api/admin/backends", { body });
    if (answer.ok) return ctx.redirect("/admin?done=added", 303);
    const silent = answer.problem.code === "server.silent";
    return page<Shown>({ values, refused: refusedServer(answer.problem), test: null, silent }, {
      status: answer.status,
      headers: headersOf(answer.response),
    });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AdminFrame here="/admin" now={state.studio.clock.now()}>
    <section class="stack">
      <h2>{words.add.title}</h2>
      <p class="second small">{words.add.text}</p>
      {data.test && <Trial test={data.test} />}
      <ServerForm
        values={data.values}
        refused={data.refused}
        action={HERE}
        known={null}
        silent={data.silent}
      />
    </section>
  </AdminFrame>
));
