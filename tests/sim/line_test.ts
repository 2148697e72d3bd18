/** The scheduler under random lives: a share of the seeds of `deno task sim`, and what the checks notice. */
import { pick } from "@/core/schedule.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { firstCome, greedy, type Rule } from "@/tests/core/replay.ts";
import { simulateLine, simulateShares } from "./line.ts";

/** Lives with a crowd in which the bound on being passed over matters. */
const CROWDED = [61, 68];

Deno.test("[XC7] no grant of random lives breaks a rule: able, within slots and limits, nobody passed over for ever", () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 44, ...CROWDED]) {
    assertEquals(simulateLine(seed).violations, [], `seed ${seed}`);
  }
});

Deno.test("the checks notice a scheduler that forgets whom it passed over", () => {
  const forgetful = (seed: number) =>
    simulateLine(seed, (board) => {
      const people = new Map([...board.people].map(([id, person]) => [id, { ...person, passed: 0 }]));
      return pick({ ...board, people });
    });
  assert(CROWDED.some((seed) => forgetful(seed).violations.some((wrong) => wrong.startsWith("Overtaken"))));
});

Deno.test("the checks notice a scheduler that grants to whatever is free", () => {
  const noticed = (seed: number) =>
    simulateLine(seed, (board) => pick({ ...board, canRun: () => true })).violations
      .some((wrong) => wrong.startsWith("Able"));
  assert([1, 2, 3, 4, 5, 6].some(noticed));
});

Deno.test("the checks notice a scheduler that knows of no limits", () => {
  const noticed = (seed: number) =>
    simulateLine(seed, firstCome).violations.some((wrong) => wrong.startsWith("RunningMax"));
  assert([1, 2, 3, 4, 5, 6].some(noticed));
});

const SHARED = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 114];

Deno.test("people who all bring more than can be done stay within a bound of each other, however the pool changes", () => {
  for (const seed of SHARED) {
    const { apartS, boundS } = simulateShares(seed);
    assert(apartS <= boundS, `seed ${seed}: ${apartS} of ${boundS} s`);
  }
});

Deno.test("the checks notice a scheduler that does not ask who was served least", () => {
  const isUnfair = (rule: Rule) =>
    SHARED.slice(0, 6).some((seed) => {
      const { apartS, boundS } = simulateShares(seed, rule);
      return apartS > boundS;
    });
  const blind: Rule = (board) => pick({ ...board, people: new Map() });
  assertEquals([firstCome, greedy, blind].map(isUnfair), [true, true, true]);
});
