/** The studio: the composer on top, what is being made, and the films so far, newest first. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { ServedComposer } from "@/components/composer/served.tsx";
import { FilmCard } from "@/components/films/card.tsx";
import { Icon } from "@/components/icon.tsx";
import { film, wand } from "@/components/icons.ts";
import type { ShownJob, ShownPage, ShownProject } from "@/core/shown.ts";
import { familyName } from "@/core/mode_names.ts";
import { dashboard as words } from "@/core/words/dashboard.ts";
import { shell } from "@/core/words/shell.ts";
import { RenderingNow } from "@/islands/RenderingNow.tsx";
import { ask, read } from "../(_shared)/ask.ts";
import { readComposing, startFromJob } from "../(_shared)/composing.ts";
import { readUsual } from "../(_shared)/usual.ts";
import { define } from "../(_shared)/define.ts";
import type { State } from "../(_shared)/state.ts";

const LIVE_SHOWN = 6;
const FILMS_SHOWN = 24;

export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const from = searchParams.get("from");
    const filter = searchParams.get("mode") ?? "all";
    const cursor = searchParams.get("cursor");
    const query = new URLSearchParams({ status: "ended", limit: String(FILMS_SHOWN) });
    if (filter !== "all") query.set("mode", filter);
    if (cursor !== null) query.set("cursor", cursor);
    const project = await findProject(ctx);
    if (project !== null) query.set("project", project.id);
    const start = from === null ? null : await startFromJob(ctx, from);
    const [composing, live, films, usual] = await Promise.all([
      readComposing(ctx, { start, projectId: project?.id ?? null }),
      read<ShownPage<ShownJob>>(ctx, `/api/jobs?status=live&limit=${LIVE_SHOWN}`),
      read<ShownPage<ShownJob>>(ctx, `/api/jobs?${query}`),
      readUsual(ctx),
    ]);
    const { ids, clock } = ctx.state.studio;
    return page({
      composing,
      live,
      films,
      usual,
      filter,
      project,
      isFirst: cursor === null,
      ticket: ids.uuid4(),
      now: clock.now(),
    });
  },
});

/** The project that the address names, if it is the person's own. */
async function findProject(ctx: Context<State>): Promise<ShownProject | null> {
  const id = ctx.url.searchParams.get("project");
  if (id === null) return null;
  const answer = await ask<ShownProject>(ctx, `/api/projects/${encodeURIComponent(id)}`);
  return answer.ok ? answer.body : null;
}

export default define.page<typeof handler>(({ data }) => {
  const { composing, live, films, usual, filter, project, isFirst, ticket, now } = data;
  const families = [...new Set(composing.offer.items.map(({ mode }) => mode))];
  const place = { filter, project: project?.id };
  const isEmpty = project === null && live.items.length === 0 && films.items.length === 0 &&
    filter === "all" && isFirst;
  return (
    <>
      <Head>
        <title>{shell.title(words.title)}</title>
      </Head>
      <main class="room">
        <h1 class="hello">{words.hello}</h1>
        {project !== null && <InProject project={project} />}
        <ServedComposer composing={composing} ticket={ticket} />
        {isEmpty
          ? (
            <RenderingNow jobs={[]} hasMore={false} usual={usual}>
              <FirstRun />
            </RenderingNow>
          )
          : <RenderingNow jobs={live.items} hasMore={live.next !== null} usual={usual} />}
        {!isEmpty && (
          <section id="films">
            <div class="head">
              <h2>{words.films}</h2>
              <Filters {...place} families={families} />
            </div>
            {films.items.length === 0
              ? (
                <p class="quiet">
                  {project !== null
                    ? words.empty.project
                    : filter === "all"
                    ? words.empty.first
                    : words.empty.none}
                </p>
              )
              : (
                <div class="grid">
                  {films.items.map((job) => <FilmCard key={job.id} job={job} now={now} />)}
                </div>
              )}
            <More {...place} isFirst={isFirst} next={films.next} />
          </section>
        )}
      </main>
    </>
  );
});

/** Which films the page shows. */
interface Place {
  /** A family of modes, or all. */
  filter: string;
  project?: string;
}

function addressOf({ filter, project }: Place, cursor?: string): string {
  const query = new URLSearchParams();
  if (project) query.set("project", project);
  if (filter !== "all") query.set("mode", filter);
  if (cursor) query.set("cursor", cursor);
  return `/dashboard${query.size > 0 ? `?${query}` : ""}${cursor ? "#films" : ""}`;
}

function Filters({ filter, project, families }: Place & { families: string[] }) {
  return (
    <nav class="filters" aria-label={words.filter}>
      {["all", ...families].map((one) => (
        <a
          key={one}
          href={addressOf({ filter: one, project })}
          aria-current={one === filter ? "page" : "false"}
        >
          {one === "all" ? words.all : familyName(one)}
        </a>
      ))}
    </nav>
  );
}

function More({ isFirst, next, ...place }: Place & { isFirst: boolean; next: string | null }) {
  if (isFirst && next === null) return null;
  return (
    <p class="more row">
      {!isFirst && <a class="btn" href={addressOf(place)} aria-current="false">{words.newest}</a>}
      {next !== null && <a class="btn" href={addressOf(place, next)} aria-current="false">{words.more}</a>}
    </p>
  );
}

/** What is made here goes into the project, and the films below are its own. */
function InProject({ project: { id, name } }: { project: ShownProject }) {
  return (
    <p class="note now in-project">
      <span>
        {words.inProject} <a href={`/projects/${id}`}>{name}</a>
      </span>
      <a class="push" href="/dashboard" aria-current="false">{words.leaveProject}</a>
    </p>
  );
}

/** Nothing has been made yet. */
function FirstRun() {
  return (
    <section class="empty">
      <Icon of={film} />
      <h2>{words.empty.title}</h2>
      <p class="small">{words.empty.text}</p>
      <form method="post" action="/demo">
        <button type="submit" class="btn">
          <Icon of={wand} />
          {words.empty.demo}
        </button>
      </form>
    </section>
  );
}
