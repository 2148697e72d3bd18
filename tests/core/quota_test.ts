/** What is refused for a person's limits: which limit, how much is used, when it frees. */
import {
  DAY_MS,
  freesAt,
  type Limits,
  limitsFor,
  type More,
  overLimit,
  overLimitOf,
  unplanned,
  type Use,
  withFilm,
} from "@/core/quota.ts";
import { NOTHING_RESERVED } from "@/core/reserve.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

const NO_OWN = { jobsMax: null, runningMax: null, gpuMinutesMax: null, diskGbMax: null, weight: null };
const usual: Limits = { queued: 5, running: null, gpuMinutes: 60, diskBytes: 10e9 };
const nothing: Use = {
  queued: 0,
  running: 0,
  gpuSeconds: 0,
  diskBytes: 0,
  money: 0,
  freesAt: null,
  reserved: NOTHING_RESERVED,
};

const refused = (use: Partial<Use>, more: More = unplanned(1), limits = usual) =>
  overLimit({ limits, use: { ...nothing, ...use } }, more, 1000);

Deno.test("a refusal says which limit, how much is used and when it frees", () => {
  assertEquals(refused({ queued: 4 }), null);
  const queued = refused({ queued: 5 });
  assertEquals([queued?.code, queued?.detail], ["job.queue_full", { limit: 5, used: 5 }]);
  assertMatch(queued?.message ?? "", /5 films.*have 5.*as soon as one of them ends/);
  const minutes = refused({ gpuSeconds: 3660, freesAt: 1000 + 3_600_000 });
  assertEquals([minutes?.code, minutes?.detail, minutes?.retryAfterMs], [
    "quota.minutes",
    { limit: 60, used: 61, reserved: 0 },
    3_600_000,
  ]);
  assertMatch(minutes?.message ?? "", /61 min.*60 min.*in about 1 h/);
  const disk = refused({ diskBytes: 9e9 }, { bytes: 2e9, films: [] });
  assertEquals([disk?.code, disk?.detail], ["quota.disk", { limit: 10e9, used: 9e9, reserved: 0 }]);
  assertMatch(disk?.message ?? "", /Delete/);
});

Deno.test("an upload is not refused for films or minutes, and nothing is where there is no limit", () => {
  assertEquals(refused({ queued: 9, gpuSeconds: 1e6 }, { bytes: 1, films: [] }), null);
  const open = { queued: 99, running: null, gpuMinutes: null, diskBytes: null };
  assertEquals(
    refused({ queued: 9, gpuSeconds: 1e9, diskBytes: 1e15 }, { ...unplanned(1), bytes: 1 }, open),
    null,
  );
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
  const own = limitsFor({ jobsMax: 0, runningMax: 1, gpuMinutesMax: 0, diskGbMax: 2, weight: 3 }, usual);
  assertEquals(own, { queued: 0, running: 1, gpuMinutes: 0, diskBytes: 2e9 });
  assert(overLimit({ limits: own, use: nothing }, unplanned(1), 0));
});

Deno.test("what waits or is under way counts with its estimate: nobody begins ten films on their last minute", () => {
  const film = { gpuSeconds: 90, bytes: 1e9 };
  const nearly = { gpuSeconds: 59 * 60 };
  assertEquals(refused(nearly, { bytes: 0, films: [film] }), null, "the last one may pass the limit");
  const more = refused({ ...nearly, reserved: film }, { bytes: 0, films: [film] });
  assertEquals([more?.code, more?.detail, more?.retryAfterMs], [
    "quota.minutes",
    { limit: 60, used: 59, reserved: 2 },
    undefined,
  ]);
  assertMatch(more?.message ?? "", /used 59 min.*about 2 min more.*60 min.*fewer films wait, or a day after/);
  const frees = refused({ gpuSeconds: 3590, reserved: film, freesAt: 1000 + 3_600_000 });
  assertMatch(frees?.message ?? "", /There is more in about 1 h/);
  assertEquals(frees?.retryAfterMs, 3_600_000);
});

Deno.test("films that are asked for together count one after the other", () => {
  const film = { gpuSeconds: 20 * 60, bytes: 4e9 };
  const films = (count: number) => ({ bytes: 0, films: Array.from({ length: count }, () => film) });
  assertEquals(refused({}, films(3)), null);
  assertEquals(refused({}, films(4))?.code, "quota.minutes");
  const room = { ...usual, gpuMinutes: null };
  assertEquals([refused({}, films(3), room), refused({}, films(4), room)?.code], [null, "quota.disk"]);
  const full = refused({ diskBytes: 5e9, reserved: { gpuSeconds: 0, bytes: 4e9 } }, {
    bytes: 2e9,
    films: [],
  });
  assertEquals(full?.detail, { limit: 10e9, used: 5e9, reserved: 4e9 });
  assertMatch(full?.message ?? "", /about 4 GB more/);
});

Deno.test("operators are told which limit of whom refuses a film, as film after film fills it", () => {
  const film = { gpuSeconds: 1800, bytes: 6e9 };
  const told = (limits: Limits, use: Partial<Use> = {}) => {
    let standing = { limits, use: { ...nothing, ...use } };
    for (let taken = 0; taken < 9; taken++) {
      const refusal = overLimitOf("mika@example.org", standing, 1000);
      if (refusal !== null) return [taken, refusal];
      standing = withFilm(standing, film);
    }
    return [9, ""];
  };
  const open = { queued: 99, running: null, gpuMinutes: null, diskBytes: null };
  assertEquals(told({ ...open, queued: 3 }, { queued: 1 }), [
    2,
    "mika@example.org may have 3 films waiting or under way, and has 3.",
  ]);
  const [minutes, why] = told({ ...open, gpuMinutes: 60 });
  assertEquals(minutes, 2);
  assertMatch(String(why), /60 min of rendering.*60 min set aside/);
  const [disk, which] = told({ ...open, diskBytes: 10e9 });
  assertEquals(disk, 2);
  assertMatch(String(which), /10 GB.*12 GB set aside/);
});
