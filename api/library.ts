/** The library: films and files to look through, and what is done to many of them at once. */
import { createRoute, z } from "@hono/zod-openapi";
import { FILM_STATES, type Mark, MARKS, type Outcome, type Selection } from "@/core/library.ts";
import { Id } from "@/core/ids.ts";
import { fail, problem } from "@/core/problem.ts";
import type { ShownOutcome, ShownPage, ShownThing } from "@/core/shown.ts";
import { AssetKinds, showAsset, ShownAsset } from "./assets.ts";
import type { Api, Call } from "./env.ts";
import { trashJob } from "./job_commands.ts";
import { ShownJob } from "./job_schemas.ts";
import { showJob } from "./job_views.ts";
import { viewerOf } from "./jobs.ts";
import { ModeFilter, modeFilter, Paging, plainText, ProjectRef } from "./schemas.ts";
import { requireUser } from "./session.ts";

const SELECTED_MAX = 200;
const Moment = z.iso.datetime({ offset: true, error: "must be a day that exists, or a time as in ISO 8601" });

const Query = z.strictObject({
  ...Paging,
  show: z.enum(["films", "files", "trash"], "must be films, files or trash").default("films"),
  search: plainText(200).default("").openapi({
    description: "Words that begin words of titles and prompts; for files, parts of their names.",
  }),
  mark: z.enum(["kept", ...MARKS, "any"], "must be kept, starred, rejected or any").default("kept").openapi({
    description: "`kept`: everything but the rejected.",
  }),
  project: z.string().refine((text) => text === "none" || Id.safeParse(text).success, {
    message: "must be the id of a project, or none",
  }).optional(),
  from: Moment.optional().openapi({ description: "Made at this time or later." }),
  until: Moment.optional().openapi({ description: "Made before this time." }),
  mode: ModeFilter.optional(),
  engine: z.enum(["draft", "comfy"], "must be draft or comfy").optional().openapi({
    description: "Films only: drafts, or what real render servers made.",
  }),
  state: z.enum(FILM_STATES, `must be one of ${FILM_STATES.join(", ")}`).default("finished").openapi({
    description: "Films only. `finished`: there is a film.",
  }),
  kind: AssetKinds.optional().openapi({ description: "Files only." }),
});
type Query = z.output<typeof Query>;

const Thing = z.discriminatedUnion("type", [
  z.object({ type: z.literal("film"), film: ShownJob }),
  z.object({ type: z.literal("file"), file: ShownAsset }),
]).openapi("Thing");
const Page = z.object({ items: z.array(Thing), next: z.string().nullable() });

const Ids = z.array(z.uuid("must be an id")).max(SELECTED_MAX, `must be at most ${SELECTED_MAX}`).default([]);
const Things = { films: Ids, files: Ids };
const chosen = (given: Selection) => {
  const count = given.films.length + given.files.length;
  return count > 0 && count <= SELECTED_MAX;
};
const CHOSEN = { message: `Select between 1 and ${SELECTED_MAX} things.`, path: ["films"] };

const ACTIONS = ["star", "reject", "clear", "trash", "restore", "purge"] as const;
const Marking = z.strictObject({
  action: z.enum(ACTIONS, `must be one of ${ACTIONS.join(", ")}`).openapi({
    description: "`clear` takes a star or a rejection away; `purge` deletes for good, out of the trash.",
  }),
  ...Things,
}).refine(chosen, CHOSEN).openapi("Marking");
const Moving = z.strictObject({
  projectId: ProjectRef.nullable().openapi({ description: "Null takes the things out of their projects." }),
  ...Things,
}).refine(chosen, CHOSEN).openapi("Moving");

const ShownOutcomeBody = z.object({
  done: z.array(z.string()),
  kept: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
}).openapi("Outcome");
const outcome = {
  description: "What became of each thing; what was kept says why.",
  content: { "application/json": { schema: ShownOutcomeBody } },
};

export function addLibrary(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/library",
    tags: ["library"],
    summary: "Own films or files, newest first; or the trash, what was thrown away last first.",
    request: { query: Query },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Page } } },
    },
  });
  api.openapi(list, async (c) => c.json(await listThings(c, c.req.valid("query")), 200));

  const mark = createRoute({
    method: "post",
    path: "/library/mark",
    tags: ["library"],
    summary: "Star, reject, trash, restore or delete many things; a running film is cancelled when trashed.",
    request: { body: { required: true, content: { "application/json": { schema: Marking } } } },
    responses: { 200: outcome },
  });
  api.openapi(mark, async (c) => c.json(showOutcome(await markThings(c, c.req.valid("json"))), 200));

  const move = createRoute({
    method: "post",
    path: "/library/move",
    tags: ["library"],
    summary: "Put things into a project, or take them out.",
    request: { body: { required: true, content: { "application/json": { schema: Moving } } } },
    responses: { 200: outcome },
  });
  api.openapi(move, async (c) => {
    const { projectId, films, files } = c.req.valid("json");
    const user = requireUser(c);
    return c.json(showOutcome(await c.env.studio.library.move(user.id, { films, files }, projectId)), 200);
  });

  const empty = createRoute({
    method: "post",
    path: "/library/empty",
    tags: ["library"],
    summary: "Delete everything in the trash for good.",
    responses: { 200: outcome },
  });
  api.openapi(
    empty,
    async (c) => c.json(showOutcome(await c.env.studio.library.empty(requireUser(c).id)), 200),
  );
}

async function listThings(c: Call, query: Query): Promise<ShownPage<ShownThing>> {
  const user = requireUser(c);
  const { library } = c.env.studio;
  const paging = { cursor: query.cursor ?? null, limit: query.limit };
  if (query.show === "trash") {
    const { items, next } = await library.trash(user.id, paging);
    return {
      items: items.map((item) =>
        item.type === "film"
          ? { type: "film", film: showJob(item.film, viewerOf(c)) }
          : { type: "file", file: showAsset(item.file) }
      ),
      next,
    };
  }
  const filter = {
    search: query.search,
    mark: query.mark === "any" ? null : query.mark,
    projectId: query.project === "none" ? null : query.project,
    from: query.from === undefined ? null : Date.parse(query.from),
    until: query.until === undefined ? null : Date.parse(query.until),
  };
  if (query.show === "files") {
    const { items, next } = await library.files(user.id, { ...filter, kind: query.kind ?? null }, paging);
    return { items: items.map((item) => ({ type: "file", file: showAsset(item) })), next };
  }
  const { mode, engine = null, state } = query;
  const { items, next } = await library.films(
    user.id,
    { ...filter, ...modeFilter(mode), engine, state },
    paging,
  );
  return { items: items.map((item) => ({ type: "film", film: showJob(item, viewerOf(c)) })), next };
}

const MARK_OF: Partial<Record<(typeof ACTIONS)[number], Mark | null>> = {
  star: "starred",
  reject: "rejected",
  clear: null,
};

async function markThings(c: Call, asked: z.output<typeof Marking>): Promise<Outcome> {
  const user = requireUser(c);
  const { library } = c.env.studio;
  const { action } = asked;
  const things = { films: [...new Set(asked.films)], files: [...new Set(asked.files)] };
  const mark = MARK_OF[action];
  if (mark !== undefined) return await library.mark(user.id, things, mark);
  if (action === "restore") return await library.restore(user.id, things);
  if (action === "purge") return await library.purge(user.id, things);
  const films = await trashFilms(c, things.films);
  const files = await library.trashFiles(user.id, things.files);
  return { done: [...films.done, ...files.done], kept: [...films.kept, ...files.kept] };
}

/** As the job's own command does it: a running one is cancelled. */
async function trashFilms(c: Call, ids: string[]): Promise<Outcome> {
  const user = requireUser(c);
  const { studio } = c.env;
  const outcome: Outcome = { done: [], kept: [] };
  for (const id of ids) {
    const job = await studio.jobs.find(user.id, id);
    if (job === null || job.trashedAt !== null) outcome.kept.push({ id, code: "request.not_found" });
    else {
      await trashJob(c, { job, id: studio.ids.uuid7() });
      outcome.done.push(id);
    }
  }
  return outcome;
}

function showOutcome({ done, kept }: Outcome): ShownOutcome {
  return { done, kept: kept.map(({ id, code }) => ({ id, code, message: problem(code).message })) };
}

/** Ids in a query, separated by commas. */
export function selectionOf(query: { films: string; files: string }): Selection {
  const ids = z.array(z.uuid()).max(SELECTED_MAX);
  const read = (name: "films" | "files") => {
    const parsed = ids.safeParse(query[name].split(",").filter((id) => id !== ""));
    if (parsed.success) return [...new Set(parsed.data)];
    const message = `must be at most ${SELECTED_MAX} ids, separated by commas`;
    throw fail("request.invalid", { fields: [{ path: name, message }] });
  };
  return { films: read("films"), files: read("files") };
}
