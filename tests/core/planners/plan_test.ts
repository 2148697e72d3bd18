/** From a request to a plan: what is refused, what is chosen, and that equal wishes give equal plans. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { z } from "zod";
import { Plan } from "@/core/plan.ts";
import type { FieldNote } from "@/core/problem.ts";
import { planJob } from "@/core/planners/mod.ts";
import { type JobRequestInput, readJobRequest } from "@/core/request.ts";
import { chunks, differing, type Files, IDS, makeContext, MOVE, planned, request, SPEECH } from "./wish.ts";

function refused(input: unknown): FieldNote[] {
  const read = readJobRequest(input);
  return read.ok ? [] : read.problem.flatMap((problem) => problem.fields ?? []);
}

async function planFields(input: JobRequestInput, files: Files = {}): Promise<string[]> {
  const result = planJob(request(input), await makeContext(files));
  return result.ok
    ? []
    : result.problem.flatMap((problem) => problem.fields ?? []).map((field) => field.path);
}

Deno.test("[AX10] animate requires a picture, a driving clip and a submode", () => {
  const paths = refused({ mode: "animate", prompt: "x", assets: {} }).map((field) => field.path);
  assertEquals(paths, ["assets.groundTruth", "submode", "assets.motionVideo"]);
  assertEquals(refused({ mode: "animate", prompt: "x" }).length, 3);
  assertEquals(refused({ ...MOVE, submode: "swap" }).map((field) => field.path), ["submode"]);
  assertEquals(refused(MOVE), []);
  assertEquals(refused({ ...MOVE, submode: "mix" }), []);
});

Deno.test("[AX11] audio requires a picture and a recording, and refuses a submode", () => {
  const paths = refused({ mode: "audio", submode: "move", prompt: "x", assets: {} }).map((field) =>
    field.path
  );
  assertEquals(paths, ["assets.groundTruth", "submode", "assets.audio"]);
  assertEquals(refused(SPEECH), []);
});

Deno.test("[AX12] a missing ground-truth picture is named in both modes", () => {
  for (const wish of [MOVE, SPEECH]) {
    const { groundTruth: _, ...assets } = wish.assets ?? {};
    assertEquals(refused({ ...wish, assets }), [
      { path: "assets.groundTruth", message: "Add a picture of your character." },
    ]);
  }
});

Deno.test("[AX13] a blank prompt is refused unless the template says that it may be", async () => {
  for (const prompt of ["", "  \n\t ", "\u0000\u0007"]) {
    assertEquals(await planFields({ ...MOVE, prompt }), ["prompt"]);
  }
  const context = await makeContext();
  context.templates = context.templates.map((template) => ({
    ...template,
    manifest: { ...template.manifest, promptOptional: true },
  }));
  assert(planJob(request({ ...MOVE, prompt: "" }), context).ok);
});

Deno.test("unknown fields, wrong types and values out of range are named by their paths", () => {
  const fields = refused({
    ...MOVE,
    colour: "red",
    prompt: "x".repeat(8001),
    assets: { ...MOVE.assets, groundTruth: "mine", audio: IDS.voice },
    settings: { width: 1.5, frameRate: 61, seed: "18446744073709551616", seconds: 0, fps: 3 },
  });
  const paths = fields.map((field) => field.path).sort();
  assertEquals(paths, [
    "assets.groundTruth",
    "colour",
    "prompt",
    "settings.fps",
    "settings.frameRate",
    "settings.seconds",
    "settings.seed",
    "settings.width",
  ]);
  assertEquals(refused({ ...MOVE, settings: { frameRate: 25 } }).map((field) => field.path), [
    "settings.frameRate",
  ]);
  assertEquals(refused({ ...MOVE, settings: { seconds: 3, frames: 9 } }).map((field) => field.path), [
    "settings.frames",
  ]);
});

Deno.test("prompts lose control characters and keep everything else", () => {
  const { prompt } = request({ ...MOVE, prompt: ' a\u0000b\r\nc\u2028 "quotes" 日本 🎬 ' });
  assertEquals(prompt, 'ab\nc "quotes" 日本 🎬');
});

Deno.test("[AX16] a file of the wrong kind, or one that is not the person's, is refused at its field", async () => {
  const wrong = { groundTruth: IDS.voice, motionVideo: IDS.picture, references: [IDS.sheet, IDS.clip] };
  assertEquals(await planFields({ ...MOVE, assets: wrong }), [
    "assets.groundTruth",
    "assets.motionVideo",
    "assets.references.1",
  ]);
  const foreign = "0190b6f0-0000-7000-8000-0000000000ff";
  assertEquals(await planFields({ ...MOVE, assets: { ...MOVE.assets, groundTruth: foreign } }), [
    "assets.groundTruth",
  ]);
});

Deno.test("[AX14] references up to the configured number and one pose sheet are optional in both modes", async () => {
  for (const wish of [MOVE, SPEECH]) {
    const references = Array.from({ length: 8 }, () => IDS.sheet);
    const { plan } = await planned({ ...wish, assets: { ...wish.assets, references, poseSheet: IDS.sheet } });
    assertEquals(plan.inputs.filter((input) => input.role === "reference").length, 8);
    const more = { ...wish.assets, references: [...references, IDS.sheet] };
    assertEquals(await planFields({ ...wish, assets: more }), ["assets.references"]);
    assertEquals(refused({ ...wish, assets: { ...wish.assets, poseSheet: [IDS.sheet] } }).length, 1);
  }
});

Deno.test("[AX15] a pose sheet is recorded as soft guidance and reaches no prompt", async () => {
  for (const wish of [MOVE, SPEECH]) {
    const plain = await planned(wish);
    const { plan } = await planned({ ...wish, assets: { ...wish.assets, poseSheet: IDS.sheet } });
    assertEquals(plan.inputs.at(-1), {
      role: "soft_guidance",
      sha256: "d".repeat(64),
      ext: "png",
      used: false,
    });
    assertEquals(differing(plain.plan, plan), ["join"]);
    for (const step of chunks(plan)) assert(!JSON.stringify(step).includes("d".repeat(64)));
    assertEquals(readMetadata(plan).unused, ["soft_guidance"]);
  }
});

Deno.test("[AX47] the metadata says of every file whether the result was made from it, and so does the template beforehand", async () => {
  const { plan } = await planned({ ...MOVE, assets: { ...MOVE.assets, references: [IDS.sheet] } });
  assertEquals(readMetadata(plan), { used: ["ground_truth", "motion_video"], unused: ["reference"] });
  assertEquals(plan.inputs.map(({ used }) => used), [true, true, false]);
  for (const { manifest } of (await makeContext()).templates) {
    const optional = Object.values(manifest.inputs).filter((input) =>
      input.role === "asset" && !input.required
    );
    if (manifest.mode !== "animate" && manifest.mode !== "audio") {
      for (const input of optional) assertEquals(input.effect === null, input.bind.length === 0);
    } else assertEquals(optional.map((input) => input.effect), [null, null]);
  }
});

/** Roles that the join step writes into the film's metadata. */
function readMetadata(plan: Plan): { used: string[]; unused: string[] } {
  const join = plan.steps.at(-1);
  const values = join?.kind === "local" ? join.values : {};
  const roles = (text: unknown) =>
    z.array(z.object({ role: z.string(), sha256: z.string() })).parse(JSON.parse(String(text))).map((
      { role },
    ) => role);
  return { used: roles(values.used), unused: roles(values.unused) };
}

Deno.test("[AX17] each mode takes its own model's template and never another's", async () => {
  const model = (id: string) =>
    id.includes("Animate-14B") ? "animate" : id.includes("s2v_14B") ? "s2v" : "none";
  for (
    const [wish, expected] of [[MOVE, "animate"], [{ ...MOVE, submode: "mix" as const }, "animate"], [
      SPEECH,
      "s2v",
    ]] as const
  ) {
    const { plan, template } = await planned(wish);
    for (const step of chunks(plan)) {
      assertEquals(model(step.family), expected);
      assertEquals(step.template, { id: template.name, version: template.version });
    }
  }
  const context = await makeContext();
  context.templates = context.templates.filter(({ manifest }) => manifest.mode !== "audio");
  const result = planJob(request(SPEECH), context);
  assertEquals(!result.ok && result.problem.map((problem) => problem.code), ["template.unknown"]);
});

Deno.test("[AX18] first and last frame are no inputs of these modes, neither of requests nor of templates", async () => {
  for (const wish of [MOVE, SPEECH]) {
    for (const field of ["firstFrame", "lastFrame", "startImage", "endImage", "image", "lastImage"]) {
      const fields = refused({ ...wish, assets: { ...wish.assets, [field]: IDS.picture } });
      assertEquals(fields.map(({ path }) => path), [`assets.${field}`]);
    }
  }
  for (const { manifest } of (await makeContext()).templates) {
    if (manifest.mode !== "animate" && manifest.mode !== "audio") continue;
    const pictures = Object.entries(manifest.inputs).filter(([, input]) => /^images?$/.test(input.kind));
    const asked = pictures.filter(([, input]) => input.role === "asset").map(([name]) => name);
    assertEquals(asked, ["character", "references", "poseSheet"]);
  }
});

Deno.test("[AX22] a placeholder template is refused for a real server with its own words, and drafts are made of it", async () => {
  const context = await makeContext();
  context.autoEngine = "comfy";
  context.templates = context.templates.map((template) => ({
    ...template,
    manifest: { ...template.manifest, state: "pending" as const },
  }));
  const result = planJob(request(MOVE), context);
  assertEquals(!result.ok && result.problem.map((problem) => problem.code), ["template.pending"]);
  const draft = planJob(request({ ...MOVE, settings: { engine: "draft" } }), context);
  assertEquals(draft.ok && draft.value.plan.engine, "draft");
});

Deno.test("[AX46] negative prompt, size, length, frame rate, seed and preset reach the graph's values", async () => {
  const settings = {
    width: 720,
    height: 480,
    seconds: 2,
    frameRate: 24 as const,
    seed: "0",
    preset: "quality",
  };
  const { plan } = await planned({ ...MOVE, negativePrompt: "blurry", settings });
  const [chunk] = chunks(plan);
  const { negativePrompt, width, height, rate, seed } = chunk?.values ?? {};
  assertEquals({ negativePrompt, width, height, rate, seed }, {
    negativePrompt: "blurry",
    width: 720,
    height: 480,
    rate: 24,
    seed: "0",
  });
  assertEquals(chunk?.preset, "quality");
  assertEquals(plan.film, { frames: 48, rate: { num: 24, den: 1 }, width: 720, height: 480 });
  const speech = await planned({
    ...SPEECH,
    negativePrompt: "blurry",
    settings: { frames: 33, seed: "9", width: 720, height: 480 },
  });
  const [first] = chunks(speech.plan);
  assertEquals([first?.values.negativePrompt, first?.values.seed, first?.values.width], ["blurry", "9", 720]);
  assertEquals(speech.plan.film?.frames, 33);
});

Deno.test("the frame rate is the template's, the clip's own, 24 or 30", async () => {
  const rates = [["template", 16, 1], ["source", 30000, 1001], [24, 24, 1], [30, 30, 1]] as const;
  for (const [frameRate, num, den] of rates) {
    const files = { clipS: 4, clipRate: { num: 30000, den: 1001 } };
    const { plan } = await planned({ ...MOVE, settings: { frameRate } }, files);
    assertEquals(plan.film?.rate, { num, den });
    assertEquals(plan.film?.frames, Math.round(4 * num / den));
  }
  const own = { ...MOVE, settings: { frameRate: "source" as const } };
  assertEquals(await planFields(own, { clipRate: null }), ["settings.frameRate"]);
  assertEquals(await planFields(own, { clipRate: { num: 240, den: 1 } }), ["settings.frameRate"]);
  assertEquals(refused({ ...SPEECH, settings: { frameRate: 24 } }).map((field) => field.path), [
    "settings.frameRate",
  ]);
});

Deno.test("sizes follow the picture's shape, and wishes are snapped with both sizes told", async () => {
  const tall = await planned(MOVE, { pictureSize: [1000, 1500] });
  assertEquals([tall.plan.film?.width, tall.plan.film?.height], [528, 784]);
  assertEquals(tall.plan.notes, []);
  const wished = await planned({ ...MOVE, settings: { width: 700, height: 100 } });
  assertEquals([wished.plan.film?.width, wished.plan.film?.height], [704, 320]);
  assertEquals(wished.size.asked, { width: 700, height: 100 });
  assert(wished.plan.notes?.[0]?.includes("700 × 100") && wished.plan.notes[0].includes("704 × 320"));
  const half = await planned({ ...MOVE, settings: { width: 640 } }, { pictureSize: [1000, 500] });
  assertEquals([half.plan.film?.width, half.plan.film?.height], [640, 320]);
});

Deno.test("the original sound goes under the film, where there is one", async () => {
  const sound = (plan: Plan) => {
    const join = plan.steps.at(-1);
    return join?.kind === "local" ? join.values.sound : null;
  };
  const file = (digit: string, ext: string) => ({
    file: { from: "asset" as const, sha256: digit.repeat(64), ext },
  });
  assertEquals(sound((await planned(MOVE)).plan), file("b", "mp4"));
  assertEquals(sound((await planned(SPEECH)).plan), file("c", "mp3"));
  const silent = await planned(MOVE, { clipSound: false });
  assertEquals(sound(silent.plan), undefined);
  assertEquals(silent.plan.notes?.length, 1);
});

Deno.test("films over the studio's limit are refused as too long", async () => {
  for (const [wish, files] of [[MOVE, { clipS: 1801 }], [SPEECH, { voiceS: 1801 }]] as const) {
    const result = planJob(request(wish), await makeContext(files));
    assertEquals(!result.ok && result.problem.map((problem) => problem.code), ["job.too_long"]);
    const shorter = { ...wish, settings: { seconds: 3 } };
    assert(planJob(request(shorter), await makeContext(files)).ok);
  }
  for (const wish of [MOVE, SPEECH]) {
    for (
      const [settings, path] of [[{ frames: 999_999 }, "frames"], [{ seconds: 86_400 }, "seconds"]] as const
    ) {
      const result = planJob(request({ ...wish, settings }), await makeContext({}));
      assertEquals(!result.ok && result.problem.map(({ code, fields }) => [code, fields?.[0]?.path]), [
        ["job.too_long", `settings.${path}`],
      ], "absurd, though the clip is short");
    }
    assert(planJob(request({ ...wish, settings: { frames: 28_800 } }), await makeContext({})).ok);
  }
});

Deno.test("films of more steps than a plan may have are refused with a sentence, before anything is planned", async () => {
  const quick = await makeContext({ clipS: 1800, clipRate: { num: 60, den: 1 } });
  const long = await makeContext({ voiceS: 9996 });
  long.limits.filmSecondsMax = 20_000;
  const wishes = [
    [{ ...MOVE, settings: { frameRate: "source" as const, preset: "fast" } }, quick, 3002],
    [SPEECH, long, 2002],
  ] as const;
  for (const [wish, context, steps] of wishes) {
    const result = planJob(request(wish), context);
    assert(!result.ok);
    const [refused] = result.problem;
    assertEquals([refused?.code, refused?.detail], ["job.too_long", { steps, stepsMax: 2000 }]);
    const message =
      `This film would take ${steps} steps, and one film may take 2000. Make it shorter, or choose a lower frame rate.`;
    assertEquals(refused?.fields, [{ path: "settings.seconds", message }]);
  }
  const fits = planJob(request({ ...MOVE, settings: { frameRate: 30, preset: "fast" } }), quick);
  assert(fits.ok && fits.value.plan.steps.length <= 2000);
});

Deno.test("a sketch has the sums of the plan, and binds the graph once for each variant", async () => {
  for (const wish of [MOVE, SPEECH]) {
    const context = await makeContext({ clipS: 30, voiceS: 30 });
    const [plan, sketch] = [context, { ...context, sketch: new Map() }].map((given) => {
      const made = planJob(request(wish), given);
      assert(made.ok);
      return made.value.plan;
    });
    const sums = (of: Plan | undefined) => ({
      ...of,
      steps: of?.steps.map((step) => ({ ...step, form: "" })),
    });
    assertEquals(sums(sketch), sums(plan));
    const forms = sketch?.steps.flatMap((step) => step.kind === "prompt" ? [step.form] : []) ?? [];
    assert(forms.length > 3);
    assertEquals(new Set(forms).size, 2);
  }
});

Deno.test("a plan fits its schema and is the same for the same wish", async () => {
  for (const wish of [MOVE, SPEECH]) {
    const { plan } = await planned(wish, { clipS: 30, voiceS: 30 });
    assertEquals(Plan.parse(JSON.parse(JSON.stringify(plan))), plan);
    assertEquals((await planned(wish, { clipS: 30, voiceS: 30 })).plan, plan);
    assertEquals(new Set(plan.steps.map((step) => step.form)).size, plan.steps.length);
  }
});

Deno.test("each change reaches exactly the forms that it should", async () => {
  const { plan } = await planned(MOVE);
  const parts = chunks(plan).map((step) => step.id);
  assertEquals(parts, ["chunk-001", "chunk-002", "chunk-003"]);
  const change = async (wish: Partial<JobRequestInput>, files: Files = {}) =>
    differing(plan, (await planned({ ...MOVE, ...wish }, files)).plan);
  assertEquals(await change({}), []);
  assertEquals(await change({ prompt: "She walks" }), parts);
  assertEquals(await change({ negativePrompt: "blurry" }), parts);
  assertEquals(await change({ settings: { seed: "43" } }), parts);
  assertEquals(await change({ settings: { seed: "42" } }), []);
  assertEquals(await change({ settings: { preset: "fast" } }), [...parts, "join"]);
  assertEquals(await change({ settings: { width: 656, height: 640 } }), [...parts, "join"]);
  assertEquals(await change({ title: "Rain" }), ["join"]);
  assertEquals(await change({ submode: "mix" }), [...parts, "join"]);
  // One frame less: the clip is normalised to fewer frames, only the last window is cut elsewhere.
  assertEquals(await change({ settings: { frames: 159 } }), ["prepare-clip", "window-003", "join"]);
  assertEquals(await change({}, { clipSound: false }), ["join"]);
});

Deno.test("what takes longer weighs more and may take longer, within the bounds", async () => {
  const fast = chunks((await planned({ ...MOVE, settings: { preset: "fast" } })).plan)[0];
  const quality = chunks((await planned({ ...MOVE, settings: { preset: "quality" } })).plan)[0];
  assert(fast && quality);
  assert(quality.weight > 4 * fast.weight, "20 steps with guidance against 4 without");
  assert(quality.timeLimitS > fast.timeLimitS && quality.timeLimitS <= 3600);
  const large = { ...MOVE, settings: { preset: "quality", width: 1280, height: 1280 } };
  assertEquals(chunks((await planned(large)).plan)[0]?.timeLimitS, 3600);
});
