/** Maintenance for operators: the whole studio drained and opened again. Every answer of the API tells of it in a header. */
import { createRoute, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { MAINTENANCE_HEADER, NOTE_MAX } from "@/core/maintenance.ts";
import { fail } from "@/core/problem.ts";
import type { ShownMaintenance } from "@/core/shown_admin.ts";
import type { Api, Call, Env } from "./env.ts";
import { refusals } from "./problems.ts";
import { iso, plainText, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";

export const Standing = z.object({ since: Time, note: z.string() }).nullable();
const Shown = z.object({
  maintenance: Standing,
  underWay: z.int().openapi({ description: "Parts of films that still run." }),
}).openapi("Maintenance");
const Begin = z.strictObject({
  note: plainText(NOTE_MAX).trim().default("").openapi({ description: "For everybody, on every page." }),
});
const shown = { 200: { description: "As it is.", content: { "application/json": { schema: Shown } } } };

/** Programs read it from any answer; reading it must never be what fails. */
export const tellMaintenance: MiddlewareHandler<Env> = async (c, next) => {
  const read = () => c.env.studio.upkeep.read().catch(() => null);
  c.set("maintenance", await read());
  await next();
  const standing = await read();
  if (standing !== null) c.header(MAINTENANCE_HEADER, iso(standing.since));
};

export function addMaintenance(api: Api): void {
  const of = { path: "/admin/maintenance", tags: ["admin"] };
  const read = createRoute({
    ...of,
    method: "get",
    summary: "Whether the studio is drained, and what still runs.",
    responses: shown,
  });
  api.openapi(read, async (c) => {
    requireOperator(c);
    return c.json(await show(c), 200);
  });

  const begin = createRoute({
    ...of,
    method: "post",
    summary:
      `Drain the studio: nothing new starts until it is opened again. Answers carry \`${MAINTENANCE_HEADER}\` meanwhile. Again only changes the note.`,
    request: { body: { required: true, content: { "application/json": { schema: Begin } } } },
    responses: shown,
  });
  api.openapi(begin, async (c) => {
    requireOperator(c);
    await c.env.studio.upkeep.begin(c.req.valid("json").note, byOf(c));
    return c.json(await show(c), 200);
  });

  const end = createRoute({
    ...of,
    method: "delete",
    summary: "Open the studio again.",
    responses: { 204: { description: "It works again." }, ...refusals(404) },
  });
  api.openapi(end, async (c) => {
    requireOperator(c);
    if (!await c.env.studio.upkeep.end(byOf(c))) throw fail("request.not_found");
    return c.body(null, 204);
  });
}

async function show(c: Call): Promise<ShownMaintenance> {
  const { upkeep } = c.env.studio;
  return { maintenance: await standingOf(c), underWay: await upkeep.underWay() };
}

export async function standingOf(c: Call): Promise<ShownMaintenance["maintenance"]> {
  const standing = await c.env.studio.upkeep.read();
  return standing === null ? null : { since: iso(standing.since), note: standing.note };
}
