/** Links that show one result: their owner makes them, sees them and takes them back. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Share } from "@/core/library.ts";
import { fail } from "@/core/problem.ts";
import type { ShownNewShare, ShownShare as Shown } from "@/core/shown_shares.ts";
import type { Api, Call } from "./env.ts";
import { ownJob } from "./jobs.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam, iso, Time } from "./schemas.ts";
import { requireUser } from "./session.ts";

const DAY_MS = 86_400_000;
const TOKEN_BYTES = 32;

const NewShare = z.strictObject({
  days: z.literal([1, 7, 30], "must be 1, 7 or 30").openapi({ description: "How long the link works." }),
}).openapi("NewShare");

const ShareFields = {
  id: z.string(),
  jobId: z.string(),
  state: z.enum(["open", "expired", "revoked"]),
  createdAt: Time,
  expiresAt: Time,
};
const ShownShare = z.object(ShareFields).openapi("Share");
const MadeShare = z.object({
  ...ShareFields,
  url: z.string().openapi({ description: "The link itself. It is told this once and kept only as a hash." }),
}).openapi("MadeShare");

export function addShares(api: Api): void {
  const create = createRoute({
    method: "post",
    path: "/jobs/{id}/shares",
    tags: ["shares"],
    summary: "Make a link that shows the newest result of a job, and nothing else.",
    request: {
      params: IdParam,
      body: { required: true, content: { "application/json": { schema: NewShare } } },
    },
    responses: {
      201: { description: "The link.", content: { "application/json": { schema: MadeShare } } },
      ...refusals(409),
    },
  });
  api.openapi(
    create,
    async (c) => c.json(await makeShare(c, c.req.valid("param").id, c.req.valid("json")), 201),
  );

  const list = createRoute({
    method: "get",
    path: "/jobs/{id}/shares",
    tags: ["shares"],
    summary: "The links of a job, newest first.",
    request: { params: IdParam },
    responses: {
      200: {
        description: "The links, without their addresses.",
        content: { "application/json": { schema: z.object({ items: z.array(ShownShare) }) } },
      },
    },
  });
  api.openapi(list, async (c) => {
    const job = await ownJob(c, c.req.valid("param").id);
    const { shares, clock } = c.env.studio;
    const rows = await shares.list(job.userId, job.id);
    return c.json({ items: rows.map((share) => showShare(share, clock.now())) }, 200);
  });

  const revoke = createRoute({
    method: "delete",
    path: "/shares/{id}",
    tags: ["shares"],
    summary: "Take a link back; it shows nothing from then on.",
    request: { params: IdParam },
    responses: { 204: { description: "Taken back." } },
  });
  api.openapi(revoke, async (c) => {
    const id = idOf(c.req.valid("param").id);
    if (!await c.env.studio.shares.revoke(requireUser(c).id, id)) throw fail("request.not_found");
    return c.body(null, 204);
  });
}

async function makeShare(
  c: Call,
  jobId: string,
  { days }: z.output<typeof NewShare>,
): Promise<ShownNewShare> {
  const { studio } = c.env;
  const job = await ownJob(c, jobId);
  const [output] = await studio.jobs.outputs(job.id);
  if (output === undefined || job.trashedAt !== null) throw fail("job.no_result");
  const now = studio.clock.now();
  const share: Share = {
    id: studio.ids.uuid7(),
    userId: job.userId,
    jobId: job.id,
    outputId: output.id,
    createdAt: now,
    expiresAt: now + days * DAY_MS,
    revokedAt: null,
  };
  const token = studio.ids.token(TOKEN_BYTES);
  await studio.shares.create(share, studio.hashToken(token));
  const base = studio.settings.publicUrl || new URL(c.req.url).origin;
  return { ...showShare(share, now), url: `${base.replace(/\/+$/, "")}/s/${token}` };
}

function showShare(share: Share, now: number): Shown {
  const { id, jobId, createdAt, expiresAt, revokedAt } = share;
  const state = revokedAt !== null ? "revoked" : expiresAt <= now ? "expired" : "open";
  return { id, jobId, state, createdAt: iso(createdAt), expiresAt: iso(expiresAt) };
}
