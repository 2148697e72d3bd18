/** One project: its films and files, its name and description, and its end. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Icon } from "@/components/icon.tsx";
import { arrowLeft, edit, wand } from "@/components/icons.ts";
import { KeepFields } from "@/components/keep_fields.tsx";
import { Confirm } from "@/components/library/confirm.tsx";
import { ProjectForm } from "@/components/library/project_form.tsx";
import { LibraryRoom, type LibraryView, type News } from "@/components/library/room.tsx";
import type { ProblemAnswer, ShownProject } from "@/core/shown.ts";
import { keeping } from "@/core/words/keeping.ts";
import { library } from "@/core/words/library.ts";
import { projects } from "@/core/words/projects.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { readTicks } from "../../(_shared)/fields.ts";
import { keepOf, keepWrong } from "../../(_shared)/keep.ts";
import { define } from "../../(_shared)/define.ts";
import { act, loadLibrary, newsOf } from "../../(_shared)/library.ts";
import type { State } from "../../(_shared)/state.ts";

interface Data {
  project: ShownProject;
  view: LibraryView;
  /** What was entered, where it was refused. */
  draft: { name: string; description: string; problem: ProblemAnswer } | null;
  days: { entered: Record<string, string>; wrong: Record<string, string> } | null;
  isLeaving: boolean;
}

type Part = Partial<Pick<Data, "draft" | "days" | "isLeaving">> & { news?: News[] };

async function load(
  ctx: Context<State>,
  { news, draft = null, days = null, isLeaving = false }: Part = {},
): Promise<Data> {
  const project = await read<ShownProject>(ctx, `/api/projects/${ctx.params.id}`);
  const { searchParams } = ctx.url;
  const told = newsOf(searchParams);
  if (searchParams.has("made")) told.push({ tone: "good", words: projects.made });
  if (searchParams.has("saved")) told.push({ tone: "good", words: projects.saved });
  const view = await loadLibrary(ctx, { project: project.id }, news ?? told);
  return { project, view, draft, days, isLeaving };
}

async function save(ctx: Context<State>, form: FormData) {
  const [name, description] = [String(form.get("name") ?? ""), String(form.get("description") ?? "")];
  const saved = await ask(ctx, `/api/projects/${ctx.params.id}/edit`, { body: { name, description } });
  if (saved.ok) return ctx.redirect(`${ctx.url.pathname}?saved=1`, 303);
  return page(await load(ctx, { draft: { name, description, problem: saved.problem } }), {
    status: saved.status,
  });
}

async function keep(ctx: Context<State>, form: FormData) {
  const entered = Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
  const saved = await ask(ctx, `/api/projects/${ctx.params.id}/edit`, { body: { keep: keepOf(entered) } });
  if (saved.ok) return ctx.redirect(`${ctx.url.pathname}?saved=1`, 303);
  const days = { entered, wrong: keepWrong(saved.problem.fields) };
  return page(await load(ctx, { days }), { status: saved.status });
}

async function remove(ctx: Context<State>, form: FormData) {
  if (form.get("sure") !== "yes") return page(await load(ctx, { isLeaving: true }));
  const removed = await ask(ctx, `/api/projects/${ctx.params.id}`, { method: "DELETE" });
  if (removed.ok) return ctx.redirect("/projects?removed=1", 303);
  return page(await load(ctx, { news: [{ tone: "bad", words: removed.problem.title }] }), {
    status: removed.status,
  });
}

export const handler = define.handlers({
  GET: async (ctx) => page(await load(ctx)),
  async POST(ctx) {
    const form = await readTicks(ctx.req);
    if (form.get("do") === "save") return await save(ctx, form);
    if (form.get("do") === "keep") return await keep(ctx, form);
    if (form.get("do") === "remove") return await remove(ctx, form);
    const acted = await act(ctx, form);
    if ("response" in acted) return acted.response;
    return page(await load(ctx, "news" in acted ? { news: acted.news } : {}), { status: 422 });
  },
});

const SHOWS = ["films", "files"] as const;

export default define.page<typeof handler>(({ data: { project, view, draft, days, isLeaving } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(project.name)}</title>
    </Head>
    {isLeaving
      ? (
        <Confirm
          title={projects.confirm(project.name)}
          text={projects.confirmText(project.films, project.files)}
          yes={projects.remove}
          no={projects.keep}
          back="?"
          fields={[["do", "remove"]]}
        />
      )
      : (
        <>
          <ProjectHead {...{ project, draft, days }} />
          <nav class="filters tabs" aria-label={library.shows}>
            {SHOWS.map((show) => (
              <a
                key={show}
                href={show === "films" ? "?" : `?show=${show}`}
                aria-current={show === view.query.show ? "page" : undefined}
              >
                {library.tabs[show]} <span class="quiet num">{project[show]}</span>
              </a>
            ))}
          </nav>
          <LibraryRoom {...view} inProject />
        </>
      )}
  </main>
));

function ProjectHead({ project, draft, days }: Pick<Data, "project" | "draft" | "days">) {
  return (
    <>
      <p class="small">
        <a class="back" href="/projects">
          <Icon of={arrowLeft} />
          {projects.title}
        </a>
      </p>
      <div class="head first">
        <h1>{project.name}</h1>
        <a class="btn go push" href={`/dashboard?project=${project.id}`}>
          <Icon of={wand} />
          {projects.newFilm}
        </a>
      </div>
      {project.description !== "" && <p class="second about">{project.description}</p>}
      <details class="sieve" open={draft !== null || days !== null}>
        <summary class="btn slim">
          <Icon of={edit} />
          {projects.edit}
        </summary>
        <div class="panel stack">
          <ProjectForm
            act="save"
            name={draft?.name ?? project.name}
            description={draft?.description ?? project.description}
            problem={draft?.problem ?? null}
          />
          <form method="post" class="narrow">
            <h2 class="label">{keeping.project.title}</h2>
            <KeepFields keep={project.keep} usual={project.keepUsual} {...days ?? {}} />
            <p>
              <button type="submit" class="btn" name="do" value="keep">{keeping.project.save}</button>
            </p>
          </form>
          <form method="post">
            <button type="submit" class="btn bad" name="do" value="remove">{projects.remove}</button>
          </form>
        </div>
      </details>
    </>
  );
}
