/** Old entries of the ledger become sums by day, and nobody who asks for a sum notices. */
import { DAY_MS, type Limits } from "@/core/quota.ts";
import { NO_PACES } from "@/core/paces.ts";
import { learnSizes } from "@/core/reserve.ts";
import { createUser } from "@/db/accounts.ts";
import { beginDeparture, removeLeaver } from "@/db/departures.ts";
import { openBudgets } from "@/db/ledger.ts";
import { rollUpLedger } from "@/db/ledger_days.ts";
import { readLedgerSums, readSpend, readUse } from "@/db/queries/mod.ts";
import { purgeJob } from "@/db/jobs.ts";
import { readShares } from "@/db/store/shares.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, type Opened, openSqlite } from "./fixtures.ts";

const learned = () => Promise.resolve({ paces: NO_PACES, sizes: learnSizes([]) });
const LIMITS: Limits = { queued: 200, running: null, gpuMinutes: 30, diskBytes: null };

/** The same numbers in the same order, for each seed others. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

/** Entries of two people, one who left, and three films, of which one is under way, over the last 200 days. */
async function openPast(seed: number) {
  const opened = await openSqlite(":memory:", { now: () => Date.UTC(2026, 10, 22, 1, 2, 3) });
  const { writer } = opened.database;
  const people = [newId(), newId()];
  const films: string[] = [];
  for (const [n, status] of ["completed", "failed", "executing"].entries()) {
    const job = makeJob({ userId: people[n % 2] });
    await opened.store.admit([job]);
    await opened.store.turn(job.id, behave(() => ({ shown: makeShown({ status }) })));
    films.push(job.id);
  }
  const next = numbers(seed);
  const at = await opened.store.now();
  const entries = Array.from({ length: 120 }, (_, n) => ({
    id: `${seed} ${n}`,
    user_id: [...people, ""][next(3)] ?? "",
    job_id: [...films, "gone"][next(4)] ?? "",
    step_id: "s",
    kind: ["gpu", "local", "provider"][next(3)] ?? "gpu",
    place: "alpha",
    state: ["spent", "spent", "spent", "reserved", "released"][next(5)] ?? "spent",
    seconds: next(100_000) / 1000,
    bytes: next(1e9),
    estimate: next(100) / 100,
    money: next(1_000_000) / 1e6,
    // Many within the last days, where quotas and months look.
    at: at - next([2, 40, 200][next(3)] ?? 1) * DAY_MS - next(DAY_MS),
  }));
  for (let n = 0; n < entries.length; n += 60) {
    await writer.insertInto("ledger").values(entries.slice(n, n + 60)).execute();
  }
  return { ...opened, people, films, at };
}

async function readAll(
  { database: { writer } }: Opened,
  { people, films }: { people: string[]; films: string[] },
) {
  const budgets = openBudgets(writer);
  const round = (value: number) => Math.round(value * 1e6) / 1e6;
  const uses = await Promise.all(
    people.map((id) => readUse(writer, id, { usual: LIMITS, all: true, learned })),
  );
  const found = await Promise.all(films.map((id) => budgets.of(id)));
  return {
    metrics: await readLedgerSums(writer),
    uses: uses.map(({ use }) => ({ ...use, gpuSeconds: round(use.gpuSeconds), money: round(use.money) })),
    spend: (await readSpend(writer)).map(({ userId, day, month }) => [userId, day, month]),
    shares: [...(await readShares(writer, { running: null, gpuMinutes: 30 })).people]
      .map(([id, { isSpent }]) => [id, isSpent]).sort(),
    budgets: found.map(({ spent, reserved }) => [round(spent), round(reserved)]),
  };
}

Deno.test("[YM65] sums of people, films and the studio are the same before and after old entries are rolled up", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const past = await openPast(seed);
    const { writer } = past.database;
    const before = await readAll(past, past);
    const roll = () => rollUpLedger(writer, { ageMs: 31 * DAY_MS, rowsMax: 7 });
    let rolled = 0;
    for (let n = 7; n === 7; rolled += n) {
      n = await roll();
      assert(n <= 7);
    }
    assert(rolled > 10, `seed ${seed} rolled up ${rolled}`);
    assertEquals(await readAll(past, past), before, `seed ${seed}`);
    const left = await writer.selectFrom("ledger").where("at", "<", past.at - 31 * DAY_MS)
      .select(["state", "job_id"]).execute();
    // What is set aside, and what a film that is under way may still write to.
    assertEquals(left.filter(({ state, job_id }) => state !== "reserved" && job_id !== past.films[2]), []);
    assertEquals(await roll(), 0);
    await past.close();
  }
});

Deno.test("what a person used stays in the sums as nobody's when they leave", async () => {
  const past = await openPast(99);
  const { writer } = past.database;
  const [userId = "", filmId = ""] = [past.people[0], past.films[0]];
  await createUser(writer, { id: userId, email: "a@example.org", passwordHash: "h" });
  await rollUpLedger(writer, { ageMs: 31 * DAY_MS, rowsMax: 500 });
  const sums = await readLedgerSums(writer);
  const days = async (id: string) =>
    (await writer.selectFrom("spent_day").where("user_id", "=", id).select("day").execute()).length;
  assert(await days(userId) > 0 && await days("") > 0);
  await writer.updateTable("jobs").set({ status: "completed", deleted_at: 1 }).execute();
  await writer.updateTable("users").set({ role: "creator" }).execute();
  assertEquals(await purgeJob(writer, { ownerId: userId, jobId: filmId }), true);
  assertEquals(await openBudgets(writer).of("none"), { spent: 0, reserved: 0 });
  const kept = await writer.selectFrom("spent_job").where("job_id", "=", filmId).select("money").execute();
  assertEquals(kept, [], "the sum of a film goes with it");
  await beginDeparture(writer, userId);
  assertEquals(await removeLeaver(writer, userId, { graceMs: -1 }), true);
  assertEquals(await days(userId), 0);
  assertEquals(await readLedgerSums(writer), sums);
  await past.close();
});
