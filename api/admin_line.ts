/** Everybody's queue for operators: who runs and waits where, and what an operator may tell a job of anybody. */
import { createRoute, z } from "@hono/zod-openapi";
import type { JobMessage } from "@/actors/job/messages.ts";
import { LINES } from "@/core/admin.ts";
import type { LineJob } from "@/core/admin.ts";
import { fail } from "@/core/problem.ts";
import { actsOf } from "@/core/queue.ts";
import type { ShownLineJob } from "@/core/shown_admin.ts";
import { STATUSES } from "@/core/status.ts";
import type { Api, Call } from "./env.ts";
import { Priority } from "./job_schemas.ts";
import { refusals } from "./problems.ts";
import { Span } from "./queue.ts";
import { showSpan } from "./queue_views.ts";
import { idOf, IdParam, iso, Time } from "./schemas.ts";
import { Filter, filterOf } from "./admin_line_many.ts";
import { byOf, requireOperator } from "./session.ts";

const Job = z.object({
  id: z.string(),
  title: z.string(),
  owner: z.string().openapi({ description: "E-mail address." }),
  mode: z.string(),
  engine: z.enum(["draft", "comfy"]),
  status: z.enum(STATUSES),
  stage: z.string(),
  paused: z.boolean(),
  cancelling: z.boolean(),
  share: z.number(),
  priority: z.int(),
  front: z.boolean().openapi({ description: "An operator put it before everybody's." }),
  byOperator: z.boolean().openapi({ description: "An operator paused it, not its owner." }),
  place: z.int().nullable(),
  backendId: z.string().nullable(),
  starts: Span.nullable(),
  ends: Span.nullable(),
  createdAt: Time,
}).openapi("LineJob");
const Line = z.object({ items: z.array(Job), total: z.int() }).openapi("Line");
const Page = z.strictObject({
  name: z.enum(LINES).default("waiting").openapi({
    description: "`running`; `waiting` for a server, in the order of service; `held` by something else.",
  }),
  ...Filter,
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const Act = z.enum(["cancel", "pause", "resume"]);
type Message = Extract<JobMessage, { type: z.infer<typeof Act> | "reprioritise" }>;
const told = { 204: { description: "Told." } };

export function addAdminLine(api: Api): void {
  const read = createRoute({
    method: "get",
    path: "/admin/line",
    tags: ["admin"],
    summary: "Live jobs of everybody, with owner and place.",
    request: { query: Page },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Line } } },
    },
  });
  api.openapi(read, async (c) => {
    requireOperator(c);
    const { name, owner, mode, search, ...page } = c.req.valid("query");
    const { items, total } = await c.env.studio.admin.line(
      { ...filterOf({ owner, mode, search }), name },
      page,
    );
    return c.json({ items: items.map(showLineJob), total }, 200);
  });

  const order = createRoute({
    method: "post",
    path: "/admin/jobs/{id}/reprioritise",
    tags: ["admin"],
    summary:
      "Give a job of anybody another priority: among its owner's own jobs it decides, between people it is worth one spell on a server at most.",
    request: {
      params: IdParam,
      body: {
        required: true,
        content: { "application/json": { schema: z.strictObject({ priority: Priority }) } },
      },
    },
    responses: told,
  });
  api.openapi(order, async (c) => {
    requireOperator(c);
    const { priority } = c.req.valid("json");
    await tellAny(c, { id: c.req.valid("param").id, message: { type: "reprioritise", priority } });
    return c.body(null, 204);
  });

  const act = createRoute({
    method: "post",
    path: "/admin/jobs/{id}/{act}",
    tags: ["admin"],
    summary: "Tell a job of anybody to stop, pause or go on.",
    request: { params: IdParam.extend({ act: Act }) },
    responses: { ...told, ...refusals(409) },
  });
  api.openapi(act, async (c) => {
    requireOperator(c);
    const { id, act } = c.req.valid("param");
    const message: Message = act === "pause"
      ? { type: "pause", now: false, byOperator: true }
      : { type: act };
    await tellAny(c, { id, act, message });
    return c.body(null, 204);
  });
}

async function tellAny(
  c: Call,
  { id: asked, act, message }: { id: string; act?: z.infer<typeof Act>; message: Message },
): Promise<void> {
  const { studio } = c.env;
  const id = idOf(asked);
  const job = await studio.admin.liveJob(id);
  if (job === null) throw fail("request.not_found");
  if (act !== undefined && !actsOf(job).includes(act)) throw fail("job.not_possible");
  const mail = {
    id: `${message.type}:${id}:${studio.ids.uuid7()}`,
    to: id,
    kind: message.type,
    body: message,
  };
  const { status, paused, priority } = job;
  const [before, after] = message.type === "reprioritise"
    ? [{ priority }, { priority: message.priority }]
    : [{ status, paused }, { told: message.type }];
  await studio.admin.tell(mail, { action: `job.${message.type}`, subject: id, before, after }, byOf(c));
}

function showLineJob({ start, end, createdAt, ...job }: LineJob): ShownLineJob {
  return { ...job, starts: showSpan(start), ends: showSpan(end), createdAt: iso(createdAt) };
}
