/** What loading takes, learned from what work took right after other work. */
import { learnLoads, type LoadRun } from "@/core/loads.ts";
import { assertEquals } from "@/tests/assert.ts";

function runsOf(families: string, loadS: number): LoadRun[] {
  return [...families].map((family, n) => ({
    backendId: "b1",
    family,
    work: `work of ${family}`,
    weight: 10,
    startedAt: n,
    tookS: 5 + (n > 0 && families[n - 1] !== family ? loadS : 0),
  }));
}

Deno.test("what a family takes to load is what its first prompts take longer than the others", () => {
  assertEquals(learnLoads(runsOf("aaabbbaaabbbaaa", 20)), new Map([["b", 20], ["a", 20]]));
});

Deno.test("without enough prompts of both kinds nothing is known, and loading is never less than nothing", () => {
  assertEquals(learnLoads(runsOf("aaaaaa", 20)), new Map());
  assertEquals(learnLoads(runsOf("ababab", 20)), new Map(), "no prompt without a load");
  assertEquals(learnLoads(runsOf("aaabbbaaabbbaaa", -3)), new Map([["b", 0], ["a", 0]]));
});
