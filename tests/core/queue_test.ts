/** What a job waits for, and where it goes when it is moved: tables of plain values. */
import { moved, moveTo, nameServers, type QueuedJob, waitOf } from "@/core/queue.ts";
import { queue as words } from "@/core/words/queue.ts";
import { isHeldBack } from "@/core/maintenance.ts";
import type { PieceState } from "@/core/shown.ts";
import type { Status } from "@/core/status.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("a job moves to the front, up or down, and never out of the list", () => {
  const ids = ["a", "b", "c", "d"];
  assertEquals(moved(ids, "c", "front"), ["c", "a", "b", "d"]);
  assertEquals(moved(ids, "c", "up"), ["a", "c", "b", "d"]);
  assertEquals(moved(ids, "c", "down"), ["a", "b", "d", "c"]);
  assertEquals(moved(ids, "a", "up"), ids);
  assertEquals(moved(ids, "d", "down"), ids);
  assertEquals(moved(ids, "x", "front"), ids);
  assertEquals(moveTo(ids, 0, 99), ["b", "c", "d", "a"]);
});

Deno.test("servers are numbered by kind, in an order that does not change", () => {
  const rows = ["z", "a", "m"].map((id) => ({
    id,
    engine: id === "m" ? "draft" as const : "comfy" as const,
    status: "up",
  }));
  assertEquals(nameServers(rows).map(({ id, n, of }) => [id, n, of]), [["a", 1, 2], ["m", 1, 1], [
    "z",
    2,
    2,
  ]]);
});

Deno.test("a range is told once where both ends read the same, and in one unit where it can", () => {
  const ready = (seconds: number, low: number, high: number) => words.ready({ seconds, low, high });
  assertEquals(ready(840, 720, 1020), "Ready in about 14 min (12–17)");
  assertEquals(ready(60, 45, 180), "Ready in about 60 s (45 s–3 min)");
  assertEquals(ready(3600, 3600, 3600), "Ready in about 1 h");
  assertEquals(ready(2, 1, 3), "Ready in a moment");
});

Deno.test("a job that waits says for what: its owner's limits before the servers", () => {
  const standing = {
    status: "queued",
    paused: false,
    cancelling: false,
    retakes: [],
    approvals: [],
  } as const;
  const queued: QueuedJob = {
    jobId: "j",
    ownerId: "ada",
    priority: 0,
    rank: 1,
    runs: false,
    waits: true,
    kept: null,
    fits: true,
    place: 1,
    backendId: null,
    start: null,
    end: null,
  };
  const wait = (change: Partial<QueuedJob>, isUp = true) =>
    waitOf(standing, { ...queued, ...change }, { isUp, heldBack: false });
  assertEquals([wait({}), wait({}, false), wait({ fits: false })], ["turn", "server", "able"]);
  assertEquals([wait({ kept: "limit" }), wait({ kept: "minutes" }, false)], ["limit", "minutes"]);
  assertEquals(wait({ kept: "limit", runs: true }), null);
  const inMaintenance = { isUp: true, heldBack: true };
  assertEquals(waitOf(standing, { ...queued, kept: "limit" }, inMaintenance), "maintenance");
  assertEquals(waitOf({ ...standing, cancelling: true }, queued, inMaintenance), "stop");
});

Deno.test("maintenance holds back what was asked for and is not under way; not what runs, is all made, or waits for its owner", () => {
  const job = {
    status: "queued" as Status,
    paused: false,
    cancelling: false,
    retakes: [] as string[],
    approvals: [] as string[],
    pieces: ["todo", "todo"] as PieceState[],
  };
  const held = (change: Partial<typeof job>) => isHeldBack({ ...job, ...change });
  assertEquals([held({}), held({ status: "executing", pieces: ["done", "todo"] }), held({ pieces: [] })], [
    true,
    true,
    true,
  ]);
  const not: Partial<typeof job>[] = [
    { status: "executing", pieces: ["now", "todo"] },
    { status: "collecting_outputs", pieces: ["done", "done"] },
    { status: "created" },
    { status: "completed" },
    { paused: true },
    { cancelling: true },
    { retakes: ["s"] },
    { approvals: ["s"] },
  ];
  for (const change of not) assertEquals([change, held(change)], [change, false]);
});
