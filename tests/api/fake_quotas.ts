/** Limits and use of people in memory. */
import type { Limits, OwnLimits, Quotas } from "@/core/quota.ts";
import { limitsFor } from "@/core/quota.ts";
import { NOTHING_RESERVED } from "@/core/reserve.ts";
import { type Rooms, STORED_KINDS } from "@/core/room.ts";
import { isTerminal } from "@/core/status.ts";
import type { FakeStudio } from "./fake_studio.ts";

export const NO_OWN: OwnLimits = {
  jobsMax: null,
  runningMax: null,
  gpuMinutesMax: null,
  diskGbMax: null,
  weight: null,
};

/** Half a gigabyte comes within a week, and there is room for ten. */
export function fakeRooms(): Rooms {
  return {
    read: () =>
      Promise.resolve({
        place: "disk",
        freeBytes: 15e9,
        minBytes: 5e9,
        kinds: STORED_KINDS.map((kind) => ({ kind, files: 1, bytes: 1000 })),
        cameBytes: 0.5e9,
      }),
  };
}

/** So many jobs, and no other limit. */
export function limitsOf(queued: number, more: Partial<Limits> = {}): Limits {
  return { queued, running: null, gpuMinutes: null, diskBytes: null, ...more };
}

export function fakeQuotas(kept: FakeStudio["kept"], limits: () => Limits): Quotas {
  return {
    of(userId) {
      const live = [...kept.jobs.values()].filter((job) => job.userId === userId && !isTerminal(job.status));
      const own = kept.limits.get(userId) ?? NO_OWN;
      const use = { queued: live.length, running: 0, money: 0, reserved: NOTHING_RESERVED, ...kept.use };
      return Promise.resolve({ limits: limitsFor(own, limits()), use });
    },
    // Two minutes and a megabyte for each film.
    expect: () => Promise.resolve({ gpuSeconds: 120, bytes: 1e6 }),
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
