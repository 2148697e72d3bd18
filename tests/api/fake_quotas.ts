/** Limits and use of people in memory. */
import type { Limits, OwnLimits, Quotas } from "@/core/quota.ts";
import { limitsFor } from "@/core/quota.ts";
import { isTerminal } from "@/core/status.ts";
import type { FakeStudio } from "./fake_studio.ts";

export const NO_OWN: OwnLimits = { jobsMax: null, runningMax: null, gpuMinutesMax: null, diskGbMax: null };

/** So many jobs, and no other limit. */
export function limitsOf(queued: number, more: Partial<Limits> = {}): Limits {
  return { queued, running: null, gpuMinutes: null, diskBytes: null, ...more };
}

export function fakeQuotas(kept: FakeStudio["kept"], limits: () => Limits): Quotas {
  return {
    of(userId) {
      const live = [...kept.jobs.values()].filter((job) => job.userId === userId && !isTerminal(job.status));
      const own = kept.limits.get(userId) ?? NO_OWN;
      const use = { queued: live.length, running: 0, money: 0, ...kept.use };
      return Promise.resolve({ limits: limitsFor(own, limits()), use });
    },
    spend: () =>
      Promise.resolve(kept.accounts.map(({ id, email }) => ({
        userId: id,
        email,
        day: { gpuSeconds: 60, money: 0.5 },
        month: { gpuSeconds: 600, money: 5 },
        diskBytes: 1000,
      }))),
    currency: "EUR",
  };
}
