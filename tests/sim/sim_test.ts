/** The whole studio under random faults, on both stores: a share of the seeds of `deno task sim`, and the mutants. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { FAULTS, runParallel, runSeed } from "./batch.ts";
import { ENGINE_MUTANTS } from "./mutants.ts";
import { simulate } from "./simulate.ts";

/** Killed for good by `deno task sim --mutants`; here only those that fall within a second. */
const QUICK = [
  "no CAS",
  "POST without GET",
  "two transactions",
  "free slot on timer",
  "any reply",
  "wrong files",
  "any server",
  "deferred begin",
];

Deno.test("random lives on the in-memory store break no rule, and every fault happens [XC5, XC7]", async () => {
  const result = await runParallel({ from: 1, seeds: 120, store: "memory" });
  assertEquals(result.failed, []);
  assertEquals(FAULTS.filter((fault) => (result.hits[fault] ?? 0) === 0), []);
});

Deno.test("random lives on SQLite break no rule", async () => {
  const result = await runParallel({ from: 10_001, seeds: 10, store: "sqlite" });
  assertEquals(result.failed, []);
});

Deno.test("a seed always tells the same story", async () => {
  const tell = async () => {
    const lines: string[] = [];
    const { events, hits } = await runSeed(7, { store: "memory" }, (line) => lines.push(line));
    return { lines, events, hits };
  };
  assertEquals(await tell(), await tell());
});

Deno.test("without faults every job of every plan completes, each prompt posted once", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { statuses, violations, posts, hits } = await simulate({ seed, calm: true });
    assertEquals(violations, []);
    assertEquals([...statuses.keys()], ["completed"], `seed ${seed}`);
    assertEquals(hits.size, 0);
    assert(posts > 0);
  }
});

Deno.test("a storage that loses whatever it is given ends a film after three renders of its first part", async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { statuses, violations, posts } = await simulate({
      seed,
      calm: true,
      takes: 1,
      meddle(snap, hand) {
        for (const { outputs } of snap.steps.filter(({ state }) => state === "done")) {
          for (const { role, sha256, ext } of outputs) if (role !== "facts") hand.lose(`${sha256}.${ext}`);
        }
      },
    });
    assertEquals([violations, [...statuses.keys()], posts], [[], ["failed"], 3], `seed ${seed}`);
  }
});

for (const mutant of ENGINE_MUTANTS.filter(({ name }) => QUICK.includes(name))) {
  Deno.test(`the checks notice the mutant "${mutant.name}"`, async () => assert(await mutant.kill(60)));
}
