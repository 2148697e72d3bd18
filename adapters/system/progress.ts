/** Progress of jobs within this process: latest value wins, never stored, at most so many a second per job. */
import type { Clock, Progress, ProgressBus } from "@/core/ports.ts";

const GAP_MS = 200;
/** More than run at once; each may hold a preview picture. */
const KEPT_MAX = 200;

interface Kept {
  progress: Progress;
  toldAt: number;
  pending: boolean;
}

/** `closing`: nothing that is held back is told any more, as nobody listens. */
export function openProgressBus(clock: Clock, closing: AbortSignal): ProgressBus {
  const jobs = new Map<string, Kept>();
  const ears = new Map<string, Set<(progress: Progress) => void>>();

  function tell(kept: Kept): void {
    kept.pending = false;
    kept.toldAt = clock.monotonic();
    for (const hear of ears.get(kept.progress.userId) ?? []) hear(kept.progress);
  }

  return {
    publish(progress) {
      const before = jobs.get(progress.jobId);
      const share = before?.progress.run === progress.run
        ? Math.max(before.progress.share, progress.share)
        : progress.share;
      const preview = progress.preview ??
        (before?.progress.run === progress.run ? before.progress.preview : undefined);
      const kept: Kept = {
        progress: { ...progress, share, ...(preview ? { preview } : {}) },
        toldAt: before?.toldAt ?? -Infinity,
        pending: before?.pending ?? false,
      };
      jobs.delete(progress.jobId);
      jobs.set(progress.jobId, kept);
      const [oldest] = jobs.keys();
      if (jobs.size > KEPT_MAX && oldest !== undefined) jobs.delete(oldest);
      if (kept.pending) return;
      const waitMs = kept.toldAt + GAP_MS - clock.monotonic();
      if (waitMs <= 0) return tell(kept);
      kept.pending = true;
      void clock.sleep(waitMs, closing).then(() => {
        const latest = jobs.get(progress.jobId);
        if (latest?.pending) tell(latest);
      }, () => undefined);
    },
    listen(userId, hear) {
      const own = ears.get(userId) ?? new Set();
      ears.set(userId, own.add(hear));
      return () => {
        own.delete(hear);
        if (own.size === 0) ears.delete(userId);
      };
    },
    latest: (jobId) => jobs.get(jobId)?.progress,
  };
}
