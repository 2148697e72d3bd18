/** What a person may use, what they use, and what is refused for it: one truth for the API, the pages and the scheduler. Pure. */
import { type Problem, problem } from "./problem.ts";
import type { Plan } from "./plan.ts";
import { NOTHING_RESERVED, type Reserved } from "./reserve.ts";
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
  /** Of the servers, when several wait: 2 is served twice as much as 1, which is usual. */
  weight: number | null;
}

export const OWN_LIMITS_MOST: Record<keyof OwnLimits, number> = {
  jobsMax: 10_000,
  runningMax: 1000,
  gpuMinutesMax: 1_000_000,
  diskGbMax: 1_000_000,
  weight: 100,
};
/** Less would be never. */
export const WEIGHT_MIN = 0.1;

export interface Use {
  queued: number;
  running: number;
  /** Of the last 24 hours. */
  gpuSeconds: number;
  diskBytes: number;
  /** Of the last 30 days. */
  money: number;
  /** What films that wait or are under way will still take; nothing where no limit asks for it. */
  reserved: Reserved;
  /** When minutes are free again; null while some are, and where what is reserved takes them all. */
  freesAt: number | null;
}

/** What is asked for: files that come at once, and films with what each will take. */
export interface More {
  bytes: number;
  films: readonly Reserved[];
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
  /** What a film of this plan would take. */
  expect(plan: Pick<Plan, "steps" | "engine">): Promise<Reserved>;
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

/** When what was used within 24 hours falls below the limit again; null where it is below, or never will be. */
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

/**
 * Why something more is refused, with the limit, what is used and set aside, and when it frees; null where it is not. Of
 * films the last one may pass a limit by what it takes: nobody can know that before.
 */
export function overLimit({ limits, use }: Standing, { bytes, films }: More, now: number): Problem | null {
  if (films.length > 0 && use.queued + films.length > limits.queued) {
    return problem("job.queue_full", {
      message: words.queued(limits.queued, use.queued),
      detail: { limit: limits.queued, used: use.queued },
    });
  }
  const reserved = withFilms(use.reserved, films.slice(0, -1));
  if (films.length > 0 && limits.gpuMinutes !== null) {
    const refused = overMinutes({ limit: limits.gpuMinutes, use, reservedS: reserved.gpuSeconds }, now);
    if (refused) return refused;
  }
  if (limits.diskBytes !== null && use.diskBytes + reserved.bytes + bytes > limits.diskBytes) {
    return problem("quota.disk", {
      message: words.disk(limits.diskBytes, use.diskBytes, reserved.bytes),
      detail: { limit: limits.diskBytes, used: use.diskBytes, reserved: Math.round(reserved.bytes) },
    });
  }
  return null;
}

function overMinutes(
  { limit, use, reservedS }: { limit: number; use: Use; reservedS: number },
  now: number,
): Problem | null {
  if (use.gpuSeconds + reservedS < limit * 60) return null;
  // More than is set aside already frees later than what is known.
  const freesAt = reservedS > use.reserved.gpuSeconds ? null : use.freesAt;
  const waitMs = freesAt === null ? null : Math.max(0, freesAt - now);
  return problem("quota.minutes", {
    message: words.minutes(
      { limit, usedS: use.gpuSeconds, reservedS },
      waitMs === null ? null : waitMs / 1000,
    ),
    detail: { limit, used: Math.round(use.gpuSeconds / 60), reserved: Math.round(reservedS / 60) },
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
  });
}

function withFilms(reserved: Reserved, films: readonly Reserved[]): Reserved {
  return films.reduce((sum, film) => ({
    gpuSeconds: sum.gpuSeconds + film.gpuSeconds,
    bytes: sum.bytes + film.bytes,
  }), reserved);
}

/** Why one film more of somebody else is refused, for an operator; null where it is not. */
export function overLimitOf(email: string, { limits, use }: Standing, now: number): string | null {
  switch (overLimit({ limits, use }, unplanned(1), now)?.code) {
    case "job.queue_full":
      return words.ofOther["job.queue_full"](email, limits.queued, use.queued);
    case "quota.minutes":
      return words.ofOther["quota.minutes"](
        email,
        limits.gpuMinutes ?? 0,
        use.gpuSeconds,
        use.reserved.gpuSeconds,
      );
    case "quota.disk":
      return words.ofOther["quota.disk"](email, limits.diskBytes ?? 0, use.diskBytes, use.reserved.bytes);
    default:
      return null;
  }
}

/** The same person with one film more that was let in. */
export function withFilm({ limits, use }: Standing, film: Reserved): Standing {
  return { limits, use: { ...use, queued: use.queued + 1, reserved: withFilms(use.reserved, [film]) } };
}

/** Films of which nothing is known yet but that they are asked for. */
export function unplanned(films: number): More {
  return { bytes: 0, films: Array.from({ length: films }, () => NOTHING_RESERVED) };
}
