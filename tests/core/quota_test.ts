/** What is refused for a person's limits: which limit, how much is used, when it frees. */
import { DAY_MS, freesAt, type Limits, limitsFor, overLimit, type Use } from "@/core/quota.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

const NO_OWN = { jobsMax: null, runningMax: null, gpuMinutesMax: null, diskGbMax: null };
const usual: Limits = { queued: 5, running: null, gpuMinutes: 60, diskBytes: 10e9 };
const nothing: Use = { queued: 0, running: 0, gpuSeconds: 0, diskBytes: 0, money: 0, freesAt: null };

const refused = (use: Partial<Use>, more = { jobs: 1, bytes: 0 }, limits = usual) =>
  overLimit({ limits, use: { ...nothing, ...use } }, more, 1000);

Deno.test("a refusal says which limit, how much is used and when it frees", () => {
  assertEquals(refused({ queued: 4 }), null);
  const queued = refused({ queued: 5 });
  assertEquals([queued?.code, queued?.detail], ["job.queue_full", { limit: 5, used: 5 }]);
  assertMatch(queued?.message ?? "", /5 films.*have 5.*as soon as one of them ends/);
  const minutes = refused({ gpuSeconds: 3660, freesAt: 1000 + 3_600_000 });
  assertEquals([minutes?.code, minutes?.detail, minutes?.retryAfterMs], [
    "quota.minutes",
    { limit: 60, used: 61 },
    3_600_000,
  ]);
  assertMatch(minutes?.message ?? "", /61 min.*60 min.*in about 1 h/);
  const disk = refused({ diskBytes: 9e9 }, { jobs: 0, bytes: 2e9 });
  assertEquals([disk?.code, disk?.detail], ["quota.disk", { limit: 10e9, used: 9e9 }]);
  assertMatch(disk?.message ?? "", /Delete/);
});

Deno.test("an upload is not refused for films or minutes, and nothing is where there is no limit", () => {
  assertEquals(refused({ queued: 9, gpuSeconds: 1e6 }, { jobs: 0, bytes: 1 }), null);
  const open = { queued: 99, running: null, gpuMinutes: null, diskBytes: null };
  assertEquals(refused({ queued: 9, gpuSeconds: 1e9, diskBytes: 1e15 }, { jobs: 1, bytes: 1 }, open), null);
});

Deno.test("minutes are free again once enough of them are a day old", () => {
  const entries = [{ at: 300, seconds: 20 }, { at: 100, seconds: 30 }, { at: 200, seconds: 30 }];
  assertEquals(freesAt(entries, 81), null);
  assertEquals(freesAt(entries, 80), 100 + DAY_MS);
  assertEquals(freesAt(entries, 40), 200 + DAY_MS);
  assertEquals(freesAt(entries, 0), null, "nobody may render at all");
});

Deno.test("what an operator set for one person counts instead of what counts for all, also nothing", () => {
  assertEquals(limitsFor(NO_OWN, usual), usual);
  const own = limitsFor({ jobsMax: 0, runningMax: 1, gpuMinutesMax: 0, diskGbMax: 2 }, usual);
  assertEquals(own, { queued: 0, running: 1, gpuMinutes: 0, diskBytes: 2e9 });
  assert(overLimit({ limits: own, use: nothing }, { jobs: 1, bytes: 0 }, 0));
});
