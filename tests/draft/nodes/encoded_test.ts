/** What is machine-readable in a draft must still be readable in the H.264 file. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { readContinuity, readFrameNumber, readLoudness } from "@/draft/nodes/inset.ts";
import { Frames } from "@/draft/nodes/values.ts";
import { animate, decodeBehind, speech } from "./graphs.ts";
import { drivingFrame, type Nodes, portrait, Studio, voice, voiceLevel, withFolders } from "./studio.ts";
import { openTestMedia } from "./real_media.ts";
import type { Media } from "@/core/ports.ts";
import { writePng } from "@/draft/nodes/png.ts";
import { writeWav } from "@/draft/nodes/wav.ts";

const media = await openTestMedia();

async function fill(studio: Studio<Media>, size: number): Promise<void> {
  const { input } = studio.folders;
  const picture = portrait({ width: 96, height: 128, colour: 0x3060c0 });
  await Deno.writeFile(
    `${input}/character.png`,
    await writePng({ width: 96, height: 128, rgb: picture.frame(0) }),
  );
  async function* frames(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 14; i++) {
      yield await Promise.resolve(drivingFrame({ width: size, height: size }, 0x2a90 + i));
    }
  }
  await media.encode({
    raw: { width: size, height: size, frames: frames() },
    rate: { num: 16, den: 1 },
    output: `${input}/drive.mp4`,
  });
  const { sound } = voice(5);
  if (sound !== null) await Deno.writeFile(`${input}/speech.wav`, writeWav(sound));
}

function saved(from: string): Nodes {
  return {
    video: { class_type: "CreateVideo", inputs: { images: [from, 0], fps: 16 } },
    out: {
      class_type: "SaveVideo",
      inputs: { video: ["video", 0], filename_prefix: "film", format: "mp4", "format.codec": "h264" },
    },
  };
}

for (const size of [320, 640]) {
  Deno.test({
    name: `frame numbers and codes are readable in an encoded film of ${size} pixels`,
    fn: () =>
      withFolders(async (root) => {
        const studio = new Studio(root, media);
        await fill(studio, size);
        const ran = await studio.run({ ...animate({ size, length: 13 }), ...saved("dec") });
        const { frames } = await media.decode({
          path: studio.saved(ran, { node: "out", key: "images" }),
        });
        const numbers: (number | null)[] = [];
        const drawn = ran.outputs.get("dec")?.[0];
        assert(drawn instanceof Frames);
        for await (const frame of frames) {
          const before = readContinuity(await drawn.get(numbers.length), size, size);
          assert(before.own !== null);
          assertEquals(readContinuity(frame, size, size), before);
          numbers.push(readFrameNumber(frame, size, size));
        }
        assertEquals(numbers, Array.from({ length: 13 }, (_, i) => 0x2a90 + i));
      }),
  });
}

Deno.test({
  name: "loudness is readable in an encoded film, and the film holds the voice",
  fn: () =>
    withFolders(async (root) => {
      const studio = new Studio(root, media);
      await fill(studio, 320);
      const graph = speech(320);
      graph.past = { class_type: "LatentCut", inputs: { samples: ["ks", 0], dim: "t", index: 0, amount: 1 } };
      const film = saved("new");
      film.video!.inputs.audio = ["audio", 0];
      const ran = await studio.run({ ...graph, ...decodeBehind("past"), ...film });
      const path = studio.saved(ran, { node: "out", key: "images" });
      const { video, audio } = await media.probe(path);
      assertEquals([video?.frames, video?.width, audio?.durationS], [80, 320, 5]);
      let k = 0;
      for await (const frame of (await media.decode({ path })).frames) {
        const heard = readLoudness(frame, 320, 320);
        const wanted = voiceLevel(k);
        assert(heard !== null && Math.abs(heard - wanted) < 0.02, `frame ${k}: ${heard}, not ${wanted}`);
        k += 1;
      }
      assertEquals(k, 80);
    }),
});
