/** How long what is kept: what would go now, and projects with rules of their own. For operators. */
import { createRoute, z } from "@hono/zod-openapi";
import { OwnRulesBody } from "@/core/keeping.ts";
import { KEPT_KINDS } from "@/core/kept_kinds.ts";
import { fail } from "@/core/problem.ts";
import type { ShownKeeping } from "@/core/shown_keeping.ts";
import type { Api } from "./env.ts";
import { idOf, IdParam } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";

export const Keep = z.strictObject(OwnRulesBody.shape).openapi({
  description:
    "Days by kind after which things in it go, 0 never; kinds that are not named go as in the whole studio.",
});
const Kind = z.enum(KEPT_KINDS);
const Keeping = z.object({
  rules: z.record(Kind, z.number()).openapi({ description: "Days for the whole studio; 0 never." }),
  gone: z.array(z.object({
    kind: Kind,
    things: z.int().openapi({ description: "Films or uploads." }),
    files: z.int(),
    bytes: z.number(),
  })).openapi({
    description: "What would go now: drafts, films and uploads to the trash, the others for good.",
  }),
  projects: z.array(z.object({ id: z.string(), name: z.string(), owner: z.string(), keep: Keep })),
}).openapi("Keeping");

export function addKeeping(api: Api): void {
  const look = createRoute({
    method: "get",
    path: "/admin/storage/keeping",
    tags: ["admin"],
    summary: "How long what is kept, and what would go now; nothing does.",
    responses: {
      200: { description: "Rules and a look.", content: { "application/json": { schema: Keeping } } },
    },
  });
  api.openapi(look, async (c) => {
    requireOperator(c);
    const { keeping } = c.env.studio;
    const [gone, projects] = await Promise.all([keeping.look(), keeping.projects()]);
    const shown: ShownKeeping = { rules: keeping.rules, gone, projects };
    return c.json(shown, 200);
  });

  const change = createRoute({
    method: "put",
    path: "/admin/projects/{id}/keep",
    tags: ["admin"],
    summary: "Say how long a project keeps what; kinds that are not named go as in the whole studio.",
    request: {
      params: IdParam,
      body: { required: true, content: { "application/json": { schema: Keep } } },
    },
    responses: { 204: { description: "It holds." } },
  });
  api.openapi(change, async (c) => {
    requireOperator(c);
    const id = idOf(c.req.valid("param").id);
    const known = await c.env.studio.keeping.change(id, c.req.valid("json"), byOf(c));
    if (!known) throw fail("request.not_found");
    return c.body(null, 204);
  });
}
