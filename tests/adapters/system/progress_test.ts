/** Progress within a process: five times a second at most, the latest wins, and nothing is held back beyond the end. */
import { openProgressBus } from "@/adapters/system/progress.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Progress } from "@/core/ports.ts";
import { assertEquals } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";

function at(share: number, run = 1): Progress {
  return { jobId: "job", userId: "ann", run, share, stage: `at ${share}`, etaS: null };
}

Deno.test("what comes quickly is told as one, the latest, and a share never falls within a run", async () => {
  const clock = new ManualClock();
  const bus = openProgressBus(clock, new AbortController().signal);
  const told: [string, number][] = [];
  bus.listen("ann", ({ stage, share }) => told.push([stage, share]));
  bus.listen("ben", () => told.push(["of another", 0]));
  for (const share of [0.1, 0.3, 0.2]) bus.publish(at(share));
  assertEquals(told, [["at 0.1", 0.1]]);
  await clock.advance(200);
  assertEquals(told, [["at 0.1", 0.1], ["at 0.2", 0.3]]);
  await clock.advance(1000);
  bus.publish(at(0.05, 2));
  assertEquals(told.at(-1), ["at 0.05", 0.05]);
  assertEquals(bus.latest("job")?.share, 0.05);
});

Deno.test("at the end of the studio nothing waits to be told", () => {
  const closing = new AbortController();
  // The real clock: a timer that outlives this test fails it.
  const bus = openProgressBus(systemClock(), closing.signal);
  const told: number[] = [];
  bus.listen("ann", ({ share }) => told.push(share));
  for (const share of [0.1, 0.2]) bus.publish(at(share));
  closing.abort();
  bus.publish(at(0.3));
  assertEquals(told, [0.1]);
});
