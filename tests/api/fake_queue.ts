/** The queue of the studio in memory: jobs wait in the order in which they came, or were put. */
import type { QueuedJob, Queues } from "@/core/queue.ts";
import { isTerminal } from "@/core/status.ts";
import type { FakeStudio } from "./fake_studio.ts";

/** A job whose status is `executing` runs on server `b1`; any other waits for it. */
export function fakeQueue(kept: FakeStudio["kept"]): Queues {
  const live = () =>
    [...kept.jobs.values()].filter((job) => !isTerminal(job.status) && job.trashedAt === null);
  const rankOf = (id: string) => {
    const rank = kept.ranks.indexOf(id);
    return rank === -1 ? kept.ranks.length + [...kept.jobs.keys()].indexOf(id) : rank;
  };
  const inOrder = () => live().sort((a, b) => rankOf(a.id) - rankOf(b.id));
  const isRunning = (job: { status: string }) => job.status === "executing";
  const waiting = () => inOrder().filter((job) => !isRunning(job) && job.status === "queued" && !job.paused);
  return {
    pool: () =>
      Promise.resolve({
        servers: 1,
        up: 1,
        draftOnly: false,
        rendering: live().filter(isRunning).length,
        waiting: waiting().length,
      }),
    own: (userId) =>
      Promise.resolve({
        jobs: inOrder().filter((job) => job.userId === userId).map((job): QueuedJob => {
          const place = waiting().findIndex(({ id }) => id === job.id) + 1;
          const [runs, waits] = [isRunning(job), place > 0];
          const range = (likelyS: number) => ({ likelyS, lowS: likelyS / 2, highS: likelyS * 2 });
          return {
            jobId: job.id,
            ownerId: userId,
            priority: job.priority,
            rank: rankOf(job.id),
            runs,
            waits,
            kept: null,
            fits: true,
            place: waits ? place : null,
            backendId: runs || waits ? "b1" : null,
            start: waits ? range(place * 60) : runs ? range(0) : null,
            end: runs || waits ? range(place * 60 + 60) : null,
          };
        }),
        servers: [{ id: "b1", engine: "draft", n: 1, of: 1, isUp: true }],
      }),
    foresee({ plan }) {
      const likelyS = plan.steps.reduce((sum, step) => sum + step.weight, 0);
      const place = waiting().length + 1;
      const work = { likelyS, lowS: likelyS / 2, highS: likelyS * 2 };
      return Promise.resolve({ work, place, startS: (place - 1) * 60 });
    },
    arrange(userId, jobIds) {
      const own = jobIds.every((id) => live().some((job) => job.id === id && job.userId === userId));
      if (!own) return Promise.resolve(false);
      const before = inOrder().map(({ id }) => id);
      const places = before.flatMap((id, at) => jobIds.includes(id) ? [at] : []);
      for (const [n, id] of jobIds.entries()) before[places[n] ?? 0] = id;
      kept.ranks = before;
      return Promise.resolve(true);
    },
  };
}
