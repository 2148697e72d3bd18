/** For operators: films of everybody that failed, and why. */
import { type Context, page } from "fresh";
import { FailedFilms } from "@/components/admin/failed.tsx";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { serverNames } from "@/components/admin/servers.tsx";
import type { ShownBackend, ShownFailedFilm } from "@/core/shown_admin.ts";
import { failed as words } from "@/core/words/failed.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  films: ShownFailedFilm[];
  next: string | null;
  isFirst: boolean;
  names: Map<string, string>;
  now: number;
  done: string;
  wrong: string;
}

type Ctx = Context<State>;

const HERE = "/admin/failed";

export const handler = define.handlers({
  async GET(ctx) {
    return page(await readShown(ctx, { done: ctx.url.searchParams.has("done") ? words.done : "" }));
  },

  async POST(ctx) {
    const { id = "" } = await readFields(ctx.req);
    const answer = await ask(ctx, `/api/admin/failed/${encodeURIComponent(id)}/retry`, { method: "POST" });
    if (answer.ok) return ctx.redirect(`${HERE}?done`, 303);
    return page(await readShown(ctx, { wrong: answer.problem.title }), { status: answer.status });
  },
});

async function readShown(ctx: Ctx, { done = "", wrong = "" }): Promise<Shown> {
  const cursor = ctx.url.searchParams.get("cursor");
  const query = cursor === null ? "" : `?${new URLSearchParams({ cursor })}`;
  const [{ items: films, next }, { items: servers }] = await Promise.all([
    read<{ items: ShownFailedFilm[]; next: string | null }>(ctx, `/api/admin/failed${query}`),
    read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends"),
  ]);
  const now = ctx.state.studio.clock.now();
  return { films, next, isFirst: cursor === null, names: serverNames(servers), now, done, wrong };
}

export default define.page<typeof handler>(({ data: { films, next, isFirst, names, now, done, wrong } }) => (
  <AdminFrame here={HERE} now={now} done={done} wrong={wrong}>
    <p class="small second">{words.about}</p>
    {films.length === 0
      ? <p class="empty">{words.empty}</p>
      : <FailedFilms films={films} names={names} now={now} action={HERE} />}
    <nav class="row small">
      {!isFirst && <a class="btn slim" href={HERE}>{words.first}</a>}
      {next !== null && (
        <a class="btn slim" href={`${HERE}?${new URLSearchParams({ cursor: next })}`}>{words.further}</a>
      )}
    </nav>
  </AdminFrame>
));
