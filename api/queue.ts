/** A person's place in the queue: what runs, what waits and for what, its order, and what is told to all of one's jobs. */
import { createRoute, z } from "@hono/zod-openapi";
import type { JobMessage } from "@/actors/job/messages.ts";
import { Id } from "@/core/ids.ts";
import { fail } from "@/core/problem.ts";
import { ACTS, actsOf, WAITS } from "@/core/queue.ts";
import type { ShownQueue } from "@/core/shown.ts";
import { isTerminal, STATUSES } from "@/core/status.ts";
import type { Api, Call } from "./env.ts";
import { ShownJob } from "./job_schemas.ts";
import { viewerOf } from "./jobs.ts";
import { refusals } from "./problems.ts";
import { showQueue } from "./queue_views.ts";
import { requireUser } from "./session.ts";
import type { JobRecord } from "./studio.ts";

/** Jobs that one order may name. */
const ORDER_MAX = 1000;
const PAGE = 200;

export const Span = z.object({ seconds: z.number(), low: z.number(), high: z.number() }).openapi("Span");
const QueuedJob = z.object({
  job: ShownJob,
  place: z.int().nullable().openapi({ description: "Among everybody's waiting jobs, from 1." }),
  server: z.string().nullable(),
  starts: Span.nullable(),
  ends: Span.nullable(),
  wait: z.enum(WAITS).nullable(),
  sentence: z.string(),
  acts: z.array(z.enum(ACTS)),
}).openapi("QueuedJob");
const Pool = z.object({
  servers: z.int(),
  up: z.int(),
  draftOnly: z.boolean(),
  rendering: z.int(),
  waiting: z.int(),
}).openapi("Pool");
const OwnQueue = z.object({
  pool: Pool,
  total: z.int().openapi({ description: "Own jobs that have not ended." }),
  from: z.int(),
  running: z.array(QueuedJob),
  waiting: z.array(QueuedJob),
}).openapi("OwnQueue");
const Page = z.strictObject({
  from: z.coerce.number().int().min(0).max(1_000_000).default(0),
  size: z.coerce.number().int().min(1).max(500).optional().openapi({
    description: "Jobs of this page, those under way first; all where it is absent.",
  }),
  id: Id.optional().openapi({ description: "This job alone." }),
});
type Page = z.infer<typeof Page>;
const Order = z.strictObject({
  ids: z.array(Id).min(1).max(ORDER_MAX).refine(
    (ids) => new Set(ids).size === ids.length,
    "must name each job once",
  ),
}).openapi("QueueOrder");
const All = z.strictObject({
  except: Id.optional().openapi({ description: "The one job that goes on." }),
}).openapi("AllJobs");
const Told = z.object({ jobs: z.int() }).openapi("ToldJobs");

export function addQueue(api: Api): void {
  const content = { "application/json": { schema: OwnQueue } };
  const read = createRoute({
    method: "get",
    path: "/queue",
    tags: ["queue"],
    summary: "Own jobs that run or wait, with their place in the whole queue and when they will be ready.",
    request: { query: Page },
    responses: { 200: { description: "The queue.", content } },
  });
  api.openapi(read, async (c) => c.json(await readQueue(c, requireUser(c).id, c.req.valid("query")), 200));

  const order = createRoute({
    method: "post",
    path: "/queue/order",
    tags: ["queue"],
    summary: "Put own jobs into this order among themselves; others keep their places.",
    request: {
      query: Page,
      body: { required: true, content: { "application/json": { schema: Order } } },
    },
    responses: { 200: { description: "The queue after it.", content }, ...refusals(409) },
  });
  api.openapi(order, async (c) => {
    const user = requireUser(c);
    const { ids } = c.req.valid("json");
    if (!await c.env.studio.queue.arrange(user.id, ids)) throw fail("request.conflict");
    return c.json(await readQueue(c, user.id, c.req.valid("query")), 200);
  });
  addForAll(api);
}

interface ForAll {
  name: "cancel" | "pause" | "resume";
  summary: string;
  message: JobMessage;
  /** Jobs that it makes sense for now. */
  concerns(job: JobRecord): boolean;
}

const FOR_ALL: ForAll[] = [
  {
    name: "cancel",
    summary: "Cancel all own jobs, or all but one.",
    message: { type: "cancel" },
    concerns: (job) => !isTerminal(job.status) && !job.cancelling,
  },
  {
    name: "pause",
    summary: "Start nothing new of one's own; what runs finishes.",
    message: { type: "pause", now: false },
    concerns: (job) => actsOf(job).includes("pause"),
  },
  {
    name: "resume",
    summary: "Let all own paused jobs go on.",
    message: { type: "resume" },
    concerns: (job) => actsOf(job).includes("resume"),
  },
];

function addForAll(api: Api): void {
  for (const { name, summary, message, concerns } of FOR_ALL) {
    const route = createRoute({
      method: "post",
      path: `/queue/${name}`,
      tags: ["queue"],
      summary,
      request: { body: { required: true, content: { "application/json": { schema: All } } } },
      responses: {
        202: { description: "Told.", content: { "application/json": { schema: Told } } },
      },
    });
    api.openapi(route, async (c) => {
      const { studio } = c.env;
      const { except } = c.req.valid("json");
      const jobs = (await liveJobs(c, requireUser(c).id)).filter(concerns).filter(({ id }) => id !== except);
      const cause = studio.ids.uuid7();
      await studio.tell(jobs.map(({ id }) => ({
        id: `${name}:${id}:${cause}`,
        to: id,
        kind: message.type,
        body: message,
      })));
      return c.json({ jobs: jobs.length }, 202);
    });
  }
}

/** Places are counted over all; what is shown in full is only what the page has. */
async function readQueue(c: Call, userId: string, { from, size, id }: Page): Promise<ShownQueue> {
  const { studio } = c.env;
  const [pool, { jobs, servers }] = await Promise.all([studio.queue.pool(), studio.queue.own(userId)]);
  const order = [...jobs.filter(({ runs }) => runs), ...jobs.filter(({ runs }) => !runs)];
  const part = id !== undefined
    ? order.filter(({ jobId }) => jobId === id)
    : order.slice(from, size === undefined ? undefined : from + size);
  const records = await studio.jobs.some(userId, part.map(({ jobId }) => jobId));
  return { pool, total: jobs.length, from, ...showQueue({ jobs: part, servers }, records, viewerOf(c)) };
}

/** All of a person's jobs that have not ended, page by page. */
async function liveJobs(c: Call, userId: string): Promise<JobRecord[]> {
  const statuses = STATUSES.filter((status) => !isTerminal(status));
  const found: JobRecord[] = [];
  for (let before = null;;) {
    const page = await c.env.studio.jobs.list(userId, {
      mode: null,
      statuses,
      batchId: null,
      projectId: null,
      trashed: false,
      before,
      limit: PAGE,
    });
    found.push(...page);
    before = page.at(-1) ?? null;
    if (page.length < PAGE) return found;
  }
}
