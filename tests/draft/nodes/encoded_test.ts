/** What is machine-readable in a draft must still be readable in the H.264 file. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { readContinuity, readFrameNumber, readLoudness } from "@/draft/nodes/inset.ts";
import { animate, decodeBehind, speech } from "./graphs.ts";
import { drivingFrame, type Nodes, portrait, Studio, voice, voiceLevel, withFolders } from "./studio.ts";
import { hasFfmpeg, nativeMedia } from "./native_media.ts";
import { writePng } from "@/draft/nodes/png.ts";
import { writeWav } from "@/draft/nodes/wav.ts";

const available = await hasFfmpeg();
if (!available) console.log("skipped: no ffmpeg here, so encoded drafts are not read back");

async function fill(studio: Studio<typeof nativeMedia>, size: number): Promise<void> {
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
  await nativeMedia.encode({
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
    ignore: !available,
    fn: () =>
      withFolders(async (root) => {
        const studio = new Studio(root, nativeMedia);
        await fill(studio, size);
        const ran = await studio.run({ ...animate({ size, length: 13 }), ...saved("dec") });
        const { frames } = await nativeMedia.decode({
          path: studio.saved(ran, { node: "out", key: "images" }),
        });
        const numbers: (number | null)[] = [];
        for await (const frame of frames) {
          numbers.push(readFrameNumber(frame, size, size));
          const { own, from } = readContinuity(frame, size, size);
          assertEquals([own !== null && (own & 0xff) === numbers.length - 1, from], [true, null]);
        }
        assertEquals(numbers, Array.from({ length: 13 }, (_, i) => 0x2a90 + i));
      }),
  });
}

Deno.test({
  name: "loudness is readable in an encoded film, and the film holds the voice",
  ignore: !available,
  fn: () =>
    withFolders(async (root) => {
      const studio = new Studio(root, nativeMedia);
      await fill(studio, 320);
      const graph = speech(320);
      graph.past = { class_type: "LatentCut", inputs: { samples: ["ks", 0], dim: "t", index: 0, amount: 1 } };
      const film = saved("new");
      film.video!.inputs.audio = ["audio", 0];
      const ran = await studio.run({ ...graph, ...decodeBehind("past"), ...film });
      const path = studio.saved(ran, { node: "out", key: "images" });
      const { video, audio } = await nativeMedia.probe(path);
      assertEquals([video?.frames, video?.width, audio?.durationS], [80, 320, 5]);
      let k = 0;
      for await (const frame of (await nativeMedia.decode({ path })).frames) {
        const heard = readLoudness(frame, 320, 320);
        const wanted = voiceLevel(k);
        assert(heard !== null && Math.abs(heard - wanted) < 0.02, `frame ${k}: ${heard}, not ${wanted}`);
        k += 1;
      }
      assertEquals(k, 80);
    }),
});
