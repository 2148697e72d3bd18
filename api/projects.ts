/** Projects: made, renamed, described and deleted; what lies in them stays. */
import { createRoute, z } from "@hono/zod-openapi";
import { KEPT_KINDS } from "@/core/kept_kinds.ts";
import type { ProjectNote } from "@/core/library.ts";
import { fail } from "@/core/problem.ts";
import type { ShownProject as Shown } from "@/core/shown.ts";
import type { Api, Call } from "./env.ts";
import { OnceHeader, runOnce } from "./idempotency.ts";
import { Keep } from "./keeping.ts";
import { idOf, IdParam, iso, Paging, plainText, Time } from "./schemas.ts";
import { requireUser } from "./session.ts";

const Name = plainText(120).refine((text) => text.trim() !== "", "Give the project a name.")
  .transform((text) => text.trim());
const Description = plainText(4000);
const NewProject = z.strictObject({ name: Name, description: Description.default("") }).openapi("NewProject");
const Change = z.strictObject({
  name: Name.optional(),
  description: Description.optional(),
  keep: Keep.optional(),
})
  .openapi("ProjectChange");

const ShownProject = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  films: z.int(),
  files: z.int(),
  keep: Keep,
  keepUsual: z.record(z.enum(KEPT_KINDS), z.number()).openapi({ description: "As in the whole studio." }),
  coverUrl: z.string().nullable().openapi({ description: "The picture of the newest film in it." }),
  createdAt: Time,
  updatedAt: Time,
}).openapi("Project");
const shown = { description: "The project.", content: { "application/json": { schema: ShownProject } } };
const Page = z.object({ items: z.array(ShownProject), next: z.string().nullable() });

export function addProjects(api: Api): void {
  const create = createRoute({
    method: "post",
    path: "/projects",
    tags: ["projects"],
    summary: "Make a project.",
    request: {
      headers: OnceHeader,
      body: { required: true, content: { "application/json": { schema: NewProject } } },
    },
    responses: { 201: shown },
  });
  api.openapi(create, async (c) => {
    const project = await makeProject(c, c.req.valid("json"));
    c.header("location", `/api/projects/${project.id}`);
    return c.json(showProject(c, project), 201);
  });

  const list = createRoute({
    method: "get",
    path: "/projects",
    tags: ["projects"],
    summary: "Own projects, newest first.",
    request: { query: z.strictObject(Paging) },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Page } } },
    },
  });
  api.openapi(list, async (c) => {
    const { cursor = null, limit } = c.req.valid("query");
    const { items, next } = await c.env.studio.projects.list(requireUser(c).id, { cursor, limit });
    return c.json({ items: items.map((item) => showProject(c, item)), next }, 200);
  });

  addOne(api);
}

function addOne(api: Api): void {
  const get = createRoute({
    method: "get",
    path: "/projects/{id}",
    tags: ["projects"],
    summary: "A project, and how much lies in it.",
    request: { params: IdParam },
    responses: { 200: shown },
  });
  api.openapi(get, async (c) => c.json(showProject(c, await ownProject(c, c.req.valid("param").id)), 200));

  const change = createRoute({
    method: "post",
    path: "/projects/{id}/edit",
    tags: ["projects"],
    summary: "Rename or describe a project, or say how long it keeps what.",
    request: {
      params: IdParam,
      body: { required: true, content: { "application/json": { schema: Change } } },
    },
    responses: { 200: shown },
  });
  api.openapi(change, async (c) => {
    const id = idOf(c.req.valid("param").id);
    const changed = await c.env.studio.projects.change(requireUser(c).id, id, c.req.valid("json"));
    if (!changed) throw fail("request.not_found");
    return c.json(showProject(c, await ownProject(c, id)), 200);
  });

  const remove = createRoute({
    method: "delete",
    path: "/projects/{id}",
    tags: ["projects"],
    summary: "Delete a project; its films and files stay, in no project.",
    request: { params: IdParam },
    responses: { 204: { description: "Gone." } },
  });
  api.openapi(remove, async (c) => {
    const id = idOf(c.req.valid("param").id);
    if (!await c.env.studio.projects.remove(requireUser(c).id, id)) throw fail("request.not_found");
    return c.body(null, 204);
  });
}

async function makeProject(c: Call, asked: z.output<typeof NewProject>): Promise<ProjectNote> {
  const user = requireUser(c);
  const { projects, clock } = c.env.studio;
  return await runOnce(c, { userId: user.id, body: asked, count: 1 }, async ([id = ""]) => {
    const now = clock.now();
    await projects.create({ id, userId: user.id, ...asked, createdAt: now, updatedAt: now });
    return await ownProject(c, id);
  });
}

async function ownProject(c: Call, id: string): Promise<ProjectNote> {
  const project = await c.env.studio.projects.find(requireUser(c).id, idOf(id));
  if (project === null) throw fail("request.not_found");
  return project;
}

export function showProject(c: Call, project: ProjectNote): Shown {
  const { id, name, description, films, files, keep, cover, createdAt, updatedAt } = project;
  const coverUrl = cover ? `/api/jobs/${cover.jobId}/outputs/${cover.outputId}/poster` : null;
  return {
    id,
    name,
    description,
    films,
    files,
    keep,
    keepUsual: c.env.studio.keeping.rules,
    coverUrl,
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  };
}
