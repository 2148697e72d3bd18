/** What operators look into when something is odd: the log by one id, one actor as a whole, and effects with their leases. */
import { createRoute, z } from "@hono/zod-openapi";
import type { EffectNote } from "@/core/admin.ts";
import { LOG_LEVELS } from "@/core/logs.ts";
import { fail } from "@/core/problem.ts";
import type { ShownEffect } from "@/core/shown_admin.ts";
import type { Api } from "./env.ts";
import { idOf, IdParam, iso, isoOrNull, Time } from "./schemas.ts";
import { requireOperator } from "./session.ts";

const Line = z.object({
  at: Time,
  level: z.enum(LOG_LEVELS),
  text: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
}).openapi("LogLine");
const Filter = z.strictObject({
  id: z.string().max(200).optional().openapi({ description: "Of a request, a job, a prompt, a server." }),
  least: z.enum(LOG_LEVELS).default("info"),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
const Effect = z.object({
  id: z.string(),
  actorId: z.string(),
  kind: z.string(),
  lane: z.string(),
  status: z.string(),
  tries: z.int(),
  note: z.string().nullable(),
  owner: z.string().nullable().openapi({ description: "The process that runs it." }),
  leaseUntil: Time.nullable(),
  nextAt: Time,
}).openapi("Effect");
const Insight = z.object({
  id: z.string(),
  kind: z.string(),
  userId: z.string(),
  ver: z.int(),
  priority: z.int(),
  state: z.record(z.string(), z.unknown()),
  title: z.string(),
  owner: z.string().openapi({ description: "E-mail address." }),
  problem: z.object({ code: z.string(), cause: z.string() }).nullable(),
  steps: z.array(z.object({
    id: z.string(),
    title: z.string(),
    kind: z.string(),
    needs: z.array(z.string()),
    state: z.string(),
    take: z.int(),
    attempt: z.int(),
    backendId: z.string().nullable(),
    promptId: z.string().nullable(),
  })).openapi({ description: "The plan with its takes." }),
  mail: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      dueAt: Time,
      attempts: z.int(),
      error: z.string().nullable(),
    }),
  ),
  effects: z.array(Effect),
  history: z.array(z.object({ seq: z.int(), at: Time, kind: z.string(), message: z.string() }))
    .openapi({ description: "In order." }),
}).openapi("ActorInsight");

const answering = <Schema extends z.ZodType>(schema: Schema) => ({
  200: { description: "As it is.", content: { "application/json": { schema } } },
});

export function addAdminInsight(api: Api): void {
  const get = { method: "get" as const, tags: ["admin"] };
  const logs = createRoute({
    ...get,
    path: "/admin/logs",
    summary: "The newest lines of this process's log, by one id from the request to the prompts.",
    request: { query: Filter },
    responses: answering(z.object({ items: z.array(Line), ids: z.array(z.string()) })),
  });
  api.openapi(logs, async (c) => {
    requireOperator(c);
    const { id = null, ...rest } = c.req.valid("query");
    const { lines, ids } = await c.env.studio.logs.find({ id: id?.trim() || null, ...rest });
    return c.json({ items: lines, ids }, 200);
  });

  const effects = createRoute({
    ...get,
    path: "/admin/effects",
    summary: "Open effects with their leases, those that fall due first in front.",
    responses: answering(z.object({ items: z.array(Effect) })),
  });
  api.openapi(effects, async (c) => {
    requireOperator(c);
    return c.json({ items: (await c.env.studio.admin.effects()).map(showEffect) }, 200);
  });

  const actor = createRoute({
    ...get,
    path: "/admin/actors/{id}",
    summary: "One actor: state, plan, mailbox, effects and its history in order.",
    request: { params: IdParam },
    responses: answering(Insight),
  });
  api.openapi(actor, async (c) => {
    requireOperator(c);
    const found = await c.env.studio.admin.actor(idOf(c.req.valid("param").id));
    if (found === null) throw fail("request.not_found");
    return c.json({
      ...found,
      mail: found.mail.map((item) => ({ ...item, dueAt: iso(item.dueAt) })),
      effects: found.effects.map(showEffect),
      history: found.history.map((item) => ({ ...item, at: iso(item.at) })),
    }, 200);
  });
}

function showEffect(effect: EffectNote): ShownEffect {
  return { ...effect, leaseUntil: isoOrNull(effect.leaseUntil), nextAt: iso(effect.nextAt) };
}
