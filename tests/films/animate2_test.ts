/** The second Animate model through the whole studio: chosen by name, in two parts, driven by the clip's own frames. */
import { readContinuity, readFrameNumber } from "@/draft/nodes/inset.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";
import { decodedBytes, fetchOutput, openTestMedia, readFrames } from "./watch.ts";

Deno.test("frame i of a film by the second model shows driving frame i, across the border of its parts, and its settings count", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const media = await openTestMedia();
  const cast = await person.bringCast();
  const wish = (seconds: number, options: Record<string, number> = {}) => ({
    mode: "animate",
    submode: "move",
    template: "animate/move2",
    prompt: "A dancer in the harbour",
    assets: { groundTruth: cast.character, motionVideo: cast.drive },
    settings: { width: 320, height: 320, seconds, seed: "7", preset: "fast", options },
  });
  const job = await person.create(wish(6));
  assertEquals(Object(job).template.name, "animate/move2");
  const { path } = await fetchOutput(rig, job.id);
  const numbers = await readFrames(media, path, readFrameNumber);
  assertEquals(numbers.length, 96);
  numbers.forEach((number, k) =>
    assert(number !== null && Math.abs(number - k * 25 / 16) <= 1, `frame ${k} shows ${number}`)
  );
  const signs = await readFrames(media, path, readContinuity);
  assertEquals(signs[81]?.from, signs[80]?.own, "the second part goes on from the last frame of the first");
  const [usual, loose] = [
    await person.create(wish(1)),
    await person.create(wish(1, { motionStrength: 0.5 })),
  ];
  const bytes = async (id: string) => await decodedBytes(media, (await fetchOutput(rig, id)).path);
  assert(await bytes(usual.id) !== await bytes(loose.id));
});

Deno.test("nobody gets the second model without naming it", async () => {
  await using rig = await openRig();
  const job = await rig.person.animate(await rig.person.bringCast(), { seconds: 1 });
  assertEquals(Object(job).template.name, "animate/move");
});
