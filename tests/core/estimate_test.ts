/** Estimates: the plan's seconds, and what the studio learned of them. */
import { estimate, learnPaces, paceOf, type Sample } from "@/core/estimate.ts";
import { assertEquals } from "@/tests/assert.ts";
import { chainPlan } from "@/tests/actors/job/bench.ts";

function sample(tookS: number, more: Partial<Sample> = {}): Sample {
  return { template: "animate/move", engine: "comfy", weight: 100, tookS, ...more };
}

Deno.test("before there is a history an estimate is the plan's own seconds with a range, and a draft is quicker", () => {
  const plan = { ...chainPlan(2), engine: "comfy" as const };
  const weight = plan.steps.reduce((sum, step) => sum + step.weight, 0);
  assertEquals(estimate(plan, new Map()), { likelyS: weight, lowS: weight * 0.75, highS: weight * 1.5 });
  const local = plan.steps.filter((step) => step.kind === "local").reduce(
    (sum, step) => sum + step.weight,
    0,
  );
  const draft = estimate({ ...plan, engine: "draft" }, new Map());
  assertEquals(draft.likelyS, local + (weight - local) * 0.1);
});

Deno.test("with a history it is the median of what such work took, and the range leaves out the odd ones", () => {
  const took = [150, 90, 100, 110, 5000, 95, 105, 100, 100, 1];
  const paces = learnPaces(took.map((one) => sample(one)));
  assertEquals(paceOf(paces, sample(0)), { likely: 1, low: 0.9, high: 1.5 });
  const plan = { ...chainPlan(1), engine: "comfy" as const };
  const steps = plan.steps.map((step) =>
    step.kind === "prompt"
      ? { ...step, weight: 200, template: { id: "animate/move", version: "9" } }
      : { ...step, weight: 0 }
  );
  assertEquals(estimate({ ...plan, steps }, paces), { likelyS: 200, lowS: 180, highS: 300 });
});

Deno.test("only the same template and engine count, and only once there are a few", () => {
  const fast = { likely: 0.5, low: 0.5, high: 0.5 };
  const three = [sample(50), sample(50), sample(50)];
  const paces = learnPaces([...three, sample(50, { template: "rare" }), sample(50, { template: "rare" })]);
  assertEquals(paceOf(paces, sample(0)), fast);
  assertEquals(paceOf(paces, sample(0, { engine: "draft" })).likely, 0.1);
  assertEquals(paceOf(paces, sample(0, { template: "rare" })).likely, 1);
  assertEquals(paceOf(paces, sample(0, { template: "" })).likely, 1);
  assertEquals(learnPaces([sample(0), sample(-3), sample(5, { weight: 0 })]).size, 0);
});
