/** Everybody's webhooks for operators: whose they are, how they do, what was sent; switched off and on, removed, sent again. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { ShownSomebodysWebhook } from "@/core/shown_webhooks.ts";
import { coveredUrl, type SomebodysWebhook, TRY_ENDS } from "@/core/webhooks.ts";
import { json } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam, iso, isoOrNull, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";
import { Deliveries, done, Item, Paging, refuseUnsent, showPage } from "./webhooks.ts";

const Somebodys = Item.omit({ formerUntil: true }).extend({
  url: z.string().openapi({ description: "Without query and with long parts cut: they may be secrets." }),
  owner: z.object({ id: z.string(), email: z.string() }),
  lastTry: z.object({ at: Time, status: z.int().nullable(), end: z.enum(TRY_ENDS) }).nullable(),
  failures: z.int().openapi({ description: "Tries since the last that arrived." }),
  open: z.int().openapi({ description: "Messages that are under way." }),
  failed: z.int().openapi({ description: "Messages of the last 30 days that were given up." }),
}).openapi("SomebodysWebhook");
const Switch = z.strictObject({ enabled: z.boolean() });

const tags = ["admin"];
const one = {
  200: { description: "The webhook.", content: { "application/json": { schema: Somebodys } } },
};

export function addAdminWebhooks(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/webhooks",
    tags,
    summary: "The webhooks of all people, newest first.",
    request: { query: Paging },
    responses: {
      200: {
        description: "A page.",
        content: {
          "application/json": {
            schema: z.object({ items: z.array(Somebodys), next: z.string().nullable() }),
          },
        },
      },
    },
  });
  api.openapi(list, async (c) => {
    requireOperator(c);
    const { cursor = null, limit } = c.req.valid("query");
    const rows = await c.env.studio.webhooks.everybodys.list({ before: cursor, limit: limit + 1 });
    const items = rows.slice(0, limit).map(showSomebodys);
    return c.json({ items, next: rows.length > limit ? items.at(-1)?.id ?? null : null }, 200);
  });

  const read = createRoute({
    method: "get",
    path: "/admin/webhooks/{id}",
    tags,
    summary: "Somebody's webhook.",
    request: { params: IdParam },
    responses: one,
  });
  api.openapi(read, async (c) => c.json(await find(c, c.req.valid("param").id), 200));

  const set = createRoute({
    method: "post",
    path: "/admin/webhooks/{id}",
    tags,
    summary: "Switch somebody's webhook off, so that its owner cannot switch it on, or on again.",
    request: { params: IdParam, ...json(Switch) },
    responses: one,
  });
  api.openapi(set, async (c) => {
    requireOperator(c);
    const id = idOf(c.req.valid("param").id);
    const { enabled } = c.req.valid("json");
    if (!await c.env.studio.webhooks.everybodys.setEnabled(id, enabled, byOf(c))) {
      throw fail("request.not_found");
    }
    return c.json(await find(c, id), 200);
  });

  const remove = createRoute({
    method: "delete",
    path: "/admin/webhooks/{id}",
    tags,
    summary: "Remove somebody's webhook and its log.",
    request: { params: IdParam },
    responses: done,
  });
  api.openapi(remove, async (c) => {
    requireOperator(c);
    const id = idOf(c.req.valid("param").id);
    if (!await c.env.studio.webhooks.everybodys.remove(id, byOf(c))) throw fail("request.not_found");
    return c.body(null, 204);
  });
  addDeliveries(api);
}

function addDeliveries(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/webhooks/{id}/deliveries",
    tags,
    summary: "What somebody's webhook was sent in the last 30 days, newest first, with every try.",
    request: { params: IdParam, query: Paging },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Deliveries } } },
    },
  });
  api.openapi(list, async (c) => {
    const { id } = await find(c, c.req.valid("param").id);
    const { cursor = null, limit } = c.req.valid("query");
    const page = { before: cursor, limit: limit + 1 };
    return c.json(showPage(await c.env.studio.webhooks.everybodys.deliveries(id, page), limit), 200);
  });

  const replay = createRoute({
    method: "post",
    path: "/admin/webhooks/{id}/deliveries/{delivery}/replay",
    tags,
    summary: "Send a message of somebody's webhook once more, under the same `webhook-id`.",
    request: { params: IdParam.extend({ delivery: z.string() }) },
    responses: { ...done, ...refusals(409) },
  });
  api.openapi(replay, async (c) => {
    requireOperator(c);
    const { id, delivery } = c.req.valid("param");
    refuseUnsent(await c.env.studio.webhooks.everybodys.replay(idOf(id), idOf(delivery), byOf(c)));
    return c.body(null, 204);
  });
}

async function find(c: Call, id: string): Promise<ShownSomebodysWebhook> {
  requireOperator(c);
  const found = await c.env.studio.webhooks.everybodys.find(idOf(id));
  if (found === null) throw fail("request.not_found");
  return showSomebodys(found);
}

function showSomebodys(webhook: SomebodysWebhook): ShownSomebodysWebhook {
  const { formerUntil: _, lastTry, failingSince, createdAt, url, ...shown } = webhook;
  return {
    ...shown,
    url: coveredUrl(url),
    lastTry: lastTry && { ...lastTry, at: iso(lastTry.at) },
    failingSince: isoOrNull(failingSince),
    createdAt: iso(createdAt),
  };
}
