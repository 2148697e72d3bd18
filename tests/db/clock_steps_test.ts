/** What a clock that steps does to leases, mail and limits: it may delay, and it never loses or doubles anything. */
import { makeLimiter } from "@/adapters/auth/limiter.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, openSqlite, tell } from "./fixtures.ts";

const HOUR_MS = 3_600_000;
const DONE = { status: "done" as const, result: null, mail: [] };

async function open() {
  const now = { at: Date.UTC(2026, 10, 21) };
  const opened = await openSqlite(":memory:", { now: () => now.at });
  const job = makeJob();
  await opened.store.admit([job]);
  const effect = { id: newId(), kind: "check_inputs", lane: "net", req: {} };
  await opened.store.turn(job.id, behave(() => ({ effects: [effect] })));
  return { ...opened, now, job, effect };
}

Deno.test("a clock that jumps ahead hands work to another runner, and the fence keeps the first one's news out", async () => {
  const { store, now, effect, close } = await open();
  const first = await store.claim("a", ["net"], 30_000);
  now.at += HOUR_MS;
  const second = await store.claim("b", ["net"], 30_000);
  assertEquals([first?.id, second?.id], [effect.id, effect.id]);
  assertEquals(await store.finish(effect.id, first?.token ?? 0, DONE), false);
  assertEquals(await store.finish(effect.id, second?.token ?? 0, DONE), true);
  await close();
});

Deno.test("a clock that jumps back takes nothing from its runner and doubles nothing; new work goes on at once", async () => {
  const { store, now, effect, job, close } = await open();
  const claim = await store.claim("a", ["net"], 30_000);
  now.at -= HOUR_MS;
  assertEquals(await store.claim("b", ["net"], 30_000), null);
  assertEquals(await store.beat(effect.id, claim?.token ?? 0, 30_000), true);
  assertEquals(await store.finish(effect.id, claim?.token ?? 0, DONE), true);
  assertEquals(await store.finish(effect.id, claim?.token ?? 0, DONE), false);
  await store.post([tell(job.id, "after the step", { id: newId() })]);
  const kinds: string[] = [];
  await store.turn(
    job.id,
    behave(({ mail }) => {
      kinds.push(...mail.map(({ kind }) => kind));
      return { shown: makeShown() };
    }),
  );
  assertEquals(kinds.at(-1), "after the step");
  await close();
});

Deno.test("mail that waited when the clock jumped back is handled at the latest when the clock is there again", async () => {
  const { store, now, job, close } = await open();
  await store.post([tell(job.id, "before the step", { id: newId() })]);
  now.at -= HOUR_MS;
  const kinds: string[] = [];
  const turn = () =>
    store.turn(
      job.id,
      behave(({ mail }) => {
        kinds.push(...mail.map(({ kind }) => kind));
        return {};
      }),
    );
  await turn();
  now.at += HOUR_MS;
  await turn();
  assertEquals(kinds.filter((kind) => kind === "before the step"), ["before the step"]);
  await close();
});

Deno.test("limits of tries follow the clock that only rises: setting the time gives nobody more tries", () => {
  let rising = 0;
  const clock = {
    now: () => Date.UTC(2030, 0, 1) - rising * 1e6,
    monotonic: () => rising,
    sleep: () => Promise.resolve(),
  };
  const limiter = makeLimiter(clock);
  const take = () => limiter.take("key", { size: 2, refillMs: 1000 });
  assertEquals([take(), take()], [0, 0]);
  assert(take() > 0);
  rising += 1000;
  assertEquals(take(), 0);
});
