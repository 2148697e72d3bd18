/** Wake-ups: what each bus promises, on the same suite, and what the KV queue promises besides. */
import { KvWake, openKvWake, type Queue } from "@/adapters/wake/kv.ts";
import { combineWakes, localWake } from "@/adapters/wake/local.ts";
import { openWake } from "@/adapters/wake/mod.ts";
import type { Log, WakeBus } from "@/core/ports.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { keepLog, until } from "@/tests/actors/runtime/quiet.ts";

async function openKv(path = ":memory:", log: Log = keepLog()): Promise<WakeBus> {
  const bus = await openKvWake({ path, clock: systemClock(), log });
  assert(bus, "this Deno has KV");
  return bus;
}

const BUSES: Record<string, () => Promise<WakeBus>> = {
  "in-process hint": () => Promise.resolve(localWake()),
  "KV queue": () => openKv(),
  "both": async () => combineWakes(localWake(), await openKv()),
};

for (const [name, open] of Object.entries(BUSES)) {
  Deno.test(`${name}: a hinted actor is woken, also by a hint that its wake causes`, async () => {
    const bus = await open();
    const woken: string[] = [];
    bus.onHint((actor) => {
      woken.push(actor);
      if (actor === "a") bus.hint(["b"]);
    });
    bus.hint(["a"]);
    assertEquals(woken, [], "never inside the call that hints");
    await until(() => woken.includes("b"));
    assertEquals(woken.includes("a"), true);
    await bus.close();
  });

  Deno.test(`${name}: after the end nobody is woken`, async () => {
    const bus = await open();
    const woken: string[] = [];
    bus.onHint((actor) => woken.push(actor));
    bus.hint(["a"]);
    await bus.close();
    bus.hint(["b"]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(woken.includes("b"), false);
  });
}

Deno.test("in-process hint: hints of one moment wake an actor once", async () => {
  const bus = localWake();
  const woken: string[] = [];
  bus.onHint((actor) => woken.push(actor));
  bus.hint(["a", "b"]);
  bus.hint(["a"]);
  await Promise.resolve();
  assertEquals(woken, ["a", "b"]);
});

Deno.test("KV queue: an actor has at most one message on its way", async () => {
  const bus = await openKv();
  const woken: string[] = [];
  bus.onHint((actor) => woken.push(actor));
  for (let at = 0; at < 50; at++) bus.hint(["a"]);
  bus.hint(["last"]);
  await until(() => woken.includes("last") && woken.includes("a"));
  bus.hint(["end"]);
  await until(() => woken.includes("end"));
  assertEquals(woken.filter((actor) => actor === "a").length, 1);
  await bus.close();
});

Deno.test("KV queue: more actors than it takes at once are all woken", async () => {
  const bus = await openKv();
  const woken = new Set<string>();
  bus.onHint((actor) => woken.add(actor));
  bus.hint(Array.from({ length: 1200 }, (_, at) => `a${at}`));
  await until(() => woken.size === 1200, 30_000);
  await bus.close();
});

/** A queue that the test delivers from by hand. */
class HandQueue implements Queue {
  readonly sent: unknown[] = [];
  handle: (message: unknown) => void = () => {};
  refuses = false;
  #close = () => {};

  enqueue(message: unknown): Promise<unknown> {
    if (this.refuses) return Promise.reject(new Error("The queue is closed"));
    this.sent.push(message);
    return Promise.resolve();
  }
  listenQueue(handle: (message: unknown) => void): Promise<void> {
    this.handle = handle;
    return new Promise((resolve) => this.#close = resolve);
  }
  close(): void {
    this.#close();
  }
}

Deno.test("KV queue: a hint whose message was lost is sent anew after a while", async () => {
  const [queue, clock] = [new HandQueue(), new ManualClock()];
  const bus = new KvWake(queue, { clock, log: keepLog() });
  bus.hint(["a"]);
  await clock.advance(9_999);
  bus.hint(["a"]);
  assertEquals(queue.sent.length, 1);
  await clock.advance(1);
  bus.hint(["a"]);
  assertEquals(queue.sent, [{ actor: "a" }, { actor: "a" }]);
  await bus.close();
});

Deno.test("KV queue: the handler wakes and returns at once, never with a promise of the work", async () => {
  const queue = new HandQueue();
  const bus = new KvWake(queue, { clock: new ManualClock(), log: keepLog() });
  const woken: string[] = [];
  bus.onHint(async (actor) => {
    woken.push(actor);
    await new Promise(() => {});
  });
  assertEquals(queue.handle({ actor: "a" }), undefined);
  assertEquals(woken, ["a"]);
  await bus.close();
});

Deno.test("KV queue: a message that is not ours and a refused hint are logged and harm nothing", async () => {
  const [queue, log] = [new HandQueue(), keepLog()];
  const bus = new KvWake(queue, { clock: new ManualClock(), log });
  const woken: string[] = [];
  bus.onHint((actor) => woken.push(actor));
  queue.handle({ job: 1 });
  queue.refuses = true;
  bus.hint(["a"]);
  await until(() => log.lines.length === 2);
  queue.refuses = false;
  bus.hint(["a"]);
  assertEquals([queue.sent, woken], [[{ actor: "a" }], []]);
  await bus.close();
});

Deno.test("KV queue: a deleted or damaged file is no reason not to start", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/wake.kv`;
  try {
    const first = await openKv(path);
    await first.close();
    for (const file of [path, `${path}-wal`, `${path}-shm`]) await Deno.remove(file).catch(() => {});
    const second = await openKv(path);
    const woken: string[] = [];
    second.onHint((actor) => woken.push(actor));
    second.hint(["a"]);
    await until(() => woken.length === 1);
    await second.close();
    await Deno.writeTextFile(path, "not a database, and long enough to be taken for one".repeat(100));
    const log = keepLog();
    const third = await openKv(path, log);
    third.onHint((actor) => woken.push(actor));
    third.hint(["b"]);
    await until(() => woken.length === 2);
    assertEquals(log.lines.map((line) => line.level), ["warn"]);
    await third.close();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("WAKE off hints nobody, and every other mode does", async () => {
  for (const mode of ["off", "hint", "kv", "hint+kv"] as const) {
    const bus = await openWake(mode, { path: ":memory:", clock: systemClock(), log: keepLog() });
    let woken = 0;
    bus.onHint(() => woken++);
    bus.hint(["a"]);
    if (mode !== "off") await until(() => woken > 0);
    await bus.close();
    if (mode === "off") assertEquals(woken, 0);
  }
});
