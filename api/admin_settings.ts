/** The configuration for operators: what counts and where it comes from, changed while the studio runs where that takes effect. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import { SERVICES, type Setting, SOURCES } from "@/core/settings.ts";
import { isEnough, needOf } from "@/core/tokens.ts";
import type { Api } from "./env.ts";
import { failField, refusals } from "./problems.ts";
import { byOf, requireOperator } from "./session.ts";

const Item = z.object({
  name: z.string(),
  group: z.string(),
  about: z.string(),
  value: z.string().nullable().openapi({ description: "Null for a secret." }),
  secret: z.object({ configured: z.boolean(), hint: z.string() }).nullable()
    .openapi({ description: "Whether there is one, and its last four characters." }),
  source: z.enum(SOURCES),
  changeable: z.boolean().openapi({ description: "False: it is read at the start." }),
  rev: z.int().openapi({ description: "To be given back with a change." }),
}).openapi("Setting");
const Change = z.strictObject({
  value: z.string().max(8000).nullable().openapi({ description: "Null: what the start said counts again." }),
  rev: z.int(),
});
const Trial = z.strictObject({
  service: z.enum(SERVICES),
  url: z.string().max(2000).optional().openapi({ description: "Where `outbound` posts a small message." }),
});
const Tried = z.object({ works: z.boolean(), notes: z.array(z.string()) }).openapi("ServiceTest");
const TRY_LIMIT_MS = 8000;

const NameParam = z.strictObject({ name: z.string() });
const json = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

export function addAdminSettings(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/settings",
    tags: ["admin"],
    summary: "Every setting, its value without secrets, and where that comes from.",
    responses: {
      200: {
        description: "In the order of .env.example.",
        content: { "application/json": { schema: z.object({ items: z.array(Item) }) } },
      },
    },
  });
  api.openapi(list, async (c) => {
    requireOperator(c);
    const items: Setting[] = await c.env.studio.configured.list();
    return c.json({ items }, 200);
  });

  const test = createRoute({
    method: "post",
    path: "/admin/settings/test",
    tags: ["admin"],
    summary: "Ask a service outside whether it works.",
    request: json(Trial),
    responses: { 200: { description: "What it said.", content: { "application/json": { schema: Tried } } } },
  });
  api.openapi(test, async (c) => {
    requireOperator(c);
    const { service, url } = c.req.valid("json");
    const signal = AbortSignal.timeout(TRY_LIMIT_MS);
    return c.json(await c.env.studio.configured.test(service, { url, signal }), 200);
  });

  const change = createRoute({
    method: "put",
    path: "/admin/settings/{name}",
    tags: ["admin"],
    summary: "Store a value that wins over the environment from now on, or take it away again.",
    description: "REGISTRATION lets people in, so no token may change it.",
    request: { params: NameParam, ...json(Change) },
    responses: { 204: { description: "It holds." }, ...refusals(409) },
  });
  api.openapi(change, async (c) => {
    requireOperator(c);
    const { value, rev } = c.req.valid("json");
    const name = c.req.valid("param").name;
    // The name as it was read: written otherwise in the address it may have passed the guard.
    const key = c.get("key");
    if (key && !isEnough(key.scope, needOf("PUT", `/api/admin/settings/${name}`))) throw fail("auth.scope");
    const stored = await c.env.studio.configured.store(name, value, { rev, by: byOf(c) });
    if (stored.end === "missing") throw fail("request.not_found");
    if (stored.end === "fixed") throw fail("setting.fixed");
    if (stored.end === "changed") throw fail("request.conflict");
    if (stored.end === "wrong") throw failField("value", stored.message);
    return c.body(null, 204);
  });
}
