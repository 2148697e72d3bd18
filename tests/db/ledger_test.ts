/** Budgets of jobs for paid providers: set aside before anything is asked, stopped at the cap, settled once. */
import { openBudgets } from "@/db/ledger.ts";
import { assertEquals } from "@/tests/assert.ts";
import { openSqlite } from "./fixtures.ts";

const call = (id: string, estimate: number) => ({
  id,
  userId: "ada",
  jobId: "film",
  stepId: "music",
  place: "provider",
  estimate,
  cap: 10,
});

Deno.test("[YM65] what calls cost is summed per job: estimates while they are out, the actual price after", async () => {
  const { database, close } = await openSqlite();
  const budgets = openBudgets(database.writer);
  assertEquals(await budgets.reserve(call("one", 4)), true);
  assertEquals(await budgets.reserve(call("one", 4)), true, "the same call again is one reservation");
  assertEquals(await budgets.of("film"), { spent: 0, reserved: 4 });
  await budgets.settle("one", { money: 5, seconds: 12, bytes: 100 });
  await budgets.settle("one", { money: 9 });
  assertEquals(await budgets.of("film"), { spent: 5, reserved: 0 }, "settled once");
  await budgets.reserve(call("two", 2));
  await budgets.release("two");
  assertEquals(await budgets.of("film"), { spent: 5, reserved: 0 });
  await budgets.settle("two", { money: 1.5 });
  await budgets.release("two");
  assertEquals(await budgets.of("film"), { spent: 6.5, reserved: 0 }, "it was given up, and cost something");
  await close();
});

Deno.test("nothing is set aside beyond the cap, also when many ask at once", async () => {
  const { database, close } = await openSqlite();
  const budgets = openBudgets(database.writer);
  const asked = await Promise.all([1, 2, 3, 4, 5].map((n) => budgets.reserve(call(`call-${n}`, 3))));
  assertEquals(asked.filter(Boolean).length, 3);
  assertEquals(await budgets.of("film"), { spent: 0, reserved: 9 });
  assertEquals(await budgets.reserve(call("small", 1)), true);
  assertEquals(await budgets.reserve(call("more", 0.01)), false);
  await close();
});
