/** What a person sets is found again in the graph that a render server would get. */
import { bindStep } from "@/core/workflow/mod.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { readShelf, readTemplate } from "@/tests/workflows/shelf.ts";
import { chunks, MOVE, planned, SPEECH } from "./wish.ts";

const SETTINGS = {
  width: 720,
  height: 480,
  frames: 33,
  frameRate: 24 as const,
  seed: "0",
  preset: "quality",
};

Deno.test("[AX46] [TA13] negative prompt, size, length, seed, preset and rate are in the bound graph of both modes, Audio with the rate of its model", async () => {
  const { definitions } = await readShelf();
  for (const wish of [MOVE, SPEECH]) {
    const frameRate = wish.mode === "audio" ? "template" as const : SETTINGS.frameRate;
    const { plan } = await planned({
      ...wish,
      negativePrompt: "blurry hands",
      settings: { ...SETTINGS, frameRate },
    });
    const [step] = chunks(plan);
    assert(step);
    const template = await readTemplate(step.template.id);
    const bound = bindStep(step, {
      template,
      definitions,
      files: () => "animatrix/file.png",
      promptId: "0190b6f0-0000-4000-8000-000000000001",
      prefix: "animatrix",
    });
    assert(bound.ok, JSON.stringify(bound));
    const literals = (name: string) =>
      Object.values(bound.value.graph).flatMap(({ inputs }) =>
        Object.hasOwn(inputs, name) && !Array.isArray(inputs[name]) ? [inputs[name]] : []
      );
    assert(literals("text").includes("blurry hands"));
    assert(literals("width").includes(720) && literals("height").includes(480), wish.mode);
    assert([...literals("seed"), ...literals("noise_seed")].includes(0), "the seed 0");
    const rate = wish.mode === "audio" ? 16 : 24;
    assert(literals("fps").includes(rate), `${wish.mode}: ${literals("fps")}`);
    const { presets } = template.manifest;
    assertEquals(step.preset, "quality");
    assert(Object.keys(presets).includes("quality"));
    const steps = literals("steps");
    const { plan: fast } = await planned({ ...wish, settings: { ...SETTINGS, frameRate, preset: "fast" } });
    const other = bindStep(chunks(fast)[0] ?? step, {
      template,
      definitions,
      files: () => "animatrix/file.png",
      promptId: "0190b6f0-0000-4000-8000-000000000001",
      prefix: "animatrix",
    });
    assert(other.ok);
    const fewer = Object.values(other.value.graph).flatMap(({ inputs }) =>
      "steps" in inputs ? [inputs.steps] : []
    );
    assert(JSON.stringify(steps) !== JSON.stringify(fewer), "the preset changes the graph");
    // One part of a film has a fixed length; the film is cut to the frames asked for.
    assertEquals(plan.film?.frames, 33);
    const join = plan.steps.at(-1);
    assert(join?.kind === "local" && Object.values(join.values).includes(33), JSON.stringify(join));
  }
});
