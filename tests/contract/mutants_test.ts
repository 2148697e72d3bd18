/** Every rule of the client has a broken twin that its own cases notice. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { CASES, KEPT_ELSEWHERE } from "./comfy_suite.ts";
import { MUTANTS, runComfyMutants } from "./mutants.ts";

Deno.test("each broken ComfyUI client is caught by a case of the rule that it breaks", async () => {
  const verdicts = await runComfyMutants();
  assertEquals(verdicts.filter(({ killed }) => !killed).map(({ rule, does }) => `${rule}: ${does}`), []);
});

Deno.test("all 26 rules have cases, and mutants unless somebody else keeps them", () => {
  const cased = new Set(CASES.map(({ rule }) => rule));
  const mutated = new Set(MUTANTS.map(({ rule }) => rule));
  for (let rule = 1; rule <= 26; rule++) {
    if (rule in KEPT_ELSEWHERE) continue;
    assert(cased.has(rule), `rule ${rule} has no case`);
    assert(mutated.has(rule), `rule ${rule} has no mutant`);
  }
});
