/** The pump: whose turn it is, with turns that the test ends by hand. */
import { Alarm } from "@/actors/runtime/alarm.ts";
import { PostOffice } from "@/actors/runtime/post_office.ts";
import { Pump } from "@/actors/runtime/pump.ts";
import { localWake } from "@/adapters/wake/local.ts";
import type { TurnReport } from "@/core/store.ts";
import { assertEquals } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { keepLog } from "./quiet.ts";

const report: TurnReport = { handled: 1, more: false, told: [], effects: 0, schedule: false };

function startPump(width: number) {
  const clock = new ManualClock();
  const alarm = new Alarm(clock);
  const begun: string[] = [];
  const open = new Map<string, (report: TurnReport | null) => void>();
  const overlaps: string[] = [];
  const wake = localWake();
  const pump = new Pump({
    store: {
      turn: (actorId) => {
        begun.push(actorId);
        if (open.has(actorId)) overlaps.push(actorId);
        return new Promise((resolve) => open.set(actorId, resolve));
      },
    },
    clock,
    log: keepLog(),
    behaviour: {
      wants: () => [],
      decide: () => {
        throw new Error("No turn of this test is decided");
      },
    },
    office: new PostOffice(wake, alarm),
    alarm,
    width,
    onTurn: () => {},
    onRevoked: () => {},
  });
  wake.onHint((actorId) => pump.wake(actorId));
  const ending = new AbortController();
  const loop = pump.run(ending.signal);
  const finish = async (actorId: string, more: Partial<TurnReport> = {}) => {
    const resolve = open.get(actorId);
    open.delete(actorId);
    resolve?.({ ...report, ...more });
    await clock.advance(0);
  };
  return { pump, clock, begun, open, overlaps, finish, ending, loop };
}

Deno.test("an actor has one turn at a time, and a hint during it means one more turn after it", async () => {
  const { pump, clock, begun, overlaps, finish, ending, loop } = startPump(4);
  pump.wake("a");
  await clock.advance(0);
  for (let hint = 0; hint < 5; hint++) pump.wake("a");
  await clock.advance(0);
  assertEquals(begun, ["a"]);
  await finish("a");
  assertEquals(begun, ["a", "a"]);
  await finish("a");
  assertEquals([begun, overlaps], [["a", "a"], []]);
  ending.abort();
  await loop;
});

Deno.test("no more turns at once than the width, and an actor with more mail goes behind the others", async () => {
  const { pump, clock, begun, open, finish, ending, loop } = startPump(2);
  for (const actor of ["a", "b", "c", "d"]) pump.wake(actor);
  await clock.advance(0);
  assertEquals([...open.keys()], ["a", "b"]);
  await finish("a", { more: true });
  await finish("c");
  await finish("d");
  assertEquals(begun, ["a", "b", "c", "d", "a"]);
  ending.abort();
  await loop;
});

Deno.test("actors that a turn told get a turn", async () => {
  const { pump, clock, begun, finish, ending, loop } = startPump(2);
  pump.wake("a");
  await clock.advance(0);
  await finish("a", { told: ["b"] });
  assertEquals(begun, ["a", "b"]);
  ending.abort();
  await loop;
});

Deno.test("[XC20] the end waits for turns under way and begins no new ones", async () => {
  const { pump, clock, begun, finish, ending, loop } = startPump(2);
  pump.wake("a");
  await clock.advance(0);
  ending.abort();
  await loop;
  let settled = false;
  const settling = pump.settle().then(() => settled = true);
  pump.wake("b");
  await clock.advance(1000);
  assertEquals([settled, begun], [false, ["a"]]);
  await finish("a", { more: true });
  await settling;
  assertEquals(begun, ["a"]);
});
