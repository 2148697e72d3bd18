/** A waiting film of anybody, as operators read and change it: its owner keeps it, and their checks and limits hold. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { ShownLiveJob } from "@/core/shown_admin.ts";
import type { Api, Call } from "./env.ts";
import { Edit, editJob } from "./job_commands.ts";
import { ShownJob } from "./job_schemas.ts";
import { showJob } from "./job_views.ts";
import { viewerOf } from "./jobs.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";
import type { JobRecord } from "./studio.ts";

const One = z.object({
  owner: z.string().openapi({ description: "E-mail address." }),
  job: ShownJob,
}).openapi("LiveJob");
const content = { "application/json": { schema: One } };

export function addLineEdit(api: Api): void {
  const read = createRoute({
    method: "get",
    path: "/admin/jobs/{id}",
    tags: ["admin"],
    summary: "A job of anybody that has not ended, with what was asked for.",
    request: { params: IdParam },
    responses: { 200: { description: "The job.", content } },
  });
  api.openapi(read, async (c) => {
    requireOperator(c);
    return c.json(await showOne(c, c.req.valid("param").id), 200);
  });

  const edit = createRoute({
    method: "post",
    path: "/admin/jobs/{id}/edit",
    tags: ["admin"],
    summary:
      "Change what has not started of a job of anybody, as its owner could. Its history tells its owner.",
    request: {
      params: IdParam,
      body: { required: true, content: { "application/json": { schema: Edit } } },
    },
    responses: { 200: { description: "The job as it is asked for now.", content }, ...refusals(409) },
  });
  api.openapi(edit, async (c) => {
    requireOperator(c);
    const { id } = c.req.valid("param");
    const { job } = await anyJob(c, id);
    const asked = { job, body: c.req.valid("json"), id: c.env.studio.ids.uuid7(), first: true };
    await editJob(c, asked, byOf(c));
    return c.json(await showOne(c, id), 200);
  });
}

async function showOne(c: Call, id: string): Promise<ShownLiveJob> {
  const { owner, job } = await anyJob(c, id);
  return { owner, job: showJob(job, viewerOf(c)) };
}

async function anyJob(c: Call, asked: string): Promise<{ owner: string; job: JobRecord }> {
  const { studio } = c.env;
  const live = await studio.admin.liveJob(idOf(asked));
  const job = live && await studio.jobs.find(live.ownerId, live.id);
  if (!live || !job) throw fail("request.not_found");
  return { owner: live.owner, job };
}
