/** What a person may use, what they use, and what is refused for it: one truth for the API, the pages and the scheduler. Pure. */
import { type Problem, problem } from "./problem.ts";
import { quota as words } from "./words/quota.ts";

/** Null where there is no limit. */
export interface Limits {
  /** Jobs that wait or are under way. */
  queued: number;
  /** Jobs that are on render servers. */
  running: number | null;
  /** Minutes of rendering within 24 hours. */
  gpuMinutes: number | null;
  diskBytes: number | null;
}

/** What an operator set for one person; null: as for all. */
export interface OwnLimits {
  jobsMax: number | null;
  runningMax: number | null;
  gpuMinutesMax: number | null;
  diskGbMax: number | null;
}

export const OWN_LIMITS_MOST: Record<keyof OwnLimits, number> = {
  jobsMax: 10_000,
  runningMax: 1000,
  gpuMinutesMax: 1_000_000,
  diskGbMax: 1_000_000,
};

export interface Use {
  queued: number;
  running: number;
  /** Of the last 24 hours. */
  gpuSeconds: number;
  diskBytes: number;
  /** Of the last 30 days. */
  money: number;
  /** When minutes are free again; null while some are. */
  freesAt: number | null;
}

export interface Standing {
  limits: Limits;
  use: Use;
}

/** What one person, or everybody, used lately. */
export interface Spend {
  gpuSeconds: number;
  money: number;
}

export interface PersonSpend {
  userId: string;
  /** Null for somebody who has left. */
  email: string | null;
  day: Spend;
  month: Spend;
  diskBytes: number;
}

export interface Quotas {
  /** Limits and use of a person now; the files are summed up where they are limited, or all is asked for. */
  of(userId: string, all?: "all"): Promise<Standing>;
  /** Everybody who used anything within 30 days, who used most first. */
  spend(): Promise<PersonSpend[]>;
  /** Three letters. */
  readonly currency: string;
}

export const DAY_MS = 86_400_000;
const GB = 1e9;

export function limitsFor(own: OwnLimits, usual: Limits): Limits {
  return {
    queued: own.jobsMax ?? usual.queued,
    running: own.runningMax ?? usual.running,
    gpuMinutes: own.gpuMinutesMax ?? usual.gpuMinutes,
    diskBytes: own.diskGbMax === null ? usual.diskBytes : own.diskGbMax * GB,
  };
}

/** When what was used within 24 hours falls below the limit again; null where it is below. */
export function freesAt(
  entries: readonly { at: number; seconds: number }[],
  limitS: number,
): number | null {
  let left = entries.reduce((sum, { seconds }) => sum + seconds, 0);
  if (left < limitS) return null;
  for (const { at, seconds } of entries.toSorted((a, b) => a.at - b.at)) {
    left -= seconds;
    if (left < limitS) return at + DAY_MS;
  }
  return null;
}

/** Why something more is refused, with the limit, what is used and when it frees; null where it is not. */
export function overLimit(
  { limits, use }: Standing,
  more: { jobs: number; bytes: number },
  now: number,
): Problem | null {
  if (more.jobs > 0 && use.queued + more.jobs > limits.queued) {
    return problem("job.queue_full", {
      message: words.queued(limits.queued, use.queued),
      detail: { limit: limits.queued, used: use.queued },
    });
  }
  if (more.jobs > 0 && limits.gpuMinutes !== null && use.gpuSeconds >= limits.gpuMinutes * 60) {
    const waitMs = Math.max(0, (use.freesAt ?? now) - now);
    return problem("quota.minutes", {
      message: words.minutes(limits.gpuMinutes, use.gpuSeconds, use.freesAt === null ? null : waitMs / 1000),
      detail: { limit: limits.gpuMinutes, used: Math.round(use.gpuSeconds / 60) },
      ...(use.freesAt === null ? {} : { retryAfterMs: waitMs }),
    });
  }
  if (limits.diskBytes !== null && use.diskBytes + more.bytes > limits.diskBytes) {
    return problem("quota.disk", {
      message: words.disk(limits.diskBytes, use.diskBytes),
      detail: { limit: limits.diskBytes, used: use.diskBytes },
    });
  }
  return null;
}
