/** A clock that is set ahead is not believed at once, so that nothing is deleted for being old by mistake. */
import { watchAhead } from "@/core/steps.ts";
import { assertEquals } from "@/tests/assert.ts";

const DAY_MS = 86_400_000;

function open() {
  const time = { now: Date.UTC(2026, 10, 21), rising: 0 };
  const readAhead = watchAhead({ now: () => time.now, monotonic: () => time.rising });
  return {
    readAhead,
    set: (ms: number) => void (time.now += ms),
    pass(ms: number) {
      time.now += ms;
      time.rising += ms;
    },
  };
}

Deno.test("time that passes is believed, and so is a clock that is set back", () => {
  const clock = open();
  clock.pass(10 * DAY_MS);
  assertEquals(clock.readAhead(), 0);
  clock.set(-DAY_MS);
  assertEquals(clock.readAhead(), 0);
  clock.pass(DAY_MS);
  assertEquals(clock.readAhead(), 0);
});

Deno.test("a clock that is set ahead is believed after it stood so for a day, and not while it goes on stepping", () => {
  const clock = open();
  clock.set(300 * DAY_MS);
  assertEquals(clock.readAhead(), 300 * DAY_MS);
  clock.pass(DAY_MS - 1);
  assertEquals(clock.readAhead(), 300 * DAY_MS);
  clock.set(DAY_MS);
  assertEquals(clock.readAhead(), 301 * DAY_MS);
  clock.pass(DAY_MS - 1);
  assertEquals(clock.readAhead(), 301 * DAY_MS);
  clock.pass(1);
  assertEquals(clock.readAhead(), 0);
});

Deno.test("a clock that was ahead and is put right is believed at once", () => {
  const clock = open();
  clock.set(DAY_MS);
  assertEquals(clock.readAhead(), DAY_MS);
  clock.set(-DAY_MS);
  assertEquals(clock.readAhead(), 0);
});
