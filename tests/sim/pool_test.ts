/** The studio while operators change its pool, limits and queue: a share of the seeds of `deno task sim`, and mutants. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { runParallel } from "./batch.ts";
import { POOL_MUTANTS } from "./pool_mutants.ts";
import { simulate } from "./simulate.ts";

/** Killed for good by `deno task sim --mutants`; here only those that fall within a second. */
const QUICK = ["drained servers too", "former slots", "thrown off", "any file", "untold"];

Deno.test("[XC7] servers come, change, are drained and go, limits change and the studio closes, and no rule breaks", async () => {
  const result = await runParallel({ from: 1, seeds: 14, store: "sqlite", operated: true });
  assertEquals(result.failed, []);
  for (const act of ["add", "drain", "undrain", "slots", "move", "remove", "close", "running", "import"]) {
    assert((result.hits[`operator ${act}`] ?? 0) > 0, act);
  }
});

Deno.test("a job whose part waits on a server that hangs for good is done by another one", async () => {
  for (const seed of [1, 2, 4, 5]) {
    let hung = false;
    const { violations, statuses } = await simulate({
      seed,
      calm: true,
      meddle({ slots }, hand) {
        if (hung || slots.filter(({ backendId }) => backendId === "b2").length < 2) return;
        hung = true;
        hand.hang("b2");
      },
    });
    assertEquals([hung, violations, [...statuses.keys()]], [true, [], ["completed"]], `seed ${seed}`);
  }
});

for (const mutant of POOL_MUTANTS.filter(({ name }) => QUICK.includes(name))) {
  Deno.test(`the checks notice the mutant "${mutant.name}"`, async () => assert(await mutant.kill(20)));
}
