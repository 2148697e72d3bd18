/** All projects of a person, and a form for another one. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import { folder, plus } from "@/components/icons.ts";
import { ProjectCard } from "@/components/library/project_card.tsx";
import { ProjectForm } from "@/components/library/project_form.tsx";
import { NewsLines } from "@/components/library/room.tsx";
import type { ProblemAnswer, ShownPage, ShownProject } from "@/core/shown.ts";
import { library } from "@/core/words/library.ts";
import { projects } from "@/core/words/projects.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { readTicks } from "../../(_shared)/fields.ts";
import { define } from "../../(_shared)/define.ts";
import type { State } from "../../(_shared)/state.ts";

interface Draft {
  name: string;
  description: string;
  problem: ProblemAnswer | null;
}

const EMPTY: Draft = { name: "", description: "", problem: null };

async function load(ctx: Context<State>, draft: Draft) {
  const params = new URLSearchParams({ limit: "24" });
  const cursor = ctx.url.searchParams.get("cursor") ?? "";
  if (cursor !== "") params.set("cursor", cursor);
  const { items, next } = await read<ShownPage<ShownProject>>(ctx, `/api/projects?${params}`);
  return { items, next, cursor, draft, removed: ctx.url.searchParams.has("removed") };
}

export const handler = define.handlers({
  GET: async (ctx) => page(await load(ctx, EMPTY)),
  async POST(ctx) {
    const form = await readTicks(ctx.req);
    const [name, description] = [String(form.get("name") ?? ""), String(form.get("description") ?? "")];
    const made = await ask<ShownProject>(ctx, "/api/projects", { body: { name, description } });
    if (made.ok) return ctx.redirect(`/projects/${made.body.id}?made=1`, 303);
    return page(await load(ctx, { name, description, problem: made.problem }), { status: made.status });
  },
});

export default define.page<typeof handler>(({ data: { items, next, cursor, draft, removed } }) => {
  const isEmpty = items.length === 0 && cursor === "";
  return (
    <main class="room">
      <Head>
        <title>{shell.title(projects.title)}</title>
      </Head>
      <div class="head first">
        <h1>{projects.title}</h1>
        <p class="second small">{projects.lead}</p>
      </div>
      <NewsLines news={removed ? [{ tone: "good", words: projects.removed }] : []} />
      {isEmpty
        ? (
          <>
            <div class="empty">
              <Icon of={folder} />
              <h2>{projects.none.title}</h2>
              <p>{projects.none.text}</p>
            </div>
            <div class="panel">
              <ProjectForm act="create" {...draft} />
            </div>
          </>
        )
        : (
          <>
            <details class="sieve" open={draft.problem !== null}>
              <summary class="btn">
                <Icon of={plus} />
                {projects.make}
              </summary>
              <div class="panel">
                <ProjectForm act="create" {...draft} />
              </div>
            </details>
            <ul class="grid plain">
              {items.map((project) => (
                <li key={project.id}>
                  <ProjectCard project={project} />
                </li>
              ))}
            </ul>
          </>
        )}
      {(next !== null || cursor !== "") && (
        <nav class="more row" aria-label={library.fields.cursor}>
          {cursor !== "" && <a class="btn" href="?">{library.newest}</a>}
          {next !== null && <a class="btn" href={`?cursor=${next}`}>{library.older}</a>}
        </nav>
      )}
    </main>
  );
});
