/** The effect pool on virtual time: leases, fences, revocation, back-off and the end of the studio. */
import { Alarm } from "@/actors/runtime/alarm.ts";
import { type EffectContext, type EffectHandler, LeaseLost } from "@/actors/runtime/handler.ts";
import { backOffMs, Pool, type PoolParts } from "@/actors/runtime/pool.ts";
import { fail, problem } from "@/core/problem.ts";
import type { Claim, Finish, Mail } from "@/core/store.ts";
import { assert, assertEquals, assertThrows } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { hash, keepLog } from "./quiet.ts";

const LEASE_MS = 1000;

/** An effect table that says what was asked of it, on the test's clock. */
class FakeEffects {
  readonly open: Claim[] = [];
  readonly finished: { id: string; token: number; finish: Finish }[] = [];
  readonly putOffs: { id: string; delayMs: number }[] = [];
  readonly beats: { id: string; at: number }[] = [];
  readonly posted: Mail[] = [];
  released: string[] = [];
  beatAnswer: () => Promise<boolean> = () => Promise.resolve(true);
  finishAnswer: () => Promise<boolean> = () => Promise.resolve(true);
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  claim(_owner: string, lanes: string[]): Promise<Claim | null> {
    const at = this.open.findIndex((claim) => lanes.includes(claim.lane));
    return Promise.resolve(at < 0 ? null : this.open.splice(at, 1)[0] ?? null);
  }
  beat(id: string): Promise<boolean> {
    this.beats.push({ id, at: this.#clock.monotonic() });
    return this.beatAnswer();
  }
  note(): Promise<boolean> {
    return this.beatAnswer();
  }
  async finish(id: string, token: number, finish: Finish): Promise<boolean> {
    const isOurs = await this.finishAnswer();
    if (isOurs) this.finished.push({ id, token, finish });
    return isOurs;
  }
  putOff(id: string, _token: number, delayMs: number): Promise<boolean> {
    this.putOffs.push({ id, delayMs });
    return Promise.resolve(true);
  }
  release(owner: string): Promise<number> {
    this.released.push(owner);
    return Promise.resolve(0);
  }
  post(mail: Mail[]): Promise<void> {
    this.posted.push(...mail);
    return Promise.resolve();
  }
}

function claimOf(id: string, more: Partial<Claim> = {}): Claim {
  return {
    id,
    actorId: "a1",
    userId: "ada",
    kind: "toy",
    lane: "net",
    req: {},
    token: 1,
    tries: 1,
    note: null,
    ...more,
  };
}

const done: Finish = {
  status: "done",
  result: null,
  mail: [{ id: "m1", to: "a1", kind: "worked", body: {} }],
};

interface Setting {
  clock: ManualClock;
  store: FakeEffects;
  pool: Pool;
  mail: Mail[];
  end(): Promise<void>;
}

function startPool(handlers: EffectHandler[], more: Partial<PoolParts> = {}): Setting {
  const clock = new ManualClock();
  const store = new FakeEffects(clock);
  const alarm = new Alarm(clock);
  const mail: Mail[] = [];
  const parts = { store, clock, hash, log: keepLog(), alarm, owner: "me", leaseMs: LEASE_MS, handlers };
  const pool = new Pool({ ...parts, lanes: { net: 2, cpu: 1 }, onMail: (m) => mail.push(...m), ...more });
  const ending = new AbortController();
  const loops = Promise.all([pool.run(ending.signal), alarm.run(ending.signal)]);
  const end = async () => {
    ending.abort();
    await loops;
    const stopped = pool.stop(10);
    await clock.advance(10);
    await stopped;
  };
  return { clock, store, pool, mail, end };
}

/** A handler that runs until the test ends it. */
function heldHandler(): EffectHandler & { contexts: EffectContext[]; endAll(): void } {
  const contexts: EffectContext[] = [];
  const ends: (() => void)[] = [];
  return {
    kind: "toy",
    contexts,
    endAll: () => ends.forEach((end) => end()),
    run: (_, context) => {
      contexts.push(context);
      return new Promise((resolve, reject) => {
        ends.push(() => resolve({ finish: done }));
        context.signal.addEventListener("abort", () => reject(context.signal.reason));
      });
    },
  };
}

Deno.test("an effect's reply is stored with its token, and then its reader is told", async () => {
  const setting = startPool([{ kind: "toy", run: () => Promise.resolve({ finish: done }) }]);
  setting.store.open.push(claimOf("e1", { token: 7 }));
  await setting.clock.advance(0);
  assertEquals(setting.store.finished, [], "nothing is claimed before somebody wakes the pool");
  setting.pool.wake();
  await setting.clock.advance(0);
  assertEquals(setting.store.finished, [{ id: "e1", token: 7, finish: done }]);
  assertEquals(setting.mail, done.mail);
  await setting.end();
});

Deno.test("a reply that another runner was faster with tells nobody", async () => {
  const setting = startPool([{ kind: "toy", run: () => Promise.resolve({ finish: done }) }]);
  setting.store.finishAnswer = () => Promise.resolve(false);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(0);
  assertEquals(setting.mail, []);
  await setting.end();
});

Deno.test("a lane runs as many effects at once as it is wide", async () => {
  const handler = heldHandler();
  const setting = startPool([handler]);
  setting.store.open.push(...["e1", "e2", "e3"].map((id) => claimOf(id)), claimOf("c1", { lane: "cpu" }));
  setting.pool.wake();
  await setting.clock.advance(0);
  assertEquals(setting.pool.busy(), { net: 2, cpu: 1 });
  handler.endAll();
  await setting.clock.advance(0);
  assertEquals(setting.pool.busy(), { net: 1 });
  await setting.end();
});

Deno.test("beats go out every quarter of a lease while the handler runs, and none after it", async () => {
  const handler = heldHandler();
  const setting = startPool([handler]);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(1100);
  assertEquals(setting.store.beats.map((beat) => beat.at), [250, 500, 750, 1000]);
  handler.endAll();
  await setting.clock.advance(2000);
  assertEquals(setting.store.beats.length, 4);
  await setting.end();
});

Deno.test("a lost lease aborts the handler, and nothing is stored", async () => {
  const handler = heldHandler();
  const setting = startPool([handler]);
  setting.store.open.push(claimOf("e1"));
  setting.store.beatAnswer = () => Promise.resolve(false);
  setting.pool.wake();
  await setting.clock.advance(300);
  assert(handler.contexts[0]?.signal.aborted);
  assertEquals([setting.store.finished, setting.store.putOffs], [[], []]);
  await setting.end();
});

Deno.test("without a good beat the fence closes at 0.6 of the lease and the handler is aborted before its end", async () => {
  const handler = heldHandler();
  const setting = startPool([handler]);
  setting.store.open.push(claimOf("e1"));
  setting.store.beatAnswer = () => Promise.reject(new Error("No database"));
  setting.pool.wake();
  await setting.clock.advance(600);
  const [context] = handler.contexts;
  assert(context);
  context.fence();
  await setting.clock.advance(1);
  assertThrows(() => context.fence(), (thrown) => assert(thrown instanceof LeaseLost));
  assertEquals(context.signal.aborted, false);
  await setting.clock.advance(LEASE_MS - 601);
  assert(context.signal.aborted);
  await setting.end();
});

Deno.test("a beat that hangs does not stop the watch over the lease", async () => {
  const handler = heldHandler();
  const setting = startPool([handler]);
  setting.store.open.push(claimOf("e1"));
  setting.store.beatAnswer = () => new Promise(() => {});
  setting.pool.wake();
  await setting.clock.advance(LEASE_MS);
  assert(handler.contexts[0]?.signal.aborted);
  assertEquals(setting.store.beats.length, 1);
  await setting.end();
});

Deno.test("an effect revoked in this process stops at once", async () => {
  const handler = heldHandler();
  const setting = startPool([handler]);
  setting.store.open.push(claimOf("e1"), claimOf("e2"));
  setting.pool.wake();
  await setting.clock.advance(0);
  setting.pool.revoked(["e1"]);
  await setting.clock.advance(0);
  assertEquals(handler.contexts.map((context) => context.signal.aborted), [true, false]);
  assertEquals(setting.pool.busy(), { net: 1 });
  await setting.end();
});

Deno.test("what a handler throws becomes the reply that it gives for the problem", async () => {
  const setting = startPool([{
    kind: "toy",
    run: () => Promise.reject(fail("comfy.rejected", { operator: "bad graph" })),
    fail: (_, found) => ({ finish: { ...done, status: "failed", result: found.code } }),
  }]);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(0);
  assertEquals(setting.store.finished.map(({ finish }) => [finish.status, finish.result]), [[
    "failed",
    "comfy.rejected",
  ]]);
  await setting.end();
});

Deno.test("an effect that is put off is looked for again when its time comes, with no sweeper", async () => {
  const runs: number[] = [];
  const setting = startPool([{
    kind: "toy",
    run: (effect) => {
      runs.push(effect.tries);
      return Promise.resolve(effect.tries === 1 ? { putOffMs: 400 } : { finish: done });
    },
  }]);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(0);
  setting.store.open.push(claimOf("e1", { tries: 2, token: 2 }));
  await setting.clock.advance(399);
  assertEquals(runs, [1]);
  await setting.clock.advance(3);
  assertEquals(runs, [1, 2]);
  await setting.end();
});

Deno.test("[XC8] effects back off exponentially with jitter, honour Retry-After, and stop at the handler's limit", async () => {
  const handler: EffectHandler = {
    kind: "toy",
    run: () => Promise.reject(fail("comfy.unreachable")),
    fail: (effect, found) =>
      effect.tries >= 4 ? { finish: { ...done, status: "failed", result: found.code } } : "back_off",
  };
  const setting = startPool([handler]);
  for (const tries of [1, 2, 3, 4]) {
    setting.store.open.push(claimOf("e1", { tries }));
    setting.pool.wake();
    await setting.clock.advance(0);
  }
  const waits = setting.store.putOffs.map((putOff) => putOff.delayMs);
  assertEquals(waits.length, 3);
  for (const [at, plainMs] of [1000, 2000, 4000].entries()) {
    const wait = waits[at] ?? 0;
    assert(wait >= plainMs * 0.8 && wait <= plainMs * 1.2, `${wait} is not within 20 % of ${plainMs}`);
  }
  assertEquals(setting.store.finished.map(({ finish }) => finish.result), ["comfy.unreachable"]);
  const others = ["e2", "e3", "e4"].map((key) =>
    backOffMs(problem("comfy.unreachable"), { tries: 1, key, hash })
  );
  assertEquals(new Set(others).size, 3, "jitter differs between effects");
  const asked = problem("comfy.unreachable", { retryAfterMs: 90_000 });
  assertEquals(backOffMs(asked, { tries: 1, key: "e1", hash }), 90_000);
  await setting.end();
});

Deno.test("a reply that cannot be stored is stored when the database is back", async () => {
  const setting = startPool([{ kind: "toy", run: () => Promise.resolve({ finish: done }) }]);
  let downUntil = 2;
  setting.store.finishAnswer = () =>
    downUntil-- > 0 ? Promise.reject(new Error("No database")) : Promise.resolve(true);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(1000);
  assertEquals(setting.store.finished.map(({ id }) => id), ["e1"]);
  await setting.end();
});

Deno.test("[XC20] at the end what runs is aborted and its leases are given back, even when a handler hangs", async () => {
  const handler = heldHandler();
  const stubborn: EffectHandler = { kind: "stubborn", run: () => new Promise(() => {}) };
  const setting = startPool([handler, stubborn]);
  setting.store.open.push(claimOf("e1"), claimOf("e2", { kind: "stubborn" }));
  setting.pool.wake();
  await setting.clock.advance(0);
  await setting.end();
  assert(handler.contexts[0]?.signal.aborted);
  assertEquals(setting.store.released, ["me"]);
  assertEquals(setting.store.finished, []);
});

Deno.test("mail told by a handler under way is stored and announced", async () => {
  const news: Mail = { id: "n1", to: "a1", kind: "started", body: {} };
  const setting = startPool([{
    kind: "toy",
    run: async (_, context) => {
      await context.tell([news]);
      return { finish: { ...done, mail: [] } };
    },
  }]);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(0);
  assertEquals(setting.store.posted, [news]);
  assertEquals(setting.mail, [news]);
  await setting.end();
});

Deno.test("an effect of a kind that this build does not know is put off", async () => {
  const setting = startPool([]);
  setting.store.open.push(claimOf("e1"));
  setting.pool.wake();
  await setting.clock.advance(0);
  assertEquals(setting.store.putOffs, [{ id: "e1", delayMs: 60_000 }]);
  await setting.end();
});
