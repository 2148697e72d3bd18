/** Long takes in the real house: from the request to the joined film, on the draft renderer. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";

const SETTINGS = { width: 320, height: 320, preset: "fast", seed: "7" };

Deno.test("[PR11] [PR24] a long take is rendered in pairs of passes and joined to the frame", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const job = await person.create({
    mode: "take",
    prompt: "A slow walk along a foggy harbour\n[chunk 2] rain begins",
    settings: { ...SETTINGS, frames: 25 },
    take: { chunk: 10 },
  });
  const ended = await person.waitForEnd(job.id, 120_000);
  assertEquals([ended.status, ended.problem], ["completed", null]);
});
void z; void assert;
