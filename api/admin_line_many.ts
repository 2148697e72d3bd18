/** What operators tell many jobs of anybody at once, and the operators' own line before everybody's. */
import { createRoute, z } from "@hono/zod-openapi";
import { LINES } from "@/core/admin.ts";
import { type Chosen, type Errand, ERRANDS, type LineFilter, MOVES_IN_LINE } from "@/core/line.ts";
import { fail } from "@/core/problem.ts";
import type { Api } from "./env.ts";
import { Priority } from "./job_schemas.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";

/** Jobs that one selection may name. */
const MANY_MAX = 1000;
/** Of the line, besides its name. */
export const Filter = {
  owner: z.string().max(320).optional().openapi({ description: "E-mail address of the owner." }),
  mode: z.string().max(64).optional(),
  search: z.string().max(200).optional().openapi({ description: "Words of the title, or the id of a job." }),
};
const Where = z.strictObject({ name: z.enum(LINES).optional(), ...Filter }).openapi("LineFilter");
const Many = z.strictObject({
  act: z.enum([...ERRANDS, "next", "turn"]).openapi({
    description:
      "`next` puts them before everybody's, `turn` back. What its owner paused does not go on by `resume`.",
  }),
  ids: z.array(z.uuid("must be the id of a job")).min(1).max(MANY_MAX).optional(),
  where: Where.optional().openapi({ description: "In place of `ids`: all live jobs that fit, whoever's." }),
  priority: Priority.optional().openapi({ description: "For `reprioritise`." }),
}).refine(({ act, priority }) => act !== "reprioritise" || priority !== undefined, {
  message: "must be given for reprioritise",
  path: ["priority"],
}).refine(({ ids, where }) => (ids === undefined) !== (where === undefined), {
  message: "must be given, or `where` in its place",
  path: ["ids"],
});
const ToldMany = z.object({
  told: z.int(),
  passed: z.int().openapi({ description: "Those that had ended, or that it makes no sense for." }),
}).openapi("ToldMany");
const Move = z.strictObject({
  to: z.enum(MOVES_IN_LINE).openapi({
    description:
      "`next`: before everybody's; `up`, `down`: past its neighbour in line, which fixes the places of all before it; " +
      "`turn`: back to its turn.",
  }),
});
const content = { "application/json": { schema: ToldMany } };

export function addLineMany(api: Api): void {
  const many = createRoute({
    method: "post",
    path: "/admin/jobs/tell",
    tags: ["admin"],
    summary:
      "Tell a selection of jobs, or all that fit, to stop, pause, go on, or be served in another place.",
    request: { body: { required: true, content: { "application/json": { schema: Many } } } },
    responses: { 200: { description: "How many were told.", content } },
  });
  api.openapi(many, async (c) => {
    requireOperator(c);
    const { act, ids, where = {}, priority = 0 } = c.req.valid("json");
    const { admin } = c.env.studio;
    const chosen: Chosen = ids ? { ids } : { where: filterOf(where) };
    if (act === "next" || act === "turn") {
      return c.json(await admin.move(chosen, act, byOf(c)) ?? { told: 0, passed: 0 }, 200);
    }
    return c.json(await admin.tellMany(chosen, errandOf(act, priority), byOf(c)), 200);
  });

  const move = createRoute({
    method: "post",
    path: "/admin/jobs/{id}/move",
    tags: ["admin"],
    summary: "Move a job of anybody in the line of the whole studio.",
    request: { params: IdParam, body: { required: true, content: { "application/json": { schema: Move } } } },
    responses: { 200: { description: "Moved.", content }, ...refusals(409) },
  });
  api.openapi(move, async (c) => {
    requireOperator(c);
    const id = idOf(c.req.valid("param").id);
    const told = await c.env.studio.admin.move({ ids: [id] }, c.req.valid("json").to, byOf(c));
    if (told === null) throw fail("job.not_possible");
    if (told.told === 0) throw fail("request.not_found");
    return c.json(told, 200);
  });
}

export function errandOf(act: Errand["act"], priority: number): Errand {
  const messages = {
    cancel: { type: "cancel" },
    pause: { type: "pause", now: false, byOperator: true },
    resume: { type: "resume", onlyOperators: true },
    reprioritise: { type: "reprioritise", priority },
  };
  return { act, message: messages[act], priority: act === "reprioritise" ? priority : null };
}

export function filterOf(
  { name, owner, mode, search }: Partial<Record<"owner" | "mode" | "search", string | undefined>> & {
    name?: LineFilter["name"] | undefined;
  },
): LineFilter {
  const given = (text: string | undefined) => text?.trim() || null;
  return { name: name ?? null, owner: given(owner), mode: given(mode), search: given(search) };
}
