/** Changes of a plan touch what they name, and nothing that has started. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { type Plan, planFaults } from "@/core/plan.ts";
import { changeStep, replan, stepDigest } from "@/core/planners/mod.ts";
import type { StepChanges } from "@/core/request.ts";
import { hash } from "@/tests/workflows/shelf.ts";
import { chunks, differing, makeContext, MOVE, planned, SPEECH } from "./wish.ts";

async function retake(plan: Plan, step: string, changes: StepChanges) {
  return changeStep(plan, { step, changes, context: await makeContext() });
}

Deno.test("a retake changes one step's values and form, in both modes", async () => {
  for (const wish of [MOVE, SPEECH]) {
    const { plan } = await planned(wish);
    const result = await retake(plan, "chunk-002", { prompt: "He waves", seed: "0", negativePrompt: "rain" });
    assert(result.ok, JSON.stringify(result));
    assertEquals(differing(plan, result.value), ["chunk-002"]);
    const step = chunks(result.value)[1];
    const { prompt, seed, negativePrompt } = step?.values ?? {};
    assertEquals([prompt, seed, negativePrompt], ["He waves", "0", "rain"]);
    assertEquals(step?.needs, chunks(plan)[1]?.needs);
    assertEquals(planFaults(result.value), []);
  }
});

Deno.test("a changed plan is the plan that the changed wish would have made", async () => {
  const { plan } = await planned(MOVE);
  const other = await planned({ ...MOVE, prompt: "She walks", settings: { seed: "5" } });
  const changes = { prompt: "She walks", seed: "5" };
  const result = replan(plan, { started: new Set(), changes, context: await makeContext() });
  assert(result.ok);
  assertEquals(result.value, other.plan);
});

Deno.test("a retake without changes gives the same plan, for steps of any kind", async () => {
  const { plan } = await planned(MOVE);
  for (const step of ["chunk-001", "join"]) {
    const result = await retake(plan, step, {});
    assertEquals(result.ok && result.value, plan);
  }
});

Deno.test("a blank negative prompt brings back the template's own", async () => {
  const { plan } = await planned({ ...MOVE, negativePrompt: "rain" });
  const result = await retake(plan, "chunk-001", { negativePrompt: "" });
  assert(result.ok);
  assertEquals(differing((await planned(MOVE)).plan, result.value), ["chunk-002", "chunk-003"]);
});

Deno.test("wrong changes are refused", async () => {
  const { plan } = await planned(MOVE);
  const code = async (step: string, changes: StepChanges) => {
    const result = await retake(plan, step, changes);
    return result.ok ? "ok" : result.problem[0]?.code;
  };
  assertEquals(await code("chunk-009", { seed: "1" }), "job.not_possible");
  assertEquals(await code("join", { prompt: "x" }), "job.not_possible");
  assertEquals(await code("chunk-001", { seed: "-1" }), "request.invalid");
  assertEquals(await code("chunk-001", { prompt: "  " }), "request.invalid");
  assertEquals(await code("chunk-001", { preset: "best" }), "request.invalid");
});

Deno.test("an edit changes every part that has not started and refuses those that have", async () => {
  const { plan } = await planned(MOVE);
  const context = await makeContext();
  const changes = { prompt: "She walks" };
  const started = new Set(["prepare-clip", "window-001", "chunk-001"]);
  const result = replan(plan, { started, changes, context });
  assert(result.ok);
  assertEquals(differing(plan, result.value), ["chunk-002", "chunk-003"]);
  const one = replan(plan, { steps: ["chunk-003"], started, changes, context });
  assertEquals(one.ok && differing(plan, one.value), ["chunk-003"]);
  for (const steps of [["chunk-001"], ["chunk-003", "chunk-001"]]) {
    const touched = replan(plan, { steps, started, changes, context });
    assertEquals(!touched.ok && touched.problem[0]?.code, "job.step_started");
  }
  const all = new Set(plan.steps.map((step) => step.id));
  const late = replan(plan, { started: all, changes, context });
  assertEquals(!late.ok && late.problem[0]?.code, "job.step_started");
  const window = replan(plan, { steps: ["window-002"], started, changes, context });
  assertEquals(!window.ok && window.problem[0]?.code, "job.not_possible");
});

Deno.test("a step's digest changes with its form, its engine, its take and what it is made from", async () => {
  const { plan } = await planned(MOVE);
  const [one, two] = chunks(plan);
  assert(one && two);
  const base = { step: one, take: 0, engine: "draft" as const, needDigests: ["x"], hash };
  const digests = [
    base,
    { ...base, step: two },
    { ...base, take: 1 },
    { ...base, engine: "comfy" as const },
    { ...base, needDigests: ["y"] },
  ].map(stepDigest);
  assertEquals(new Set(digests).size, digests.length);
  assertEquals(stepDigest({ ...base }), digests[0]);
  assertEquals(
    stepDigest({ ...base, step: { ...one, weight: 99, title: "Other", timeLimitS: 1 } }),
    digests[0],
  );
});

Deno.test("other words for a high pass are those of its low pass too, and the piece begins colours of its own", async () => {
  const take = await planned({ mode: "take", prompt: "A harbour", settings: { frames: 400, seed: "1" } });
  const prompts = (plan: Plan) => chunks(plan).map(({ values }) => values.prompt);
  const anchors = (plan: Plan) => {
    const cuts = JSON.parse(String(plan.steps.find(({ id }) => id === "join")?.values.cuts));
    return cuts.map(([, , anchor]: number[]) => anchor);
  };
  const own = await retake(take.plan, "high-005", { prompt: "Rain", seed: "9" });
  assert(own.ok, JSON.stringify(own));
  assertEquals(differing(take.plan, own.value), ["high-005", "low-006", "join"]);
  assertEquals(prompts(own.value).slice(3), ["A harbour", "Rain", "Rain", "A harbour", "A harbour"]);
  assertEquals([anchors(take.plan), anchors(own.value)], [[1, 1, 1, 1], [1, 1, 3, 3]]);
  assertEquals(planFaults(own.value), []);
  const back = await retake(own.value, "high-005", { prompt: "A harbour", seed: "1" });
  assertEquals(back.ok && differing(take.plan, back.value), []);
  const same = await retake(take.plan, "high-005", { prompt: "Rain", sameLook: true });
  assertEquals(same.ok && anchors(same.value), [1, 1, 1, 1]);
  const low = await retake(take.plan, "low-006", { preset: "fast" });
  assertEquals(low.ok && differing(take.plan, low.value), ["low-006"]);
  const seed = await retake(take.plan, "low-006", { seed: "3" });
  assertEquals(seed.ok || seed.problem[0]?.fields?.map(({ path }) => path), ["seed"]);
});
