/** Webhooks of a person: where they lead, what they tell, their secrets, and the log of what was sent. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { NewWebhook, ShownDeliveries, ShownDelivery, ShownWebhook } from "@/core/shown_webhooks.ts";
import {
  type Delivery,
  SECRET_MARK,
  TRY_ENDS,
  type Webhook,
  WEBHOOK_ENDS,
  WEBHOOK_EVENTS,
} from "@/core/webhooks.ts";
import { json } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { failField, refusals } from "./problems.ts";
import { idOf, IdParam, iso, isoOrNull, Time } from "./schemas.ts";
import { requireUser } from "./session.ts";

const SECRET_BYTES = 32;

export const EventName = z.enum(WEBHOOK_EVENTS, `must be one of ${WEBHOOK_EVENTS.join(", ")}`);
const Events = z.array(EventName).min(1, "must have at least one").max(WEBHOOK_EVENTS.length)
  .transform((events) => WEBHOOK_EVENTS.filter((event) => events.includes(event)));
const Address = z.string().trim().min(1, "must not be empty").max(2000, "must be at most 2000 characters");

export const Item = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(EventName),
  enabled: z.boolean(),
  ended: z.enum(WEBHOOK_ENDS).nullable().openapi({
    description:
      "Why it is off: the receiver answered 410, or could not be reached for days; or an operator did it.",
  }),
  failingSince: Time.nullable(),
  formerUntil: Time.nullable().openapi({ description: "Until when the former secret signs too." }),
  createdAt: Time,
});
const ShownOne = Item.openapi("Webhook");
const MadeOne = Item.extend({
  secret: z.string().openapi({
    description: "For verifying signatures by Standard Webhooks. It is shown this once.",
  }),
}).openapi("NewWebhook");
const Make = z.strictObject({ url: Address, events: Events }).openapi("MakeWebhook");
const Change = z.strictObject({
  url: Address.optional(),
  events: Events.optional(),
  enabled: z.boolean().optional(),
}).refine((given) => Object.keys(given).length > 0, "must change something").openapi("ChangeWebhook");
const DeliveryItem = z.object({
  id: z.string().openapi({ description: "Also the `webhook-id` of the message." }),
  kind: z.enum([...WEBHOOK_EVENTS, "ping"]),
  jobId: z.string().nullable(),
  state: z.enum(["open", "delivered", "failed"]),
  createdAt: Time,
  nextAt: Time.nullable().openapi({ description: "When it is tried next, while it is open." }),
  tries: z.array(z.object({
    n: z.int(),
    at: Time,
    tookMs: z.int(),
    status: z.int().nullable(),
    end: z.enum(TRY_ENDS),
  })),
}).openapi("Delivery");
export const Deliveries = z.object({ items: z.array(DeliveryItem), next: z.string().nullable() });
export const Paging = z.strictObject({
  cursor: z.uuid("is no place in this list").optional(),
  limit: z.coerce.number().int().min(1).max(100).default(24),
});

const tags = ["webhooks"];
export const done = { 204: { description: "Done." } };
export function addWebhooks(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/webhooks",
    tags,
    summary: "Your webhooks, oldest first.",
    responses: {
      200: {
        description: "The webhooks.",
        content: { "application/json": { schema: z.object({ items: z.array(ShownOne) }) } },
      },
    },
  });
  api.openapi(list, async (c) => {
    const items = (await c.env.studio.webhooks.list(requireUser(c).id)).map(showWebhook);
    return c.json({ items }, 200);
  });

  const make = createRoute({
    method: "post",
    path: "/webhooks",
    tags,
    summary: "Make a webhook: messages by Standard Webhooks about what becomes of your jobs.",
    request: json(Make),
    responses: {
      201: { description: "The webhook.", content: { "application/json": { schema: MadeOne } } },
      ...refusals(409),
    },
  });
  api.openapi(make, async (c) => c.json(await makeWebhook(c, c.req.valid("json")), 201));

  const read = createRoute({
    method: "get",
    path: "/webhooks/{id}",
    tags,
    summary: "One webhook.",
    request: { params: IdParam },
    responses: {
      200: { description: "The webhook.", content: { "application/json": { schema: ShownOne } } },
    },
  });
  api.openapi(read, async (c) => c.json(showWebhook(await findOwn(c, c.req.valid("param").id)), 200));
  addChanges(api);
  addDeliveries(api);
}

function addChanges(api: Api): void {
  const edit = createRoute({
    method: "post",
    path: "/webhooks/{id}/edit",
    tags,
    summary: "Change where it leads and what it tells, or switch it off and on. Off, it forgets what waits.",
    request: { params: IdParam, ...json(Change) },
    responses: {
      200: { description: "The webhook.", content: { "application/json": { schema: ShownOne } } },
      ...refusals(409),
    },
  });
  api.openapi(edit, async (c) => {
    const change = c.req.valid("json");
    if (change.url !== undefined) checkAddress(c, change.url);
    const id = idOf(c.req.valid("param").id);
    const changed = await c.env.studio.webhooks.change(requireUser(c).id, id, change);
    if (changed === "missing") throw fail("request.not_found");
    if (changed === "held") throw fail("webhook.held");
    return c.json(showWebhook(await findOwn(c, id)), 200);
  });

  const rotate = createRoute({
    method: "post",
    path: "/webhooks/{id}/rotate",
    tags,
    summary: "A new secret. For a day messages carry the signatures of both.",
    request: { params: IdParam },
    responses: {
      200: { description: "The webhook.", content: { "application/json": { schema: MadeOne } } },
    },
  });
  api.openapi(rotate, async (c) => {
    const id = idOf(c.req.valid("param").id);
    const secret = drawSecret(c);
    if (!await c.env.studio.webhooks.rotate(requireUser(c).id, id, secret)) throw fail("request.not_found");
    return c.json({ ...showWebhook(await findOwn(c, id)), secret }, 200);
  });

  const remove = createRoute({
    method: "delete",
    path: "/webhooks/{id}",
    tags,
    summary: "Remove a webhook and its log.",
    request: { params: IdParam },
    responses: done,
  });
  api.openapi(remove, async (c) => {
    const id = idOf(c.req.valid("param").id);
    if (!await c.env.studio.webhooks.remove(requireUser(c).id, id)) throw fail("request.not_found");
    return c.body(null, 204);
  });
}

function addDeliveries(api: Api): void {
  const ping = createRoute({
    method: "post",
    path: "/webhooks/{id}/ping",
    tags,
    summary: "Send a message of type `ping`; its fate stands in the log.",
    request: { params: IdParam },
    responses: { ...done, ...refusals(409) },
  });
  api.openapi(ping, async (c) => {
    const id = idOf(c.req.valid("param").id);
    refuseUnsent(await c.env.studio.webhooks.ping(requireUser(c).id, id));
    return c.body(null, 204);
  });

  const list = createRoute({
    method: "get",
    path: "/webhooks/{id}/deliveries",
    tags,
    summary: "What was sent in the last 30 days, newest first, with every try.",
    request: { params: IdParam, query: Paging },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Deliveries } } },
    },
  });
  api.openapi(list, async (c) => {
    const { id } = await findOwn(c, c.req.valid("param").id);
    const { cursor = null, limit } = c.req.valid("query");
    const page = { before: cursor, limit: limit + 1 };
    return c.json(showPage(await c.env.studio.webhooks.deliveries(requireUser(c).id, id, page), limit), 200);
  });

  const replay = createRoute({
    method: "post",
    path: "/webhooks/{id}/deliveries/{delivery}/replay",
    tags,
    summary: "Send the same message once more, under the same `webhook-id`.",
    request: { params: IdParam.extend({ delivery: z.string() }) },
    responses: { ...done, ...refusals(409) },
  });
  api.openapi(replay, async (c) => {
    const { id, delivery } = c.req.valid("param");
    const { webhooks } = c.env.studio;
    refuseUnsent(await webhooks.replay(requireUser(c).id, idOf(id), idOf(delivery)));
    return c.body(null, 204);
  });
}

async function makeWebhook(c: Call, { url, events }: z.infer<typeof Make>): Promise<NewWebhook> {
  checkAddress(c, url);
  const { studio } = c.env;
  const [id, secret] = [studio.ids.uuid7(), drawSecret(c)];
  const isMade = await studio.webhooks.create(requireUser(c).id, { id, url, events, secret });
  if (!isMade) throw fail("webhook.too_many");
  return { ...showWebhook(await findOwn(c, id)), secret };
}

/** What the text of an address tells; where its name leads is looked at with every message. */
function checkAddress(c: Call, url: string): void {
  switch (c.env.studio.webhooks.judge(url)) {
    case "scheme":
      throw failField("url", "This must be an https address, without a name and password in it.");
    case "not_public":
      throw failField("url", "This address is not public. An operator can allow it.");
    case "port":
      throw failField("url", "Its port must be 443, 80, or 1024 and above. An operator can allow another.");
  }
}

/** In the form of Standard Webhooks: padded base64. */
function drawSecret(c: Call): string {
  const text = c.env.studio.ids.token(SECRET_BYTES).replaceAll("-", "+").replaceAll("_", "/");
  return SECRET_MARK + text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

async function findOwn(c: Call, id: string): Promise<Webhook> {
  const found = await c.env.studio.webhooks.find(requireUser(c).id, idOf(id));
  if (found === null) throw fail("request.not_found");
  return found;
}

export function refuseUnsent(result: "sent" | "missing" | "disabled"): void {
  if (result === "missing") throw fail("request.not_found");
  if (result === "disabled") throw fail("webhook.off");
}

export function showWebhook({ failingSince, formerUntil, createdAt, ...webhook }: Webhook): ShownWebhook {
  return {
    ...webhook,
    failingSince: isoOrNull(failingSince),
    formerUntil: isoOrNull(formerUntil),
    createdAt: iso(createdAt),
  };
}

/** Of one row more than are shown. */
export function showPage(rows: Delivery[], limit: number): ShownDeliveries {
  const items = rows.slice(0, limit).map(showDelivery);
  return { items, next: rows.length > limit ? items.at(-1)?.id ?? null : null };
}

function showDelivery({ createdAt, nextAt, tries, ...delivery }: Delivery): ShownDelivery {
  return {
    ...delivery,
    createdAt: iso(createdAt),
    nextAt: isoOrNull(nextAt),
    tries: tries.map((one) => ({ ...one, at: iso(one.at) })),
  };
}
