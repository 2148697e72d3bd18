/** Estimates: the plan's seconds, and what the studio learned of them. */
import { estimate, limitOf, workOf } from "@/core/estimate.ts";
import { learnPaces, NO_PACES, paceOf, type Sample } from "@/core/paces.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { chainPlan } from "@/tests/actors/job/bench.ts";

let films = 0;

function sample(tookS: number, more: Partial<Sample> = {}): Sample {
  const work = {
    engine: "comfy" as const,
    template: "animate/move",
    shape: "balanced 640x640 77",
    backendId: "one",
  };
  return { jobId: `film-${films++}`, ...work, weight: 100, tookS, ...more };
}

const near = (value: number, wanted: number, by = 0.1) =>
  assert(Math.abs(value / wanted - 1) < by, `${value}, not ${wanted}`);

Deno.test("before there is a history an estimate is the plan's own seconds with a range, and a draft is quicker", () => {
  const plan = { ...chainPlan(2), engine: "comfy" as const };
  const weight = plan.steps.reduce((sum, step) => sum + step.weight, 0);
  assertEquals(estimate(plan, NO_PACES), { likelyS: weight, lowS: weight * 0.75, highS: weight * 1.5 });
  const local = plan.steps.filter((step) => step.kind === "local").reduce(
    (sum, step) => sum + step.weight,
    0,
  );
  const draft = estimate({ ...plan, engine: "draft" }, NO_PACES);
  near(draft.likelyS, local + (weight - local) * 0.1, 1e-9);
});

Deno.test("the first film that is done is believed nearly whole", () => {
  const paces = learnPaces([sample(300)]);
  near(paceOf(paces, sample(0)).likely, 3, 0.15);
  assertEquals(paceOf(paces, sample(0)).known, true);
  assertEquals(paceOf(paces, sample(0, { template: "wan/t2v" })), {
    likely: 1,
    low: 0.75,
    high: 1.5,
    known: false,
  });
  near(paceOf(paces, sample(0, { engine: "draft" })).likely, 0.1);
});

Deno.test("with a history odd films change neither the estimate nor the range much", () => {
  const took = [150, 90, 100, 110, 5000, 95, 105, 100, 100, 1, 98, 102, 104, 96, 100, 99, 101, 100];
  const { likely, low, high } = paceOf(learnPaces(took.map((one) => sample(one))), sample(0));
  near(likely, 1, 0.05);
  assert(low > 0.6 && low < 1 && high > 1 && high < 1.8, `${low} to ${high}`);
  assertEquals(learnPaces([sample(0), sample(-3), sample(5, { weight: 0 })]).reach.size, 0);
});

Deno.test("each server and each shape has its own pace; one that is not named may be any of them", () => {
  const films = Array.from({ length: 12 }, (_, n) => [
    sample(100 + n),
    sample(300 + n, { backendId: "two" }),
    sample(160 + n, { shape: "fast 640x640 77" }),
  ]).flat();
  const paces = learnPaces(films);
  near(paceOf(paces, sample(0)).likely, 1.05);
  near(paceOf(paces, sample(0, { backendId: "two" })).likely, 3.05);
  near(paceOf(paces, sample(0, { shape: "fast 640x640 77" })).likely, 1.65);
  // Never done: as much slower as that server is, and as that shape is.
  near(paceOf(paces, sample(0, { shape: "fast 640x640 77", backendId: "two" })).likely, 4.8, 0.3);
  const any = paceOf(paces, sample(0, { backendId: null }));
  assert(any.low < 1.05 && any.high > 3.05, `${any.low} to ${any.high}`);
  const plan = { ...chainPlan(1), engine: "comfy" as const };
  const [one, two] = ["one", "two"].map((backendId) => estimate(plan, paces, backendId).likelyS);
  assert((two ?? 0) > 2 * (one ?? 0), `${one} and ${two}`);
});

Deno.test("a server that became slower is believed after a few films, and the parts of one film are one", () => {
  const before = Array.from({ length: 20 }, (_, n) => sample(100 + n));
  const after = Array.from({ length: 5 }, (_, n) => sample(240 + n));
  near(paceOf(learnPaces([...after, ...before]), sample(0)).likely, 2.42);
  const parts = Array.from({ length: 30 }, () => sample(900, { jobId: "one long film" }));
  near(paceOf(learnPaces([...before.slice(0, 5), ...parts, ...before.slice(5)]), sample(0)).likely, 1.1);
});

Deno.test("work in the studio is one for all engines and servers", () => {
  const join = { template: "", shape: "join_film", weight: 4 };
  const paces = learnPaces([sample(2, { ...join, engine: "draft", backendId: null })]);
  near(paceOf(paces, sample(0, { ...join, engine: "comfy", backendId: "two" })).likely, 0.5, 0.2);
});

Deno.test("[LX11] a prompt's time is the plan's bound until twice the learned upper end is more, and doubles once", () => {
  const step = chainPlan(1).steps.find((step) => step.kind === "prompt");
  assert(step?.kind === "prompt");
  const pace = paceOf(NO_PACES, workOf(step, { engine: "comfy", backendId: null }));
  assertEquals([0, 1, 2].map((failures) => limitOf(step, { pace, failures })), [60, 120, 120]);
  const slow = { likely: 90, low: 80, high: 100, known: true };
  assertEquals([0, 1].map((failures) => limitOf(step, { pace: slow, failures })), [2000, 4000]);
});
