/** For operators: what is set of one render server, to be edited, tried and removed while the studio runs. */
import { type Context, HttpError, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { ServerForm, type ServerValues, Trial } from "@/components/admin/server_form.tsx";
import { serverNames } from "@/components/admin/servers.tsx";
import type { ServerTest } from "@/core/servers.ts";
import type { ShownBackend } from "@/core/shown_admin.ts";
import { servers as words } from "@/core/words/servers.ts";
import { ask, read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused } from "../../../(_shared)/refused.ts";
import { bodyOf, headerOf, refusedServer, serverValues, valuesOf } from "../../../(_shared)/server_form.ts";
import type { State } from "../../../(_shared)/state.ts";

interface Shown {
  server: ShownBackend;
  name: string;
  values: ServerValues;
  refused: Refused;
  test: ServerTest | null;
  /** Somebody else edited it meanwhile. */
  stale: boolean;
  wrong: string;
}

type Ctx = Context<State>;

const apiOf = ({ params }: Ctx) => `/api/admin/backends/${encodeURIComponent(params.id ?? "")}`;

export const handler = define.handlers({
  GET: async (ctx) => page(await readShown(ctx, {})),

  async POST(ctx) {
    const fields = await readFields(ctx.req);
    if (fields.do === "try") return await tryIt(ctx, fields);
    if (fields.do === "save") return await save(ctx, fields);
    if (fields.do !== "remove") throw new HttpError(400);
    const answer = await ask(ctx, apiOf(ctx), { method: "DELETE" });
    if (answer.ok || answer.status === 404) return ctx.redirect("/admin?done=removed", 303);
    return page(await readShown(ctx, { wrong: answer.problem.title }), { status: answer.status });
  },
});

async function tryIt(ctx: Ctx, fields: Record<string, string>) {
  const values = serverValues(fields);
  const body = {
    id: ctx.params.id ?? "",
    ...(fields.url === undefined ? {} : { url: values.url }),
    ...headerOf(fields),
  };
  const answer = await ask<ServerTest>(ctx, "/api/admin/backends/test", { body });
  const change = answer.ok ? { test: answer.body } : { refused: refusedServer(answer.problem) };
  return page(await readShown(ctx, { ...change, ...(fields.url === undefined ? {} : { values }) }), {
    status: answer.ok ? 200 : answer.status,
  });
}

async function save(ctx: Ctx, fields: Record<string, string>) {
  const body = { ...bodyOf(fields), rev: Number(fields.rev) };
  const answer = await ask<{ headerGone: boolean }>(ctx, `${apiOf(ctx)}/edit`, { body });
  if (answer.ok) return ctx.redirect(`/admin?done=${answer.body.headerGone ? "moved" : "saved"}`, 303);
  if (answer.status === 404) throw new HttpError(404);
  const shown = await readShown(ctx, {
    refused: refusedServer(answer.problem),
    stale: answer.problem.code === "request.conflict",
  });
  // What was entered stays, over the revision that was read then: saving again is refused until it is read anew.
  const values = { ...serverValues(fields), url: fields.url ?? shown.server.url };
  const server = { ...shown.server, rev: Number(fields.rev) };
  return page({ ...shown, values, server }, { status: answer.status, headers: headersOf(answer.response) });
}

async function readShown(ctx: Ctx, change: Partial<Shown>): Promise<Shown> {
  const { items } = await read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends");
  const server = items.find(({ id }) => id === ctx.params.id);
  if (!server) throw new HttpError(404);
  return {
    server,
    name: serverNames(items).get(server.id) ?? server.id,
    values: valuesOf(server),
    refused: NOT_REFUSED,
    test: null,
    stale: false,
    wrong: "",
    ...change,
  };
}

export default define.page<typeof handler>(({ data, state }) => {
  const { server, name, values, refused, test, stale, wrong } = data;
  const here = `/admin/servers/${encodeURIComponent(server.id)}`;
  const { rev, header, origin } = server;
  const goes = origin === "added" || origin === "former";
  return (
    <AdminFrame here="/admin" now={state.studio.clock.now()} wrong={wrong}>
      <section class="stack">
        <p class="small">
          <a href="/admin">{words.edit.back}</a>
        </p>
        <h2>{words.edit.title(name)}</h2>
        {test && <Trial test={test} />}
        {stale && <a class="btn slim" href={here}>{words.edit.again}</a>}
        <ServerForm
          values={values}
          refused={refused}
          action={here}
          known={{ rev, header, origin }}
          silent={false}
        />
        <p class="second small">{words.edit.removeText[origin]}</p>
        {goes && (
          <form method="post" action={here}>
            <button class="btn slim bad" type="submit" name="do" value="remove">{words.edit.remove}</button>
          </form>
        )}
      </section>
    </AdminFrame>
  );
});
