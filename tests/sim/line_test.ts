/** The scheduler under random lives: a share of the seeds of `deno task sim`, and what the checks notice. */
import { pick } from "@/core/schedule.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { firstCome } from "@/tests/core/replay.ts";
import { simulateLine } from "./line.ts";

/** Lives with a crowd in which the bound on being passed over matters. */
const CROWDED = [61, 68];

Deno.test("[XC7] no grant of random lives breaks a rule: able, within slots and limits, nobody passed over for ever", () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 44, ...CROWDED]) {
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
  const violations = [1, 2, 3, 4, 5, 6].flatMap((seed) =>
    simulateLine(seed, (board) => pick({ ...board, canRun: () => true })).violations
  );
  assert(violations.some((wrong) => wrong.startsWith("Able")));
});

Deno.test("the checks notice a scheduler that knows of no limits", () => {
  const violations = [1, 2, 3, 4, 5, 6].flatMap((seed) => simulateLine(seed, firstCome).violations);
  assert(violations.some((wrong) => wrong.startsWith("RunningMax")));
});
