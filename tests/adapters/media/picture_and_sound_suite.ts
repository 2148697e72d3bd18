/** The part of the media suite that makes single pictures and measures sound. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { wavOf } from "@/tests/fixtures/samples/beat.ts";
import type { Test } from "./suite.ts";
import { assertFails, createScratch, makeNumbered, readNumbers, sample, sine } from "./support.ts";

export function testPictures(test: Test): void {
  test("a single frame by its index", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 14 });
    const output = scratch.path("frame.png");
    await media.frame({ path, index: 11, output });
    assertEquals(await readNumbers(media, output), [11]);
    await assertFails(
      () => media.frame({ path, index: 99, output: scratch.path("none.png") }),
      "media.failed",
    );
  });

  test("posters and thumbnails fit the edge and never grow", async (media) => {
    await using scratch = await createScratch();
    const [poster, thumb, small] = [scratch.path("p.jpg"), scratch.path("t.webp"), scratch.path("s.webp")];
    await media.poster({ path: sample("drive.mp4"), atS: 0.5, edge: 320, output: poster });
    await media.thumbnail({ path: sample("phone.mp4"), edge: 128, output: thumb });
    const size = async (path: string) => {
      const { container, video } = await media.probe(path);
      return [container, video?.width, video?.height];
    };
    assertEquals(await size(poster), ["jpeg", 320, 320]);
    assertEquals(await size(thumb), ["webp", 72, 128]);
    await media.thumbnail({ path: poster, edge: 4000, output: small });
    assertEquals(await size(small), ["webp", 320, 320]);
  });

  test("a photo is turned upright as its EXIF orientation says", async (media) => {
    await using scratch = await createScratch();
    const clip = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 1, first: 0b11110000 });
    const [plain, turned] = [scratch.path("plain.jpg"), scratch.path("turned.jpg")];
    await media.poster({ path: clip, atS: 0, edge: 96, output: plain });
    await Deno.writeFile(turned, withOrientation(await Deno.readFile(plain), 6));
    const { video } = await media.probe(turned);
    assertEquals([video?.width, video?.height], [64, 96]);
    const thumb = scratch.path("t.webp");
    await media.thumbnail({ path: turned, edge: 96, output: thumb });
    const raw = await media.decode({ path: thumb });
    assertEquals([raw.width, raw.height], [64, 96]);
    // Turned a quarter clockwise, the white left half becomes the upper half.
    for await (const frame of raw.frames) {
      assert((frame[(20 * 64 + 32) * 3] ?? 0) > 200 && (frame[(76 * 64 + 32) * 3] ?? 255) < 60);
    }
  });
}

/** Puts an EXIF block with nothing but the orientation behind the start marker of a JPEG. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const exif = [
    0x45,
    0x78,
    0x69,
    0x66,
    0,
    0,
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, ...jpeg.subarray(2)]);
}

export function testSounds(test: Test): void {
  test("loudness of a known tone is right, and silence has none", async (media) => {
    await using scratch = await createScratch();
    const [tone, silence] = [scratch.path("tone.wav"), scratch.path("silence.wav")];
    // EBU Tech 3341: a 1 kHz sine at −20 dBFS in one channel measures −23 LUFS.
    await Deno.writeFile(tone, wavOf(sine({ hertz: 1000, level: 0.1, seconds: 3 })));
    await Deno.writeFile(silence, wavOf(new Float32Array(48_000)));
    const { integrated, truePeak } = await media.loudness(tone);
    assert(
      Math.abs(integrated + 23) < 0.2 && Math.abs(truePeak + 20) < 0.2,
      `${integrated} LUFS, ${truePeak} dBTP`,
    );
    assertEquals((await media.loudness(silence)).integrated, -Infinity);
  });

  test("sound is cut, joined and drawn to the sample", async (media) => {
    await using scratch = await createScratch();
    const tone = scratch.path("tone.wav");
    await Deno.writeFile(tone, wavOf(sine({ hertz: 400, level: 0.5, seconds: 1 })));
    const part = scratch.path("part.wav");
    await media.sound({
      path: tone,
      startS: 0.25,
      durationS: 0.5,
      sampleRate: 48_000,
      channels: 1,
      output: part,
    });
    assertEquals((await media.probe(part)).audio?.durationS, 0.5);
    const both = scratch.path("both.wav");
    await media.concatAudio({
      paths: [part, tone],
      gapS: 0.5,
      sampleRate: 24_000,
      channels: 1,
      output: both,
    });
    assertEquals((await media.samples({ path: both, sampleRate: 24_000 })).length, 48_000);
    const wave = await media.waveform({ path: both, buckets: 4 });
    // Tone, gap, tone, tone; a bucket may reach a few milliseconds over its edge.
    const heights = [0, 1, 2, 3].map((bucket) => Math.round((wave[bucket * 2 + 1] ?? 0) * 10) / 10);
    assertEquals([heights[0], heights[2], heights[3]], [0.5, 0.5, 0.5]);
    const mp3 = scratch.path("both.mp3");
    await media.concatAudio({ paths: [part, part], sampleRate: 24_000, channels: 1, output: mp3 });
    assertEquals((await media.probe(mp3)).audio?.codec, "mp3");
  });
}
