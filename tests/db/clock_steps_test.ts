/** What a clock that steps does to leases, mail and limits: it may delay, and it never loses or doubles anything. */
import { NO_PACES } from "@/core/paces.ts";
import { learnSizes } from "@/core/reserve.ts";
import { makeLimiter } from "@/adapters/auth/limiter.ts";
import { decayed } from "@/core/fair.ts";
import { createUser } from "@/db/accounts.ts";
import { watchSetBack } from "@/db/clock.ts";
import { readUse } from "@/db/queries/mod.ts";
import { createSession, findSession } from "@/db/sessions.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { admitReady, behave, makeBackend, makeJob, makeShown, newId, openSqlite, tell } from "./fixtures.ts";

const HOUR_MS = 3_600_000;
const LEASE_MS = 15_000;
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

/** A studio that watches its clock: time passes for both clocks, and the wall clock alone is set. */
async function openWatched() {
  const opened = await open();
  const { now, database: { writer } } = opened;
  let rising = 0;
  const watch = () => watchSetBack(writer, { clock: { monotonic: () => rising }, leaseMs: LEASE_MS });
  const look = watch();
  assertEquals(await look(), 0);
  return {
    ...opened,
    writer,
    watch,
    look,
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 2000) {
        now.at += Math.min(left, 2000);
        rising += Math.min(left, 2000);
        await look();
      }
    },
    set: (ms: number) => void (now.at += ms),
  };
}

Deno.test("after a clock was set back, mail and effects that were due go on at once, and delays last as long as they were to", async () => {
  const studio = await openWatched();
  const { store, job, look } = studio;
  await store.post([
    tell(job.id, "due", { id: newId() }),
    tell(job.id, "later", { id: newId(), delayMs: 60_000 }),
  ]);
  await studio.pass(20_000);
  studio.set(-HOUR_MS);
  assertEquals(await store.claim("a", ["net"], LEASE_MS), null);
  const back = await look();
  assert(Math.abs(back - HOUR_MS) < 10, `it was ${back} ms`);
  assertEquals(await look(), 0, "once");
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
  assertEquals([kinds.includes("due"), kinds.includes("later")], [true, false]);
  const claim = await store.claim("a", ["net"], LEASE_MS);
  assert(claim, "the effect that waited is done");
  await store.putOff(claim.id, claim.token, 30_000);
  await studio.pass(30_100);
  assert(await store.claim("a", ["net"], LEASE_MS), "what was put off comes when it was to");
  await studio.pass(11_000);
  await turn();
  assertEquals(kinds.filter((kind) => kind === "later"), ["later"]);
  await studio.close();
});

Deno.test("after a clock was set back, work of a dead process is free after one lease, and work under way goes on", async () => {
  const studio = await openWatched();
  const { store, look } = studio;
  const claim = await store.claim("dead", ["net"], LEASE_MS);
  studio.set(-HOUR_MS);
  await look();
  assertEquals(await store.beat(claim?.id ?? "", claim?.token ?? 0, LEASE_MS), true);
  assertEquals(await store.claim("next", ["net"], LEASE_MS), null);
  await studio.pass(LEASE_MS + 100);
  assertEquals((await store.claim("next", ["net"], LEASE_MS))?.id, claim?.id);
  await studio.close();
});

Deno.test("a clock that was set back while no studio ran is noticed at the next start, and by one process alone", async () => {
  const studio = await openWatched();
  const { store, job, watch } = studio;
  await studio.pass(30_000);
  const later = { id: newId(), delayMs: 60_000 };
  await store.post([tell(job.id, "later", later)]);
  studio.set(-HOUR_MS);
  const [first, second] = [watch(), watch()];
  const back = await first();
  assert(back > HOUR_MS - 12_000 && back <= HOUR_MS, `it was ${back} ms`);
  assertEquals([await second(), await studio.look()], [0, 0]);
  const dueIn = (await store.nextDueIn()) ?? 0;
  assertEquals(dueIn, 0, "what was due before");
  const mail = await studio.writer.selectFrom("mail").where("msg_id", "=", later.id).select("due_at")
    .executeTakeFirstOrThrow();
  const waits = mail.due_at - await store.now();
  assert(waits <= 72_000, `a minute is ${waits} ms`);
  await studio.close();
});

Deno.test("a clock that was ahead and is put right leaves nobody spent, favoured or signed in for longer", async () => {
  const studio = await openWatched();
  const { store, writer, look } = studio;
  const userId = newId();
  await createUser(writer, { id: userId, email: "a@example.org", passwordHash: "h" });
  studio.set(30 * 24 * HOUR_MS);
  await studio.pass(4000);
  const at = await store.now();
  const entry = {
    job_id: "j",
    step_id: "s",
    kind: "gpu",
    place: "",
    state: "spent",
    bytes: 0,
    estimate: 0,
    money: 0,
  };
  await writer.insertInto("ledger").values({ ...entry, id: "x", user_id: userId, seconds: 600, at })
    .execute();
  await writer.insertInto("quota").values({ user_id: userId, served: 600, served_at: at }).execute();
  await createSession(writer, { tokenHash: "token", userId, ttlMs: HOUR_MS, address: "", agent: "" });
  studio.set(-30 * 24 * HOUR_MS);
  await look();
  await studio.pass(2 * HOUR_MS);
  const session = await findSession(writer, "token");
  assert((session?.expiresAt ?? Infinity) < await store.now(), "an hour is an hour");
  const { served, served_at } = await writer.selectFrom("quota").where("user_id", "=", userId)
    .select(["served", "served_at"]).executeTakeFirstOrThrow();
  assert(decayed(served ?? 0, await store.now() - (served_at ?? 0)) < 1);
  studio.set(23 * HOUR_MS);
  const learned = () => Promise.resolve({ paces: NO_PACES, sizes: learnSizes([]) });
  const usual = { queued: 9, running: null, gpuMinutes: 10, diskBytes: null };
  assertEquals(
    (await readUse(writer, userId, { usual, all: false, learned })).use.gpuSeconds,
    0,
    "a day later",
  );
  await studio.close();
});

Deno.test("after a clock was set back, a webhook made before hears of what happens from then on", async () => {
  const studio = await openWatched();
  const { writer, store, look } = studio;
  const userId = newId();
  await createUser(writer, { id: userId, email: "a@example.org", passwordHash: "h" });
  const at = await store.now();
  const webhook = { id: newId(), owner_id: userId, url: "https://a.example", secret: "s", enabled: 1 };
  await writer.insertInto("webhooks").values({
    ...webhook,
    former_secret: null,
    former_until: null,
    events_json: "[]",
    ended: null,
    failing_since: at,
    since: at,
    created_at: at,
    updated_at: at,
  }).execute();
  studio.set(-HOUR_MS);
  await studio.pass(2000);
  await look();
  const { since, failing_since } = await writer.selectFrom("webhooks").select(["since", "failing_since"])
    .executeTakeFirstOrThrow();
  const now = await store.now();
  assert(since <= now && (failing_since ?? now) <= now, `${since - now} ms ahead`);
  await studio.close();
});

Deno.test("what runs while the clock is set ahead by a day is charged for what it took, by whichever process notices", async () => {
  const studio = await openWatched();
  const { store, writer, look, watch } = studio;
  const other = watch();
  await other();
  await store.saveBackend(makeBackend());
  const job = await admitReady(store);
  const promptId = newId();
  const grant = { stepId: "part-0", take: 0, attempt: 1, backendId: "alpha", n: 0, promptId, family: "wan" };
  assertEquals(await store.grant({ ...grant, jobId: job.id }), true);
  await store.post([tell(job.id, "began", { id: newId() })]);
  await store.turn(
    job.id,
    behave(({ steps, at }) => ({
      steps: steps.map((step) => ({ ...step, state: "running", startedAt: at })),
    })),
  );
  await studio.pass(60_000);
  studio.set(24 * HOUR_MS);
  assertEquals([await look(), await other()], [0, 0]);
  await store.freeSlot(promptId);
  const { seconds } = await writer.selectFrom("ledger").select("seconds").executeTakeFirstOrThrow();
  assert(seconds > 58 && seconds < 72, `${seconds} s`);
  await studio.close();
});

Deno.test("a clock that is set ahead shifts nothing, and small corrections are none", async () => {
  const studio = await openWatched();
  await studio.store.post([tell(studio.job.id, "later", { id: newId(), delayMs: 2 * HOUR_MS })]);
  const dueAt = async () =>
    (await studio.writer.selectFrom("mail").where("kind", "=", "later").select("due_at")
      .executeTakeFirstOrThrow())
      .due_at;
  const before = await dueAt();
  studio.set(HOUR_MS);
  assertEquals(await studio.look(), 0);
  studio.set(-500);
  assertEquals(await studio.look(), 0);
  assertEquals(await dueAt(), before);
  await studio.close();
});
