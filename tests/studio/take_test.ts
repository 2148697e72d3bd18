/** Long takes in the real house: from the request to the joined film, on the draft renderer. */
import { assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";

const SETTINGS = { width: 320, height: 320, preset: "fast", seed: "7" };

Deno.test("a long take is rendered in pairs of passes and joined to the frame", async () => {
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
  assertEquals(ended.steps.map(({ id }) => id).filter((id) => /^(high|low)/.test(id)), [
    "high-001",
    "low-002",
    "high-003",
    "low-004",
    "high-005",
    "low-006",
  ]);
  assertEquals(ended.outputs.map(({ type }) => type), ["film"]);
});
