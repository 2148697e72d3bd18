/** The studio while operators change its pool, limits and queue: a share of the seeds of `deno task sim`, and mutants. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { runParallel } from "./batch.ts";
import { POOL_MUTANTS } from "./pool_mutants.ts";

/** Killed for good by `deno task sim --mutants`; here only those that fall within a second. */
const QUICK = ["drained servers too", "former slots", "no limit", "thrown off", "any file", "untold"];

Deno.test("[XC7] servers come, change, are drained and go, limits change and the studio closes, and no rule breaks", async () => {
  const result = await runParallel({ from: 1, seeds: 14, store: "sqlite", operated: true });
  assertEquals(result.failed, []);
  for (const act of ["add", "drain", "undrain", "slots", "move", "remove", "close", "running", "import"]) {
    assert((result.hits[`operator ${act}`] ?? 0) > 0, act);
  }
});

for (const mutant of POOL_MUTANTS.filter(({ name }) => QUICK.includes(name))) {
  Deno.test(`the checks notice the mutant "${mutant.name}"`, async () => assert(await mutant.kill(20)));
}
