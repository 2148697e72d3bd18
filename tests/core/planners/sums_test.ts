/** The sums of long films, over every length from 1 to 400 frames. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { planFaults } from "@/core/plan.ts";
import { countParts, framesOfSound, windowParts } from "@/core/planners/parts.ts";
import { chunks, MOVE, planned, SPEECH } from "./wish.ts";

const ANIMATE = { first: 77, next: 72, overlap: 5 };

Deno.test("animate: windows cover the clip, overlap by 5 frames, and the parts make at least the film", () => {
  for (let frames = 1; frames <= 400; frames++) {
    const parts = windowParts(frames, ANIMATE);
    assertEquals(parts.length, frames <= 77 ? 1 : 1 + Math.ceil((frames - 77) / 72));
    let made = 0;
    for (const [index, part] of parts.entries()) {
      assertEquals(part.start, 72 * index, "windows start every 72 frames");
      assertEquals(part.offset, index === 0 ? 0 : 5);
      assertEquals(part.start + part.offset, made, "the new frames follow on what is made");
      assert(
        part.frames > part.offset && part.frames <= 77,
        "a window has its lead-in, news, and no more than 77",
      );
      assert(part.start + part.frames <= frames, "no window reaches past the clip");
      if (index < parts.length - 1) assertEquals(part.frames, 77);
      made += part.makes;
    }
    const last = parts.at(-1);
    assertEquals((last?.start ?? 0) + (last?.frames ?? 0), frames, "the last window ends with the clip");
    assertEquals(made, 77 + 72 * (parts.length - 1));
    assert(made >= frames && made - frames < 77, "less than a part is cut away");
  }
});

Deno.test("animate: the known lengths of 1 to 5 parts", () => {
  assertEquals([77, 149, 221, 293, 365].map((frames) => countParts(frames, ANIMATE)), [1, 2, 3, 4, 5]);
  assertEquals([78, 150, 222, 294, 366].map((frames) => countParts(frames, ANIMATE)), [2, 3, 4, 5, 6]);
});

Deno.test("animate: each plan from 1 to 400 frames feeds each part its own window, offset and tail, and cuts to length", async () => {
  for (let frames = 1; frames <= 400; frames += frames % 72 < 3 || frames % 72 > 69 ? 1 : 17) {
    const { plan } = await planned({ ...MOVE, settings: { preset: "fast" } }, { clipS: frames / 16 });
    assertEquals(planFaults(plan), []);
    const parts = windowParts(frames, ANIMATE);
    assertEquals(plan.film?.frames, frames);
    const windows = plan.steps.filter((step) => step.kind === "local" && step.op === "cut_window");
    assertEquals(
      windows.map((step) => [step.values.start, step.values.frames]),
      parts.map((p) => [p.start, p.frames]),
    );
    const rendered = chunks(plan);
    assertEquals(rendered.map((step) => step.values.offset), parts.map((part) => part.offset));
    for (const [index, step] of rendered.entries()) {
      const number = String(index + 1).padStart(3, "0");
      const before = `chunk-${String(index).padStart(3, "0")}`;
      assertEquals(step.variant, index === 0 ? "first" : "next");
      assertEquals(step.needs, index === 0 ? [`window-${number}`] : [`window-${number}`, before]);
      const tail = step.values.tail;
      const ords = [0, 1, 2, 3, 4].map((ord) => ({ from: "step" as const, step: before, role: "tail", ord }));
      assertEquals(tail, index === 0 ? undefined : { files: ords });
    }
    const join = plan.steps.at(-1);
    assert(join?.kind === "local" && join.op === "join_film");
    assertEquals(join.needs, rendered.map((step) => step.id));
    assertEquals(join.values.frames, frames);
    const prepare = plan.steps[0];
    assertEquals(prepare?.kind === "local" && prepare.values.framesMax, frames);
  }
});

Deno.test("performance: 80 frames per part, all latents so far for each, cut to the sound", async () => {
  for (const frames of [1, 79, 80, 81, 159, 160, 161, 240, 241, 320, 399, 400]) {
    const { plan } = await planned(SPEECH, { voiceS: frames / 16 });
    assertEquals(planFaults(plan), []);
    const rendered = chunks(plan);
    assertEquals(rendered.length, Math.ceil(frames / 80));
    assertEquals(plan.film?.frames, frames);
    assertEquals(plan.film?.rate, { num: 16, den: 1 });
    for (const [index, step] of rendered.entries()) {
      const before = rendered.slice(0, index).map((step) => step.id);
      const files = before.map((id) => ({ from: "step" as const, step: id, role: "latent" }));
      assertEquals(step.values.latents, index === 0 ? undefined : { files });
      assertEquals(step.needs, ["prepare-sound", ...before]);
      assertEquals(
        20 * before.length * 4,
        80 * index,
        "the sound's place is the number of latents so far × 4 frames",
      );
    }
  }
});

Deno.test("sound and picture end within one frame of each other, whatever the length", async () => {
  for (let seconds = 0.05; seconds < 26; seconds += 0.0317) {
    const frames = framesOfSound(seconds, 16);
    assert(Math.abs(frames / 16 - seconds) <= 1 / 16, `${seconds} s are ${frames} frames`);
  }
  assertEquals(framesOfSound(5.00001, 16), 80);
  assertEquals(framesOfSound(5.01, 16), 81);
  for (const [clipS, settings] of [[3.7, {}], [10.01, {}], [7.3, { frameRate: 24 as const }]] as const) {
    const { plan } = await planned({ ...MOVE, settings }, { clipS });
    const { frames, rate } = plan.film ?? { frames: 0, rate: { num: 1, den: 1 } };
    assert(Math.abs(frames * rate.den / rate.num - clipS) <= rate.den / rate.num);
  }
});

Deno.test("a film is as long as the clip's picture, even where its sound or container is longer", async () => {
  const { plan } = await planned(MOVE, { clipS: 5.2, clipFrames: 150, clipRate: { num: 30, den: 1 } });
  assertEquals(plan.film?.frames, 80);
  const uncounted = await planned(MOVE, { clipS: 5.2 });
  assertEquals(uncounted.plan.film?.frames, 83);
});
