/** The plan of finishing steps: their order, and what the film is afterwards. */
import { planFinishing } from "@/core/planners/finishing.ts";
import { planJob } from "@/core/planners/mod.ts";
import { planFaults } from "@/core/plan.ts";
import type { JobRequestInput } from "@/core/request.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { differing, makeContext, MOVE, planned, request, SPEECH } from "./wish.ts";

type Finish = NonNullable<NonNullable<JobRequestInput["settings"]>["finish"]>;

const SHOT: JobRequestInput = { mode: "wan", submode: "t2v", prompt: "A fox" };
const SIZED = { width: 832, height: 480, seconds: 5 };

function wish(finish: Finish, base: JobRequestInput = SHOT): JobRequestInput {
  return { ...base, settings: { ...SIZED, ...base.settings, finish } };
}

async function refusal(finish: Finish) {
  const refused = planJob(request(wish(finish)), await makeContext());
  assert(!refused.ok);
  return refused.problem.flatMap(({ fields }) => fields ?? []).map(({ path }) => path);
}

Deno.test("without a wish a film ends with its join", async () => {
  const plain = (await planned(wish({}))).plan;
  assertEquals([plain.steps.at(-1)?.id, plain.result.step], ["join", "join"]);
  assertEquals(differing(plain, (await planned(wish({ loudness: false }))).plan), []);
});

Deno.test("finishing goes trim, frames, size, loudness, whatever the order of the wish, and the film is as it will be", async () => {
  const { plan } = await planned(
    wish({ loudness: true, upscale: 2, interpolate: 4, trim: { start: 1, end: 3 } }),
  );
  assertEquals(planFaults(plan), []);
  assertEquals(plan.steps.map(({ id, needs }) => [id, needs]), [
    ["shot", []],
    ["join", ["shot"]],
    ["trim", ["join"]],
    ["interpolate", ["trim"]],
    ["upscale", ["interpolate"]],
    ["loudness", ["upscale"]],
  ]);
  assertEquals(plan.result.step, "loudness");
  assertEquals(plan.film, { frames: 128, rate: { num: 64, den: 1 }, width: 1664, height: 960 });
  assert(plan.steps.slice(2).every(({ phase }) => phase === "finish"));
  assert(plan.notes?.some((note) => note.includes("not made by a model")));
});

for (
  const [finish, film] of [
    [{ trim: { start: 0, end: 1 } }, { frames: 16, rate: 16, width: 832, height: 480 }],
    [{ trim: { start: 4.5, end: 60 } }, { frames: 8, rate: 16, width: 832, height: 480 }],
    [{ interpolate: 2 }, { frames: 160, rate: 32, width: 832, height: 480 }],
    [{ upscale: 4 }, { frames: 80, rate: 16, width: 3328, height: 1920 }],
    [{ loudness: true }, { frames: 80, rate: 16, width: 832, height: 480 }],
  ] as [Finish, unknown][]
) {
  Deno.test(`a finished film is as told before: ${JSON.stringify(finish)}`, async () => {
    const { plan } = await planned(wish(finish));
    const { frames, rate, width, height } = plan.film ?? { frames: 0, rate: { num: 0, den: 1 } };
    assertEquals({ frames, rate: rate.num / rate.den, width, height }, film);
  });
}

Deno.test("films of many parts are finished too, and each changed wish changes its own step and those after it", async () => {
  for (const base of [MOVE, SPEECH]) {
    const one = (await planned(wish({ interpolate: 2, loudness: true }, base))).plan;
    const other = (await planned(wish({ interpolate: 4, loudness: true }, base))).plan;
    assertEquals(differing(one, other), ["interpolate", "loudness"]);
  }
});

Deno.test("what cannot be finished is refused by its field", async () => {
  assertEquals(await refusal({ trim: { start: 5, end: 6 } }), ["settings.finish.trim.start"]);
  assertEquals(await refusal({ trim: { start: 1, end: 1.01 } }), ["settings.finish.trim.end"]);
  const film = { frames: 9, rate: { num: 24, den: 1 }, width: 4096, height: 2160 };
  const context = await makeContext();
  const large = planFinishing({ upscale: 4 }, { film, after: "join", engine: "draft", context });
  assert(!large.ok);
  assertEquals(large.problem[0]?.fields?.map(({ path }) => path), ["settings.finish.upscale"]);
});

Deno.test("a picture is not finished, and says so", async () => {
  const { plan } = await planned({
    mode: "anime",
    submode: "still",
    prompt: "A fox",
    settings: { finish: { upscale: 2 } },
  });
  assertEquals(plan.steps.map(({ id }) => id), ["shot", "finish"]);
  assertEquals(plan.notes?.length, 1);
});

Deno.test("a real server with the models makes frames and size by them, and a draft or a very long film does without", async () => {
  const context = await makeContext();
  const by = (what: string) =>
    context.templates.find(({ manifest }) =>
      manifest.id === (what === "interpolate" ? "finish/frames" : "finish/size")
    ) ?? null;
  const film = { frames: 80, rate: { num: 16, den: 1 }, width: 832, height: 480 };
  const plan = (engine: "draft" | "comfy", frames = film.frames) => {
    const made = planFinishing({ interpolate: 2, upscale: 2 }, {
      film: { ...film, frames },
      after: "join",
      engine,
      context: { ...context, finisher: by },
    });
    assert(made.ok, JSON.stringify(made));
    return made.value;
  };
  const { steps, film: after, notes } = plan("comfy");
  assertEquals(steps.map(({ id, phase, needs }) => [id, phase, needs]), [
    ["interpolate-model", "finish", ["join"]],
    ["interpolate", "finish", ["join", "interpolate-model"]],
    ["upscale-model", "finish", ["interpolate"]],
    ["upscale", "finish", ["interpolate", "upscale-model"]],
  ]);
  assertEquals(after, { frames: 160, rate: { num: 32, den: 1 }, width: 1664, height: 960 });
  assertEquals(notes, [
    "The frames between are made by the model film_net_fp16.",
    "The picture is enlarged by the model RealESRGAN_x4plus.",
  ]);
  assertEquals(plan("draft").steps.map(({ id }) => id), ["interpolate", "upscale"]);
  assertEquals(plan("comfy", 4000).steps.map(({ id }) => id), ["interpolate", "upscale"]);
});
