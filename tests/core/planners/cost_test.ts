/** First guesses of time: the stated formula of the LTX modes within its bounds, and what stills, loops and films begin with. */
import { readConfig } from "@/core/config.ts";
import { estimate } from "@/core/estimate.ts";
import { learnPaces, NO_PACES } from "@/core/paces.ts";
import { expectSeconds, limitSeconds, workRatio } from "@/core/planners/cost.ts";
import type { PromptStep } from "@/core/plan.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { readTemplate } from "@/tests/workflows/shelf.ts";

const BOUNDS = { timeLimitMinS: 60, timeLimitMaxS: 900 };

async function guess(id: string, preset: string, frames: number, bounds = BOUNDS): Promise<number> {
  const template = await readTemplate(id);
  const { width, height } = template.manifest.size;
  const ratio = workRatio(template, preset);
  return Math.round(expectSeconds(template.manifest, { frames, width, height, ratio, ...bounds }));
}

Deno.test("[LX10] an LTX film takes its mode's base times its preset, 60 s, and 0.3 s for each frame that is asked for", async () => {
  const bases = { t2v: 90, i2v: 90, a2v: 120, lipsync: 240, keyframe: 180, style: 360 };
  const times = { fast: 1, balanced: 1.5, quality: 3 };
  for (const [mode, base] of Object.entries(bases)) {
    for (const [preset, mult] of Object.entries(times)) {
      for (const frames of [9, 73, 121, 721]) {
        const stated = Math.min(900, Math.max(60, base * mult + 60 + 0.3 * frames));
        assertEquals(
          await guess(`ltx/${mode}`, preset, frames),
          Math.round(stated),
          `${mode} ${preset} ${frames}`,
        );
      }
    }
  }
  assertEquals(await guess("ltx/style", "quality", 73), 900, "more than the highest");
  assertEquals(await guess("ltx/t2v", "fast", 9, { timeLimitMinS: 200, timeLimitMaxS: 900 }), 200);
});

Deno.test("[LX10] the bounds are configured, 60 and 900 s unless said otherwise, and hold for the time limit too", () => {
  const read = (env: Record<string, string>) => {
    const config = readConfig(env);
    assert(config.ok);
    return [config.value.PROMPT_SECONDS_MIN, config.value.PROMPT_SECONDS_MAX];
  };
  assertEquals(read({}), [60, 900]);
  assertEquals(read({ PROMPT_SECONDS_MIN: "30", PROMPT_SECONDS_MAX: "3600" }), [30, 3600]);
  const limit = (expectedS: number, bounds = BOUNDS) => limitSeconds({ expectedS, frames: 100, ...bounds });
  assertEquals([limit(0), limit(100), limit(5000)], [90, 390, 900]);
  assertEquals(limit(0, { timeLimitMinS: 200, timeLimitMaxS: 900 }), 200);
});

Deno.test("[TA55] a still is first guessed at 12 s, a loop at 60 s, a film at 180 s, until the studio has made one", async () => {
  const first = {
    "anime/still": 12,
    "anime/still_reference": 12,
    "anime/loop": 60,
    "wan/t2v": 180,
    "wan/i2v": 180,
  };
  for (const [id, seconds] of Object.entries(first)) {
    const { manifest } = await readTemplate(id);
    assertEquals(await guess(id, manifest.defaultPreset, manifest.frames?.first ?? 1), seconds, id);
    const step = stepOf(id, seconds);
    const plan = { engine: "comfy" as const, steps: [step] };
    assertEquals(estimate(plan, NO_PACES, "one").likelyS, seconds);
    const work = { engine: "comfy" as const, template: id, shape: "balanced", backendId: "one" };
    const took = learnPaces(
      Array.from({ length: 5 }, (_, n) => ({ ...work, jobId: String(n), weight: seconds, tookS: 7 })),
    );
    const { likelyS } = estimate(plan, took, "one");
    assert(Math.abs(likelyS - 7) < 2, `${id}: ${likelyS}`);
  }
});

function stepOf(id: string, weight: number): PromptStep {
  return {
    kind: "prompt",
    id: "shot",
    title: "Shot",
    phase: "render",
    weight,
    needs: [],
    template: { id, version: "1.0.0" },
    variant: "",
    preset: "balanced",
    values: {},
    family: "",
    form: "0".repeat(64),
    timeLimitS: 60,
  };
}
