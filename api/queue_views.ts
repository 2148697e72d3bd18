/** What a person sees of the queue: own jobs alone, others only as figures, servers only by number. */
import { actsOf, type OwnQueue, type QueuedJob, type Range, type Wait, waitOf } from "@/core/queue.ts";
import type { ShownJob, ShownQueue, ShownQueuedJob, ShownSpan } from "@/core/shown.ts";
import { queue as words } from "@/core/words/queue.ts";
import { showJob, type Viewer } from "./job_views.ts";
import type { JobRecord } from "./studio.ts";

export function showQueue(
  { jobs, servers }: OwnQueue,
  records: readonly JobRecord[],
  viewer: Viewer,
): Pick<ShownQueue, "running" | "waiting"> {
  const byId = new Map(records.map((record) => [record.id, record]));
  const shown = jobs.flatMap((queued) => {
    const job = byId.get(queued.jobId);
    return job ? [showQueued(queued, { job, servers, viewer })] : [];
  });
  return {
    running: shown.filter(({ wait }) => wait === null),
    waiting: shown.filter(({ wait }) => wait !== null),
  };
}

function showQueued(
  queued: QueuedJob,
  { job, servers, viewer }: { job: JobRecord; servers: OwnQueue["servers"]; viewer: Viewer },
): ShownQueuedJob {
  const isUp = servers.some((server) => server.isUp && server.engine === job.engine);
  const shown = showJob(job, viewer);
  const wait = waitOf(job, queued, { isUp, heldBack: shown.heldBack });
  const server = servers.find(({ id }) => id === queued.backendId);
  const isMoving = wait === null || wait === "turn";
  const isThere = wait === "turn" || (wait === null && queued.start?.likelyS === 0);
  return {
    job: shown,
    place: wait === "turn" ? queued.place : null,
    server: server && isThere ? words.server(server.engine, server.n, server.of) : null,
    starts: wait === "turn" ? showSpan(queued.start) : null,
    ends: isMoving ? showSpan(queued.end) : null,
    wait,
    sentence: wait === "pause" && job.byOperator ? words.byOperator : sentenceOf(wait, queued, shown),
    acts: actsOf(job),
  };
}

function sentenceOf(wait: Wait | null, { place }: QueuedJob, { stage }: ShownJob): string {
  if (wait === null || wait === "retry" || wait === "maintenance") return stage;
  return wait === "turn" ? words.turn(place === null ? null : place - 1) : words.waits[wait];
}

export function showSpan(range: Range | null): ShownSpan | null {
  if (range === null) return null;
  const { likelyS, lowS, highS } = range;
  return { seconds: Math.round(likelyS), low: Math.round(lowS), high: Math.round(highS) };
}
