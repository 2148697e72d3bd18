/** The live store: what the stream's news make of a page's jobs, the time that is left, and the life of the stream. */
import { foretell, NO_FORECAST, timeLeft } from "@/components/live/forecast.ts";
import {
  applyRead,
  applyToRow,
  applyToWatched,
  mergeJob,
  startRow,
  withProgress,
} from "@/components/live/news.ts";
import type { ShownEvent, ShownJobDetail } from "@/core/shown.ts";
import { assertEquals } from "@/tests/assert.ts";
import { progressOf, shownDetail, shownJob } from "./jobs.ts";

const OTHER = "019a0000-0000-7000-8000-000000000002";

function event(seq: number, jobId = shownJob().id): ShownEvent {
  return { seq, jobId, at: "2026-11-21T12:00:00.000Z", type: "status", message: "It goes on.", payload: {} };
}

function detail(change: Partial<ShownJobDetail> = {}): ShownJobDetail {
  return shownDetail({ events: [event(1)], ...change });
}

Deno.test("the share of a run never falls, whatever is heard in whatever order", () => {
  let job = shownJob({ share: 0.2 });
  const shares: number[] = [];
  for (const heard of [0.5, 0.3, 0.6, 0.1]) {
    job = withProgress(job, progressOf({ share: heard }));
    shares.push(job.share, job.progress?.share ?? 0);
    job = mergeJob(job, shownJob({ share: 0.25 }));
    shares.push(job.share);
  }
  assertEquals(shares, shares.toSorted((a, b) => a - b));
  assertEquals(job.share, 0.6);
});

Deno.test("a new run begins with its own share, and news of the run before no longer count", () => {
  const first = withProgress(shownJob(), progressOf({ share: 0.9 }));
  const second = mergeJob(first, shownJob({ run: 2, share: 0.1 }));
  assertEquals([second.share, second.progress], [0.1, null]);
  assertEquals(withProgress(second, progressOf({ run: 1, share: 0.95 })), second);
  assertEquals(mergeJob(second, shownJob({ run: 1, share: 0.9 })), second);
});

Deno.test("a job that has ended hears no more progress", () => {
  const ended = mergeJob(shownJob({ progress: progressOf() }), shownJob({ status: "completed", share: 1 }));
  assertEquals([ended.share, ended.progress], [1, null]);
  assertEquals(withProgress(ended, progressOf()), ended);
});

Deno.test("a preview stays until a newer one comes", () => {
  const seen = withProgress(shownJob(), progressOf({ previewUrl: "/p?revision=1" }));
  assertEquals(withProgress(seen, progressOf({ share: 0.7 })).progress?.previewUrl, "/p?revision=1");
  assertEquals(
    withProgress(seen, progressOf({ previewUrl: "/p?revision=2" })).progress?.previewUrl,
    "/p?revision=2",
  );
});

Deno.test("a row of live cards: new jobs join at its end, ended ones stay in their place, thrown away ones leave", () => {
  const [first, second] = [shownJob(), shownJob({ id: OTHER, createdAt: "2026-11-21T12:01:00.000Z" })];
  let row = startRow([first]);
  row = applyToRow(row, { kind: "job", event: event(2, OTHER), job: second });
  assertEquals(row.map((job) => job.id), [first.id, OTHER]);
  row = applyToRow(row, { kind: "job", event: event(3), job: { ...first, status: "completed" } });
  assertEquals(row.map((job) => job.status), ["completed", "executing"]);
  row = applyToRow(row, { kind: "snapshot", jobs: [second] });
  assertEquals(
    row.map((job) => job.id),
    [first.id, OTHER],
    "an ended card stays although nothing tells of it",
  );
  row = applyToRow(row, {
    kind: "job",
    event: event(4, OTHER),
    job: { ...second, trashedAt: second.createdAt },
  });
  assertEquals(row.map((job) => job.id), [first.id]);
  assertEquals(applyToRow(row, { kind: "job", event: event(5), job: null }), []);
});

Deno.test("a snapshot brings a row up to date after a break: what came, what ended, what is gone", () => {
  const [first, second] = [shownJob(), shownJob({ id: OTHER })];
  const third = shownJob({ id: "third" });
  const told = [third, { ...first, status: "failed" as const }, shownJob({ id: "old", status: "completed" })];
  const row = applyToRow([first, second], { kind: "snapshot", jobs: told });
  assertEquals(row.map((job) => [job.id, job.status]), [[first.id, "failed"], ["third", "executing"]]);
});

Deno.test("a watched job takes each event once, and is read again when steps may have changed", () => {
  const start = { job: detail(), isBehind: false, isGone: false };
  const told = applyToWatched(start, {
    kind: "job",
    event: event(2),
    job: shownJob({ stage: "Part 3 of 3" }),
  });
  assertEquals([told.job.stage, told.isBehind, told.job.events.length], ["Part 3 of 3", true, 2]);
  const again = applyToWatched(told, { kind: "job", event: event(2), job: shownJob() });
  assertEquals(again.job.events.length, 2);
  assertEquals(
    applyToWatched(told, { kind: "job", event: event(3, OTHER), job: shownJob({ id: OTHER }) }),
    told,
  );
  const gone = applyToWatched(told, { kind: "job", event: event(3), job: null });
  assertEquals(gone.isGone, true);
  const heard = applyToWatched(told, { kind: "progress", progress: progressOf({ share: 0.8 }) });
  const read = applyRead(heard, detail({ share: 0.5, stage: "Joining" }));
  assertEquals([read.job.share, read.job.stage, read.isBehind], [0.8, "Joining", false]);
});

Deno.test("a snapshot that says nothing new of a watched job leaves it as it is", () => {
  const start = { job: detail(), isBehind: false, isGone: false };
  assertEquals(applyToWatched(start, { kind: "snapshot", jobs: [shownJob()] }), start);
  const later = shownJob({ updatedAt: "2026-11-21T12:09:00.000Z" });
  assertEquals(applyToWatched(start, { kind: "snapshot", jobs: [later] }).isBehind, true);
  const heldBack = shownJob({ stage: "In maintenance", heldBack: true });
  const watched = applyToWatched(start, { kind: "snapshot", jobs: [heldBack] });
  assertEquals([watched.job.stage, watched.job.heldBack], ["In maintenance", true]);
});

Deno.test("the time left counts down between estimates and never below zero", () => {
  assertEquals(timeLeft(NO_FORECAST, 0), null);
  const forecast = foretell(NO_FORECAST, 30, 1000);
  assertEquals(timeLeft(forecast, 11_000), { seconds: 20, range: null });
  assertEquals(timeLeft(forecast, 99_000)?.seconds, 0);
});

Deno.test("estimates that differ give a range, and only those of the last minute count", () => {
  let forecast = foretell(NO_FORECAST, 900, 0);
  forecast = foretell(forecast, 300, 70_000);
  assertEquals(timeLeft(forecast, 70_000), { seconds: 300, range: null });
  forecast = foretell(forecast, 400, 80_000);
  assertEquals(timeLeft(forecast, 80_000), { seconds: 400, range: { low: 290, high: 400 } });
  assertEquals(timeLeft(foretell(forecast, null, 81_000), 81_000)?.seconds, 399);
});
