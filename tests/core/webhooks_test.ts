/** When a delivery is tried again and when it is given up, and what receivers are told. */
import { sha256 } from "@/adapters/system/hash.ts";
import { type Answer, coveredUrl, fateOf, TRIES_MAX, webhookEventOf } from "@/core/webhooks.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const BUSY: Answer = { end: "answered", status: 500, retryAfterMs: null };

Deno.test("a delivery is tried ten times within about three days, later each time, with jitter", () => {
  const waits: number[] = [];
  for (let done = 1;; done++) {
    const fate = fateOf(BUSY, { done, key: "d1", hash: sha256 });
    if (fate.state !== "open") {
      assertEquals([fate, done], [{ state: "failed", gone: false }, TRIES_MAX]);
      break;
    }
    waits.push(fate.nextInMs / 1000);
  }
  const plain = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
  assertEquals(waits.length, plain.length);
  for (const [at, wait] of waits.entries()) {
    assert(Math.abs(wait / (plain[at] ?? 0) - 1) <= 0.1, `${wait} for ${plain[at]}`);
  }
  const other = fateOf(BUSY, { done: 4, key: "d2", hash: sha256 });
  assert(other.state === "open" && other.nextInMs / 1000 !== waits[3]);
});

Deno.test("only 2xx is success, 410 ends it at once, and a busy receiver says when", () => {
  const of = { done: 1, key: "d1", hash: sha256 };
  assertEquals(fateOf({ end: "delivered", status: 204, retryAfterMs: null }, of), { state: "delivered" });
  assertEquals(fateOf({ ...BUSY, status: 410 }, of), { state: "failed", gone: true });
  assertEquals(fateOf({ ...BUSY, status: 301 }, of).state, "open");
  assertEquals(fateOf({ ...BUSY, status: 429, retryAfterMs: 60_000 }, of), {
    state: "open",
    nextInMs: 60_000,
  });
  const greedy = fateOf({ ...BUSY, status: 503, retryAfterMs: 1e12 }, of);
  assertEquals(greedy, { state: "open", nextInMs: 24 * 3_600_000 });
  const ignored = fateOf({ ...BUSY, retryAfterMs: 60_000 }, of);
  assert(ignored.state === "open" && ignored.nextInMs < 6000);
});

Deno.test("of a job's events receivers are told the five that they can choose", () => {
  const told = ["queued", "executing", "collecting_outputs", "completed", "failed", "cancelled"].map((
    status,
  ) => webhookEventOf("status", { status }));
  assertEquals(told, [null, "job.started", null, "job.completed", "job.failed", "job.cancelled"]);
  assertEquals([webhookEventOf("step.waits", {}), webhookEventOf("step.done", {})], ["job.waiting", null]);
});

Deno.test("an address that is shown to others carries no query, no password and no long part", () => {
  const table = [
    ["https://hooks.example/a/b", "https://hooks.example/a/b"],
    ["https://hooks.example:8443/", "https://hooks.example:8443/"],
    ["https://u:p@hooks.example/a?token=1#x", "https://hooks.example/a?…"],
    [
      "https://hooks.example/services/T00000000/abcdefghijklmnopqrstuvwx",
      "https://hooks.example/services/T00000000/abcd…",
    ],
    ["no address", ""],
  ];
  for (const [url = "", shown] of table) assertEquals(coveredUrl(url), shown);
});
