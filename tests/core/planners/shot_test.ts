/** The frame rules of shots: what a model can make of a wish. */
import { planJob } from "@/core/planners/mod.ts";
import { snapFrames } from "@/core/planners/shot.ts";
import { type JobRequestInput, readJobRequest } from "@/core/request.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { chunks, IDS, makeContext, planned } from "./wish.ts";

Deno.test("[LX5] frames snap to 8n + 1 from 9 on and to 4n + 1 from 5 on, upwards or to the nearest", () => {
  const up = [1, 9, 10, 72, 73, 75, 121].map((frames) => snapFrames(frames, "8n+1", "up"));
  assertEquals(up, [9, 9, 17, 73, 73, 81, 121]);
  const nearest = [1, 10, 12, 14, 76, 77, 78].map((frames) => snapFrames(frames, "8n+1", "nearest"));
  assertEquals(nearest, [9, 9, 9, 17, 73, 81, 81]);
  assertEquals([1, 6, 81, 82].map((frames) => snapFrames(frames, "4n+1", "up")), [5, 9, 81, 85]);
  assertEquals([1, 16].map((frames) => snapFrames(frames, "any", "nearest")), [1, 16]);
});

Deno.test("a still is one prompt and its finish, without a film; what only films have is noted", async () => {
  const wish: JobRequestInput = { mode: "anime", submode: "still", prompt: "A fox" };
  const bare = (await planned(wish)).plan;
  assertEquals(bare.steps.map(({ kind, phase }) => [kind, phase]), [["prompt", "render"], [
    "local",
    "finish",
  ]]);
  assertEquals([bare.film, bare.picture, bare.notes], [null, { width: 832, height: 1216 }, []]);
  const { step, main } = bare.result;
  assertEquals([step, main], ["finish", "image"]);
  const asked = await planned({ ...wish, settings: { frames: 40, frameRate: 24, width: 700, height: 700 } });
  assertEquals(asked.plan.picture, { width: 704, height: 704 });
  assertEquals(asked.plan.notes?.length, 2);
  assert(asked.plan.notes?.[0]?.includes("the picture will be 704 × 704"));
  const posed = await planned({ ...wish, assets: { poseSheet: IDS.sheet } });
  assertEquals(posed.plan.inputs.map(({ role, used }) => [role, used]), [["soft_guidance", true]]);
});

Deno.test("a still with a reference needs the picture, and a loop always has its 16 frames", async () => {
  const context = await makeContext();
  const request = readJobRequest({ mode: "anime", submode: "still_reference", prompt: "A fox" });
  assert(request.ok);
  const refused = planJob(request.value, context);
  assert(!refused.ok);
  assertEquals(refused.problem[0]?.fields?.map(({ path }) => path), ["assets.image"]);
  const { plan } = await planned({
    mode: "anime",
    submode: "loop",
    prompt: "A fox",
    settings: { seconds: 5 },
  });
  assertEquals(plan.film, { frames: 16, rate: { num: 8, den: 1 }, width: 512, height: 512 });
  assertEquals(plan.notes, ["This model always makes 16 frames."]);
  const join = plan.steps.find(({ id }) => id === "join");
  assertEquals(join?.values.loops, true);
});

Deno.test("[TA28] a film of 120 frames and more is taken as one shot", async () => {
  for (const [mode, submode, frames] of [["wan", "t2v", 121], ["ltx", "t2v", 241]] as const) {
    const job = await planned({ mode, submode, prompt: "A tram", settings: { frames } });
    assert(job.plan.film && job.plan.film.frames >= 120, `${mode}: ${job.plan.film?.frames}`);
    assertEquals(chunks(job.plan).length, 1);
  }
});

Deno.test("a model of two passes is one step, or two of which the first waits for a person", async () => {
  for (const submode of ["t2v", "i2v"]) {
    const wish: JobRequestInput = {
      mode: "wan",
      submode,
      prompt: "A fox",
      assets: submode === "i2v" ? { image: IDS.picture } : {},
    };
    const one = (await planned(wish)).plan;
    assertEquals(one.steps.map(({ id, gate }) => [id, gate]), [["shot", undefined], ["join", undefined]]);
    const two = (await planned({ ...wish, settings: { stopAfterFirstPass: true } })).plan;
    assertEquals(two.steps.map(({ id, needs, gate }) => [id, needs, gate]), [
      ["shot-first", [], true],
      ["shot", ["shot-first"], undefined],
      ["join", ["shot"], undefined],
    ]);
    const weight = (plan: typeof one) => plan.steps.reduce((sum, step) => sum + step.weight, 0);
    assertEquals(Math.abs(weight(two) - weight(one)) <= 1, true);
    assertEquals(two.film, one.film);
    const [first, second] = chunks(two);
    assert(first && second && first.family !== second.family, "each pass loads its own model alone");
  }
});

Deno.test("a model of one pass cannot stop after its first", async () => {
  const request = readJobRequest({
    mode: "ltx",
    submode: "t2v",
    prompt: "A fox",
    settings: { stopAfterFirstPass: true },
  });
  assert(request.ok);
  const refused = planJob(request.value, await makeContext());
  assert(!refused.ok);
  assertEquals(refused.problem[0]?.fields?.map(({ path }) => path), ["settings.stopAfterFirstPass"]);
});
