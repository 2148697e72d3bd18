/** What operators see and do: the queue, the house, the actors and the dead letters. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { Api } from "./env.ts";
import { Health, readHealth } from "./health.ts";
import { iso, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";

const Slot = z.object({
  n: z.int(),
  jobId: z.string(),
  title: z.string(),
  stepId: z.string(),
  promptId: z.string(),
  state: z.string(),
  since: Time,
});
const Queue = z.object({
  waiting: z.int().openapi({ description: "Steps that wait for a slot." }),
  backends: z.array(z.object({
    backendId: z.string(),
    url: z.string(),
    engine: z.enum(["draft", "comfy"]),
    status: z.string(),
    slots: z.array(Slot),
    running: z.array(z.string()).nullable(),
    pending: z.array(z.string()).nullable(),
  })),
}).openapi("Queue");
const Actor = z.object({
  id: z.string(),
  kind: z.string(),
  userId: z.string(),
  status: z.string(),
  stage: z.string(),
  ver: z.int(),
  openMail: z.int(),
  openEffects: z.int(),
  updatedAt: Time,
}).openapi("Actor");
const Letter = z.object({
  id: z.string(),
  actorId: z.string(),
  kind: z.string(),
  error: z.string(),
  attempts: z.int(),
  at: Time,
}).openapi("DeadLetter");

const Limit = z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) });
const listOf = <Item extends z.ZodType>(item: Item) => ({
  200: {
    description: "The list.",
    content: { "application/json": { schema: z.object({ items: z.array(item) }) } },
  },
});

export function addAdmin(api: Api): void {
  const get = { method: "get" as const, tags: ["admin"] };
  const queue = createRoute({
    ...get,
    path: "/admin/queue",
    summary: "What runs and waits, per render server.",
    responses: {
      200: { description: "The queue.", content: { "application/json": { schema: Queue } } },
    },
  });
  api.openapi(queue, async (c) => {
    requireOperator(c);
    const { waiting, backends } = await c.env.studio.admin.queue();
    const shown = backends.map((backend) => ({
      ...backend,
      slots: backend.slots.map((slot) => ({ ...slot, since: iso(slot.since) })),
    }));
    return c.json({ waiting, backends: shown }, 200);
  });

  const house = createRoute({
    ...get,
    path: "/admin/house",
    summary: "Every part of the studio with its note, however it stands.",
    responses: {
      200: { description: "The parts.", content: { "application/json": { schema: Health } } },
    },
  });
  api.openapi(house, async (c) => {
    requireOperator(c);
    return c.json(await readHealth(c), 200);
  });

  const actors = createRoute({
    ...get,
    path: "/admin/actors",
    summary: "The actors, those that changed last first.",
    request: { query: Limit },
    responses: { ...listOf(Actor) },
  });
  api.openapi(actors, async (c) => {
    requireOperator(c);
    const rows = await c.env.studio.admin.actors(c.req.valid("query").limit);
    return c.json({ items: rows.map((row) => ({ ...row, updatedAt: iso(row.updatedAt) })) }, 200);
  });

  const letters = createRoute({
    ...get,
    path: "/admin/dead-letters",
    summary: "Mail that no actor could take.",
    request: { query: Limit },
    responses: { ...listOf(Letter) },
  });
  api.openapi(letters, async (c) => {
    requireOperator(c);
    const rows = await c.env.studio.admin.deadLetters(c.req.valid("query").limit);
    return c.json({ items: rows.map((row) => ({ ...row, at: iso(row.at) })) }, 200);
  });
  addAdminActions(api);
}

function addAdminActions(api: Api): void {
  const done = { 204: { description: "Done." } };
  const param = (name: string) => z.strictObject({ id: z.string().max(200), act: z.string() }).openapi(name);
  const letter = createRoute({
    method: "post",
    path: "/admin/dead-letters/{id}/{act}",
    tags: ["admin"],
    summary: "`retry` posts the letter again; `drop` removes it.",
    request: { params: param("LetterAct").extend({ act: z.enum(["retry", "drop"]) }) },
    responses: done,
  });
  api.openapi(letter, async (c) => {
    requireOperator(c);
    const { id, act } = c.req.valid("param");
    if (!await c.env.studio.admin.settle(id, act, byOf(c))) throw fail("request.not_found");
    return c.body(null, 204);
  });
}
