/** Long takes: the sums of the source's worked examples, who needs whom, and what reaches the graphs. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { digestOf } from "@/core/canonical.ts";
import { type LocalStep, type Plan, planFaults, type PromptStep } from "@/core/plan.ts";
import { changeStep, cutTake, cutWords, planJob, type PlannedJob, takeEnds } from "@/core/planners/mod.ts";
import { countTakeParts, directParts, takeParts } from "@/core/planners/long_take_parts.ts";
import { parsePromptFile } from "@/core/prompt_file.ts";
import { type JobRequestInput, readJobRequest } from "@/core/request.ts";
import { formOf } from "@/core/workflow/mod.ts";
import { hash, readTemplate } from "@/tests/workflows/shelf.ts";
import { IDS, makeContext } from "./wish.ts";

const RATE = { num: 16, den: 1 };

async function tryTake(wish: Partial<JobRequestInput> = {}) {
  const request = readJobRequest({
    mode: "take",
    prompt: "A slow walk along a foggy harbour",
    settings: { frames: 250, seed: "42" },
    ...wish,
  });
  return request.ok ? planJob(request.value, await makeContext()) : request;
}

async function planned(wish: Partial<JobRequestInput> = {}): Promise<PlannedJob> {
  const made = await tryTake(wish);
  assert(made.ok, JSON.stringify(made));
  return made.value;
}

function prompts(plan: Plan): PromptStep[] {
  return plan.steps.filter((step): step is PromptStep => step.kind === "prompt");
}

function locals(plan: Plan, op: string): LocalStep[] {
  return plan.steps.filter((step): step is LocalStep => step.kind === "local" && step.op === op);
}

Deno.test("[PR8] a take has as many pairs as pieces, 100 frames each unless the job says otherwise", async () => {
  const cases: [number, number, number][] = [[250, 100, 3], [500, 100, 5], [100, 100, 1], [101, 100, 2], [
    500,
    41,
    13,
  ]];
  for (const [total, chunk, pairs] of cases) {
    assertEquals(countTakeParts(total, { chunk, overlap: 0 }), pairs);
  }
  assertEquals(prompts((await planned()).plan).length, 6);
  assertEquals(prompts((await planned({ take: { chunk: 41 } })).plan).length, 14);
});

Deno.test("[PR9] odd passes are high, even ones low, numbered without gaps", async () => {
  const { plan } = await planned();
  assertEquals(prompts(plan).map(({ id, variant }) => [id, variant]), [
    ["high-001", "first_pass"],
    ["low-002", "second_pass"],
    ["high-003", "first_pass"],
    ["low-004", "second_pass"],
    ["high-005", "first_pass"],
    ["low-006", "second_pass"],
  ]);
});

Deno.test("[PR10] pieces follow one another, the last has the rest, and together they have every frame", () => {
  assertEquals(takeParts(250, { chunk: 100, overlap: 0 }).map(({ start, frames }) => [start, frames]), [
    [0, 100],
    [100, 100],
    [200, 50],
  ]);
  for (let total = 1; total < 400; total += 7) {
    for (const chunk of [1, 9, 10, 11, 41, 100, 161]) {
      const parts = takeParts(total, { chunk, overlap: 0 });
      assertEquals(parts.reduce((sum, { frames }) => sum + frames, 0), total);
      assertEquals(parts.map(({ start }) => start), parts.map((_, p) => p * chunk));
    }
  }
});

Deno.test("[PR11] what fits into one piece is one pair and one join", async () => {
  for (const frames of [1, 9, 10, 11, 99, 100]) {
    const { plan } = await planned({ settings: { frames } });
    assertEquals(prompts(plan).map(({ id }) => id), ["high-001", "low-002"]);
    assertEquals(locals(plan, "join_take").length, 1);
  }
});

Deno.test("[PR12] with an overlap pieces begin earlier and still cover every frame once", () => {
  assertEquals(
    takeParts(250, { chunk: 100, overlap: 10 }).map(({ start, frames, repeats }) => [start, frames, repeats]),
    [[0, 100, 0], [90, 100, 10], [180, 70, 10]],
  );
  for (let total = 1; total < 400; total += 3) {
    for (const overlap of [0, 1, 5, 10, 40]) {
      const seen = new Map<number, number>();
      for (const { start, frames, repeats } of takeParts(total, { chunk: 41, overlap })) {
        assert(frames > repeats || start === 0, `${total} ${overlap}`);
        for (let at = start + repeats; at < start + frames; at++) seen.set(at, (seen.get(at) ?? 0) + 1);
      }
      assertEquals([seen.size, Math.max(...seen.values()), Math.max(...seen.keys())], [total, 1, total - 1]);
    }
  }
});

Deno.test("[PR13] the reference stands ten frames before the end, or at the beginning of a short piece", () => {
  const reference = (frames: number) => takeParts(frames, { chunk: 1000, overlap: 0 })[0]?.reference;
  assertEquals([1, 9, 10, 11, 50, 100, 101].map(reference), [0, 0, 0, 1, 40, 90, 91]);
  assertEquals(takeParts(250, { chunk: 100, overlap: 0 }).map(({ reference }) => reference), [90, 90, 40]);
});

Deno.test("[PR14] [PR47] the first pair has no reference, every other the one of the low pass before it", async () => {
  const { plan } = await planned();
  assertEquals(prompts(plan).map(({ values }) => values.image), [
    undefined,
    undefined,
    { file: { from: "step", step: "piece-002", role: "reference" } },
    { file: { from: "step", step: "piece-002", role: "reference" } },
    { file: { from: "step", step: "piece-004", role: "reference" } },
    { file: { from: "step", step: "piece-004", role: "reference" } },
  ]);
  const [look] = locals(plan, "look_at_piece");
  assertEquals([look?.values.clip, look?.values.reference], [
    { file: { from: "step", step: "low-002", role: "clip" } },
    90,
  ]);
  const template = await readTemplate("long_take/vace_core");
  const { definitions } = await makeContext();
  const graphs = prompts(plan).map((step) => {
    const bound = formOf({ ...step, template, definitions, hash });
    assert(bound.ok);
    return Object.values(bound.value.canonical);
  });
  const led = graphs.map((nodes) => nodes.some(({ inputs }) => inputs.reference_image !== undefined));
  assertEquals(led, [false, false, true, true, true, true]);
});

Deno.test("[PR21] [PR22] a low pass needs its own high pass, a later high pass the piece before it", async () => {
  const { plan } = await planned();
  assertEquals(plan.steps.map(({ id, needs }) => [id, needs]), [
    ["high-001", []],
    ["low-002", ["high-001"]],
    ["piece-002", ["low-002"]],
    ["high-003", ["piece-002"]],
    ["low-004", ["piece-002", "high-003"]],
    ["piece-004", ["low-004"]],
    ["high-005", ["piece-004"]],
    ["low-006", ["piece-004", "high-005"]],
    ["piece-006", ["low-006"]],
    ["join", ["low-002", "low-004", "low-006", "piece-002", "piece-004", "piece-006"]],
  ]);
  const lows = prompts(plan).filter(({ id }) => id.startsWith("low-"));
  assertEquals(
    lows.map(({ values }) => values.latent),
    ["high-001", "high-003", "high-005"].map((step) => (
      { file: { from: "step" as const, step, role: "latent" } }
    )),
  );
});

Deno.test("the two passes load different models: each is a family of its own", async () => {
  const [high, low] = prompts((await planned()).plan);
  assert(high?.family.includes("high_noise") && !high.family.includes("low_noise"));
  assert(low?.family.includes("low_noise") && !low.family.includes("high_noise"));
  const own = prompts(
    (await planned({ settings: { frames: 50, options: { highModel: "mine.gguf" } } })).plan,
  );
  assert(own[0]?.family.includes("mine.gguf") && !own[1]?.family.includes("mine.gguf"));
});

Deno.test("[PR45] the same prompt file and seed give the same plan and the same hashes", async () => {
  const digest = async (wish?: Partial<JobRequestInput>) => digestOf((await planned(wish)).plan, hash);
  assertEquals(await digest(), await digest());
  const other = await planned({ settings: { frames: 250, seed: "43" } });
  assert(prompts(other.plan)[0]?.form !== prompts((await planned()).plan)[0]?.form);
});

Deno.test("directions change single pieces, and those begin with colours of their own", async () => {
  const text = "A harbour\n[chunk 2] rain begins\n[0:12-0:15 same look] the rain ends";
  const { plan } = await planned({ prompt: text });
  assertEquals(prompts(plan).map(({ values }) => values.prompt), [
    "A harbour",
    "A harbour",
    "A harbour\nrain begins",
    "A harbour\nrain begins",
    "A harbour\nthe rain ends",
    "A harbour\nthe rain ends",
  ]);
  assertEquals(JSON.parse(String(plan.steps.at(-1)?.values.cuts)), [[0, 100, 1], [0, 100, 2], [0, 50, 2]]);
});

Deno.test("directions beyond the take, or twice for one piece, are refused", async () => {
  for (
    const line of ["[chunk 4] x", "[0:16-0:20] x", "[chunk 2] x\n[chunk 2] y", "[chunk two] x", "[chunk 2]"]
  ) {
    const made = await tryTake({ prompt: `A harbour\n${line}` });
    assert(!made.ok, line);
    assertEquals(made.problem[0]?.fields?.map(({ path }) => path), ["prompt"]);
  }
  const parts = takeParts(250, { chunk: 100, overlap: 0 });
  const file = parsePromptFile("a\n\n250\n\nx\n[0:07-0:08] y", { framesMax: 250 });
  assert(file.ok);
  // No middle of a piece lies in it: the piece in which it begins.
  const { directed } = directParts(parts, { directions: file.value.directions, rate: RATE });
  assertEquals(directed.map(({ text }) => text), [null, "y", null]);
});

Deno.test("an overlap as long as a piece, no length, and too many steps are refused with the figure", async () => {
  const paths = async (wish: Partial<JobRequestInput>) => {
    const made = await tryTake(wish);
    return made.ok
      ? []
      : made.problem.flatMap(({ code, fields }) => [code, ...(fields ?? []).map(({ path }) => path)]);
  };
  assertEquals(await paths({ take: { chunk: 50, overlap: 50 } }), ["request.invalid", "take.overlap"]);
  assertEquals(await paths({ settings: {} }), ["request.invalid", "settings.frames"]);
  assertEquals(await paths({ prompt: "" }), ["request.invalid", "prompt"]);
  const many = await tryTake({ settings: { frames: 6670 }, take: { chunk: 10 } });
  assert(!many.ok);
  assertEquals([many.problem[0]?.code, many.problem[0]?.detail?.steps], ["job.too_long", 2002]);
});

Deno.test("a driving clip is made even once, and each piece sees its own window", async () => {
  const { plan } = await planned({ assets: { video: IDS.clip }, settings: { frames: 150 } });
  assertEquals(planFaults(plan), []);
  assertEquals(locals(plan, "cut_window").map(({ values }) => [values.start, values.frames]), [[0, 100], [
    100,
    50,
  ]]);
  assertEquals(prompts(plan)[2]?.values.video, {
    file: { from: "step", step: "window-002", role: "window" },
  });
  assert(plan.steps.at(-1)?.values.sound);
});

Deno.test("the model renders as many frames as its rule allows, and the piece is cut to its own length", async () => {
  const { plan } = await planned();
  assertEquals(prompts(plan).map(({ values }) => values.frames), [101, 101, 101, 101, 53, 53]);
  assertEquals(locals(plan, "look_at_piece").map(({ values }) => values.frames), [100, 100, 50]);
});

Deno.test("forms that are filled in are those of the bound graphs", async () => {
  const { plan } = await planned({
    prompt: "A harbour\n[chunk 2] rain begins",
    assets: { video: IDS.clip, image: IDS.picture },
  });
  const template = await readTemplate("long_take/vace_core");
  const { definitions } = await makeContext();
  for (const step of prompts(plan)) {
    const bound = formOf({ ...step, template, definitions, hash });
    assert(bound.ok);
    assertEquals([step.id, step.form, step.family], [step.id, bound.value.form, bound.value.family]);
  }
  assertEquals(new Set(prompts(plan).map(({ form }) => form)).size, 6);
});

Deno.test("with a look at each first pass, high passes decode one and wait for a person", async () => {
  const { plan } = await planned({ settings: { frames: 150, stopAfterFirstPass: true } });
  assertEquals(prompts(plan).map(({ variant, gate }) => [variant, gate]), [
    ["first_look", true],
    ["second_pass", undefined],
    ["first_look", true],
    ["second_pass", undefined],
  ]);
});

Deno.test("a take that is cut keeps its pieces as they were retaken, and only its join is another", async () => {
  const words = "A harbour\n[chunk 2] rain begins\n[0:12-0:16] night falls";
  const whole = await planned({ prompt: words, take: { chunk: 100 }, settings: { frames: 300, seed: "42" } });
  const context = await makeContext();
  const changes = { prompt: "A boat", seed: "7" };
  const retaken = changeStep(whole.plan, { step: "high-003", changes, context });
  assert(retaken.ok);
  assertEquals(takeEnds(retaken.value).map(({ frames }) => frames), [100, 200, 300]);
  const rule = { chunk: 100, overlap: 0 };
  const cutAfter = (after: number) => cutWords(words, { after, total: 300, rate: RATE, rule });
  // The direction by time begins in the second piece, but is one for the third.
  const shorter = "A harbour\n[chunk 2] rain begins";
  assertEquals([cutAfter(1), cutAfter(2), cutAfter(3)], ["A harbour", shorter, words]);
  const next = await planned({ prompt: shorter, settings: { frames: 200, seed: "9" } });
  const cut = cutTake(retaken.value, next.plan, hash);
  assertEquals(planFaults(cut), []);
  const before = new Map(retaken.value.steps.map((step) => [step.id, step.form]));
  assertEquals(cut.steps.filter(({ id, form }) => form !== before.get(id)).map(({ id }) => id), ["join"]);
  assertEquals(cut.steps.map(({ title }) => title).filter((title) => title.startsWith("Part ")), [
    "Part 1 of 2, first pass",
    "Part 1 of 2, second pass",
    "Part 2 of 2, first pass",
    "Part 2 of 2, second pass",
  ]);
  assertEquals(cut.film?.frames, 200);
  assertEquals(locals(cut, "join_take")[0]?.values.cuts, "[[0,100,1],[0,100,2]]");
});
