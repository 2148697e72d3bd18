/** Whole films through the real house: every frame shows what it should, also across the borders of parts. */
import { readContinuity, readFrameNumber, readLoudness } from "@/draft/nodes/inset.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";
import { fetchOutput, openTestMedia, readFrames } from "./watch.ts";

const SAMPLE_RATE = 48_000;

Deno.test("frame i of an animated film shows driving frame i, across the border of its parts", async () => {
  await using rig = await openRig();
  const media = await openTestMedia();
  const job = await rig.person.animate(await rig.person.bringCast(), { side: 320, seconds: 6 });
  const { path } = await fetchOutput(rig, job.id);
  const numbers = await readFrames(media, path, readFrameNumber);
  assertEquals(numbers.length, 96);
  // The clip has 25 frames a second, the film 16: each shows the nearest.
  numbers.forEach((number, k) =>
    assert(number !== null && Math.abs(number - k * 25 / 16) <= 1, `frame ${k} shows ${number}`)
  );
  const signs = await readFrames(media, path, readContinuity);
  assertEquals(signs[77]?.from, signs[76]?.own, "the second part goes on from the last frame of the first");
  const { video, audio } = await media.probe(path);
  assertEquals(video?.frames, 96);
  assert(
    audio?.durationS && Math.abs(audio.durationS - 6) <= 1 / 16,
    "the sound of the clip ends with the picture",
  );
});

Deno.test("frame k of a performance carries the voice's loudness at k/16 s, across the border of its parts", async () => {
  await using rig = await openRig();
  const media = await openTestMedia();
  const job = await rig.person.perform(await rig.person.bringCast(), { side: 320, seconds: 7 });
  const { path } = await fetchOutput(rig, job.id);
  const bars = await readFrames(media, path, readLoudness);
  assertEquals(bars.length, 112);
  const samples = await media.samples({ path, sampleRate: SAMPLE_RATE });
  const expected = bars.map((_, k) => loudnessAt(samples, k));
  // The bar is as exact as its pixels; one part off by a single frame would be far worse.
  const error = (shift: number) => meanDifference(bars, expected, shift);
  assert(error(0) < 0.03, `mean difference ${error(0)}`);
  assert(error(0) < error(1) / 2 && error(0) < error(-1) / 2, "no other alignment fits as well");
  for (const part of [0, 80]) {
    const inPart = (shift: number) =>
      meanDifference(bars.slice(part, part + 32), expected.slice(part, part + 32), shift);
    assert(inPart(0) < inPart(1) && inPart(0) < inPart(-1), `the part from frame ${part} is aligned`);
  }
});

/** Root mean square of one sixteenth of a second. */
function loudnessAt(samples: Float32Array, k: number): number {
  const part = samples.subarray(k * SAMPLE_RATE / 16, (k + 1) * SAMPLE_RATE / 16);
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
}

function meanDifference(bars: (number | null)[], expected: number[], shift: number): number {
  const pairs = bars.flatMap((bar, k) => {
    const other = expected[k + shift];
    return bar === null || other === undefined ? [] : [Math.abs(bar - other)];
  });
  return pairs.reduce((sum, difference) => sum + difference, 0) / pairs.length;
}
