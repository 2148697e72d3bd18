/** Render servers for operators: how they stand, and how they are added, tried, edited, drained and removed while they work. */
import { createRoute, z } from "@hono/zod-openapi";
import type { BackendNote } from "@/core/admin.ts";
import { fail } from "@/core/problem.ts";
import { AuthHeader, ORIGINS, type Saved, ServerUrl, ServerWish } from "@/core/servers.ts";
import type { ShownBackend } from "@/core/shown_admin.ts";
import { servers as words } from "@/core/words/servers.ts";
import type { Api } from "./env.ts";
import { refusals } from "./problems.ts";
import { iso, isoOrNull, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";

const Backend = z.object({
  id: z.string(),
  url: z.string(),
  engine: z.enum(["draft", "comfy"]),
  slots: z.int(),
  held: z.int().openapi({ description: "Slots that carry a prompt of this studio." }),
  status: z.enum(["up", "drain", "down"]),
  version: z.string().nullable(),
  loadedFamily: z.string().nullable(),
  loadedFor: z.array(z.string()).openapi({ description: "What the loaded models make." }),
  vramBytes: z.number().nullable(),
  lastSeenAt: Time.nullable(),
  problem: z.string().nullable(),
  failures: z.int().openapi({ description: "Prompts that failed there since it was added." }),
  lastFailure: z.object({
    at: Time,
    jobId: z.string(),
    stepId: z.string(),
    promptId: z.string(),
    cause: z.string(),
  }).nullable(),
  hold: z.object({ films: z.int(), until: Time }).nullable().openapi({
    description:
      "So many films failed there in a row: it is given nothing before `until`, and then one prompt, until one succeeds.",
  }),
  name: z.string().nullable(),
  origin: z.enum(ORIGINS).openapi({
    description:
      "`config`: COMFY_URLS names it; `former`: no more; `added`: while the studio ran; `draft`: the studio's own.",
  }),
  tags: z.array(z.string()),
  gpu: z.string().nullable(),
  device: z.string().nullable(),
  vramFree: z.number().nullable(),
  ramFree: z.number().nullable(),
  short: z.boolean().openapi({ description: "Too little memory for anything new." }),
  slotsGiven: z.int().nullable().openapi({ description: "Null: COMFY_SLOTS counts." }),
  vramGiven: z.number().nullable().openapi({ description: "Null: what the server says counts." }),
  costHour: z.number().nullable().openapi({ description: "Null: GPU_COST_PER_HOUR counts." }),
  header: z.string().nullable().openapi({
    description: "The end of its own header; null where it has none.",
  }),
  rev: z.int().openapi({ description: "To be given back with an edit." }),
}).openapi("Backend");
export const LackLine = z.object({
  text: z.string(),
  remedy: z.string(),
  source: z.string().nullable().openapi({ description: "Where to get it." }),
}).openapi("LackLine");
const TemplateLacks = z.object({
  template: z.string(),
  title: z.string(),
  lines: z.array(LackLine),
}).openapi("TemplateLacks");
const KnownLacks = z.object({
  backendId: z.string(),
  at: Time.nullable().openapi({ description: "When it told." }),
  items: z.array(TemplateLacks).nullable().openapi({ description: "Null where it never told." }),
}).openapi("KnownLacks");
const Test = z.object({
  reachable: z.boolean(),
  problem: z.string().nullable(),
  version: z.string().nullable(),
  device: z.string().nullable(),
  vramBytes: z.number().nullable(),
  vramFree: z.number().nullable(),
  ramFree: z.number().nullable(),
  lacks: z.array(TemplateLacks),
  able: z.array(z.string()).openapi({ description: "Templates that it has everything for." }),
}).openapi("ServerTest");
const Trial = z.strictObject({
  id: z.string().max(200).optional().openapi({
    description: "Its address and header fill what is left out.",
  }),
  url: ServerUrl.optional(),
  header: AuthHeader.nullable().optional(),
}).refine(({ id, url }) => id !== undefined || url !== undefined, {
  message: words.wrong.url,
  path: ["url"],
});
const NewServer = ServerWish.extend({
  url: ServerUrl,
  untested: z.boolean().default(false).openapi({ description: "Save it although it does not answer." }),
});
const Edit = ServerWish.extend({
  rev: z.int().openapi({ description: "As it was read: an edit of somebody else since then is a conflict." }),
});
const Kept = z.object({
  id: z.string(),
  rev: z.int(),
  headerGone: z.boolean().openapi({
    description: "The header stayed with the former address: give it anew where the new one wants it.",
  }),
}).openapi("SavedServer");

/** A server that says nothing for so long is shown as silent. */
const LACKS_LIMIT_MS = 4000;
const TRY_LIMIT_MS = 8000;
const ServerParam = z.strictObject({ id: z.string().max(200) });
const json = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
const answering = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  200: { description, content: { "application/json": { schema } } },
});
const listOf = <Item extends z.ZodType>(item: Item) =>
  answering(z.object({ items: z.array(item) }), "The list.");

export function addAdminServers(api: Api): void {
  const backends = createRoute({
    method: "get",
    path: "/admin/backends",
    tags: ["admin"],
    summary: "The render servers.",
    responses: { ...listOf(Backend) },
  });
  api.openapi(backends, async (c) => {
    requireOperator(c);
    return c.json({ items: (await c.env.studio.admin.backends()).map(showBackend) }, 200);
  });

  const lacks = createRoute({
    method: "get",
    path: "/admin/backends/{id}/lacks",
    tags: ["admin"],
    summary: "Ask a server what it lacks for each template: node classes, model files, memory.",
    request: { params: ServerParam },
    responses: { ...listOf(TemplateLacks) },
  });
  api.openapi(lacks, async (c) => {
    requireOperator(c);
    const { id } = c.req.valid("param");
    const items = await c.env.studio.admin.lacks(id, AbortSignal.timeout(LACKS_LIMIT_MS));
    if (items === null) throw fail("request.not_found");
    return c.json({ items }, 200);
  });
  const known = createRoute({
    method: "get",
    path: "/admin/lacks",
    tags: ["admin"],
    summary: "What every server lacks for each template, as it told last. No server is waited for.",
    responses: { ...listOf(KnownLacks) },
  });
  api.openapi(known, async (c) => {
    requireOperator(c);
    const items = await c.env.studio.admin.knownLacks();
    return c.json({ items: items.map(({ at, ...item }) => ({ ...item, at: isoOrNull(at) })) }, 200);
  });
  addChanges(api);
  addActs(api);
}

function addChanges(api: Api): void {
  const test = createRoute({
    method: "post",
    path: "/admin/backends/test",
    tags: ["admin"],
    summary: "Try an address: whether a ComfyUI answers, which one, and what it lacks. Nothing is saved.",
    request: json(Trial),
    responses: { ...answering(Test, "What it said."), ...refusals(404) },
  });
  api.openapi(test, async (c) => {
    requireOperator(c);
    const found = await c.env.studio.servers.test(c.req.valid("json"), AbortSignal.timeout(TRY_LIMIT_MS));
    if (found === null) throw fail("request.not_found");
    return c.json(found, 200);
  });

  const add = createRoute({
    method: "post",
    path: "/admin/backends",
    tags: ["admin"],
    summary: "Add a server while the studio runs. It is tried first.",
    request: json(NewServer),
    responses: {
      201: { description: "Added.", content: { "application/json": { schema: Kept } } },
    },
  });
  api.openapi(add, async (c) => {
    requireOperator(c);
    const { untested, ...wish } = c.req.valid("json");
    return c.json(kept(await c.env.studio.servers.add(wish, { untested }, byOf(c))), 201);
  });

  const edit = createRoute({
    method: "post",
    path: "/admin/backends/{id}/edit",
    tags: ["admin"],
    summary:
      "Change what is set of a server. What is left out stays; its address only while it carries no work.",
    request: { params: ServerParam, ...json(Edit) },
    responses: { ...answering(Kept, "Saved."), ...refusals(409) },
  });
  api.openapi(edit, async (c) => {
    requireOperator(c);
    const saved = await c.env.studio.servers.edit(c.req.valid("param").id, c.req.valid("json"), byOf(c));
    return c.json(kept(saved), 200);
  });
}

function addActs(api: Api): void {
  const done = { 204: { description: "Done." } };
  const act = createRoute({
    method: "post",
    path: "/admin/backends/{id}/{act}",
    tags: ["admin"],
    summary:
      "`drain` lets a server finish and gives it nothing new; `up` takes it back; `use` ends its hold.",
    request: { params: ServerParam.extend({ act: z.enum(["drain", "up", "use"]) }) },
    responses: done,
  });
  api.openapi(act, async (c) => {
    requireOperator(c);
    const { id, act } = c.req.valid("param");
    const { admin } = c.env.studio;
    const by = byOf(c);
    const isThere = await (act === "use" ? admin.trustBackend(id, by) : admin.setBackend(id, act, by));
    if (!isThere) throw fail("request.not_found");
    return c.body(null, 204);
  });

  const remove = createRoute({
    method: "delete",
    path: "/admin/backends/{id}",
    tags: ["admin"],
    summary: "Remove a server that carries no work and that the configuration does not name.",
    request: { params: ServerParam },
    responses: { ...done, ...refusals(409) },
  });
  api.openapi(remove, async (c) => {
    requireOperator(c);
    const stays = await c.env.studio.servers.remove(c.req.valid("param").id, byOf(c));
    if (stays !== null) throw refusalFor(stays);
    return c.body(null, 204);
  });
}

function kept(saved: Saved): z.infer<typeof Kept> {
  if (saved.end !== "saved") throw refusalFor(saved);
  return { id: saved.id, rev: saved.rev, headerGone: saved.headerGone };
}

function refusalFor(saved: Exclude<Saved, { end: "saved" }>) {
  switch (saved.end) {
    case "silent":
      return fail("server.silent", { fields: [{ path: "url", message: saved.test.problem ?? "" }] });
    case "taken":
      return fail("request.invalid", { fields: [{ path: "url", message: words.taken }] });
    case "changed":
      return fail("request.conflict");
    case "works":
      return fail("server.works", { detail: { parts: saved.parts } });
    case "fixed":
      return fail("server.fixed", { message: words.edit.removeText[saved.origin] });
    case "missing":
      return fail("request.not_found");
  }
}

function showBackend({ vram, lastSeenAt, lastFailure, hold, ...row }: BackendNote): ShownBackend {
  return {
    ...row,
    vramBytes: vram,
    lastSeenAt: isoOrNull(lastSeenAt),
    lastFailure: lastFailure && { ...lastFailure, at: iso(lastFailure.at) },
    hold: hold && { ...hold, until: iso(hold.until) },
  };
}
