/** Batches: the takes of one request as a sheet, and the end of those that wait. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { ShownBatch } from "@/core/shown_batches.ts";
import { differencesOf, TAKES_MAX } from "@/core/takes.ts";
import { readDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { ShownJob } from "./job_schemas.ts";
import { showJob } from "./job_views.ts";
import { viewerOf } from "./jobs.ts";
import { idOf, IdParam } from "./schemas.ts";
import { requireUser } from "./session.ts";
import type { JobRecord } from "./studio.ts";

const Batch = z.object({
  id: z.string(),
  takes: z.array(z.object({
    job: ShownJob,
    n: z.int().openapi({ description: "Its place in the batch, from 1." }),
    differs: z.record(z.string(), z.string()).openapi({
      description: "What it has that not all takes have, by the name of the setting.",
    }),
    score: z.number().nullable().openapi({
      description: "Of loops: how far the last picture is from the first. The lower, the better.",
    }),
  })),
}).openapi("Batch");
const Told = z.object({ jobs: z.int() }).openapi("ToldTakes");

/** Before a server or the studio began with a job. */
const WAITING: JobRecord["status"][] = ["created", "validating", "uploading_assets", "queued"];

export function addBatches(api: Api): void {
  const read = createRoute({
    method: "get",
    path: "/batches/{id}",
    tags: ["jobs"],
    summary: "The takes of one request, in their order, with what sets each apart.",
    request: { params: IdParam },
    responses: {
      200: { description: "The batch.", content: { "application/json": { schema: Batch } } },
    },
  });
  api.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(showBatch(c, id, await takesIn(c, id)), 200);
  });

  const cancel = createRoute({
    method: "post",
    path: "/batches/{id}/cancel",
    tags: ["jobs"],
    summary: "Cancel the takes that nothing has begun with; what runs goes on.",
    request: { params: IdParam },
    responses: {
      202: { description: "Told.", content: { "application/json": { schema: Told } } },
    },
  });
  api.openapi(cancel, async (c) => {
    const { studio } = c.env;
    const waiting = (await takesIn(c, c.req.valid("param").id)).filter(isWaiting);
    const cause = studio.ids.uuid7();
    await studio.tell(waiting.map(({ id }) => ({
      id: `cancel:${id}:${cause}`,
      to: id,
      kind: "cancel",
      body: { type: "cancel" },
    })));
    return c.json({ jobs: waiting.length }, 202);
  });
}

function isWaiting({ status, cancelling, trashedAt }: JobRecord): boolean {
  return WAITING.includes(status) && !cancelling && trashedAt === null;
}

/** Every take in the order in which they were asked for, also those in the trash; "not found" where the caller has none. */
async function takesIn(c: Call, id: string): Promise<JobRecord[]> {
  const user = requireUser(c);
  const filter = { mode: null, statuses: null, batchId: idOf(id), projectId: null, before: null };
  const both = await Promise.all(
    [false, true].map((trashed) => c.env.studio.jobs.list(user.id, { ...filter, trashed, limit: TAKES_MAX })),
  );
  const takes = both.flat().sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  if (takes.length === 0) throw fail("request.not_found");
  return takes;
}

function showBatch(c: Call, id: string, takes: JobRecord[]): ShownBatch {
  const differences = differencesOf(takes.map(readDraft));
  return {
    id,
    takes: takes.flatMap((job, at) =>
      job.trashedAt !== null ? [] : [{
        job: showJob(job, viewerOf(c)),
        n: at + 1,
        differs: differences[at] ?? {},
        score: job.film?.loop ?? null,
      }]
    ),
  };
}
