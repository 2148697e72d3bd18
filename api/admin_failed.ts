/** Films of everybody that failed, for operators: whose, when, on which server and why; and one more try. */
import { createRoute, z } from "@hono/zod-openapi";
import type { JobMessage } from "@/actors/job/messages.ts";
import type { FailedFilm } from "@/core/failed.ts";
import { fail } from "@/core/problem.ts";
import type { ShownFailedFilm } from "@/core/shown_admin.ts";
import { checkServers } from "./admission.ts";
import type { Api } from "./env.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam, iso, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";

const Film = z.object({
  id: z.string(),
  title: z.string(),
  owner: z.string().openapi({ description: "E-mail address." }),
  mode: z.string(),
  endedAt: Time,
  code: z.string(),
  message: z.string().openapi({ description: "As its owner reads it." }),
  cause: z.string().openapi({ description: "The render server's own words: node and exception." }),
  step: z.string().nullable(),
  backendId: z.string().nullable().openapi({ description: "Null where no server was at it." }),
  promptId: z.string().nullable(),
}).openapi("FailedFilm");
const Page = z.strictObject({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function addAdminFailed(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/failed",
    tags: ["admin"],
    summary: "Films of everybody that failed, newest first.",
    request: { query: Page },
    responses: {
      200: {
        description: "A page.",
        content: {
          "application/json": { schema: z.object({ items: z.array(Film), next: z.string().nullable() }) },
        },
      },
    },
  });
  api.openapi(list, async (c) => {
    requireOperator(c);
    const { cursor = null, limit } = c.req.valid("query");
    const { items, next } = await c.env.studio.failed.list({ cursor, limit });
    return c.json({ items: items.map(show), next }, 200);
  });

  const retry = createRoute({
    method: "post",
    path: "/admin/failed/{id}/retry",
    tags: ["admin"],
    summary: "Try a film of anybody again: what is done of it stays.",
    request: { params: IdParam },
    responses: { 204: { description: "Told." }, ...refusals(409) },
  });
  api.openapi(retry, async (c) => {
    requireOperator(c);
    const { studio } = c.env;
    const id = idOf(c.req.valid("param").id);
    const film = await studio.failed.find(id);
    if (film === null) throw fail("request.not_found");
    const plan = await studio.jobs.plan(id, film.rev);
    if (plan !== null) await checkServers(studio, { plan });
    const body: JobMessage = { type: "retry" };
    const mail = { id: `retry:${id}:${studio.ids.uuid7()}`, to: id, kind: body.type, body };
    const [before, after] = [{ status: "failed", code: film.code }, { told: body.type }];
    await studio.failed.tell(mail, { action: "job.retry", subject: id, before, after }, byOf(c));
    return c.body(null, 204);
  });
}

function show({ rev: _, endedAt, ...film }: FailedFilm): ShownFailedFilm {
  return { ...film, endedAt: iso(endedAt) };
}
