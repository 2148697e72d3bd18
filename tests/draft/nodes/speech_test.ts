/** Speaking pictures: loudness in the right frame over two chunks in separate prompts, and wrong latents that show. */
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { hashBytes } from "@/draft/nodes/hash.ts";
import { readContinuity, readLoudness } from "@/draft/nodes/inset.ts";
import { readLatent, writeLatent } from "@/draft/nodes/latent_file.ts";
import { Film, Frames, Latent, Sound } from "@/draft/nodes/values.ts";
import { decodeBehind, speech, speechNext } from "./graphs.ts";
import {
  type Nodes,
  portrait,
  type Ran,
  Studio,
  voice,
  voiceLevel,
  withFolders,
  withStudio,
} from "./studio.ts";

const SIZE = 160;

async function fill(studio: Studio, seconds = 8): Promise<void> {
  const { input } = studio.folders;
  await studio.media.put(`${input}/character.png`, portrait({ width: 48, height: 64, colour: 0x3060c0 }));
  await studio.media.put(`${input}/speech.wav`, voice(seconds));
}

function valueOf<T>(ran: Ran, node: string, type: new (...args: never[]) => T): T {
  const value = ran.outputs.get(node)?.[0];
  assert(value instanceof type);
  return value;
}

/** The first chunk decoded behind a copy of its own first latent. */
function first(): Nodes {
  const graph = speech(SIZE);
  graph.past = { class_type: "LatentCut", inputs: { samples: ["ks", 0], dim: "t", index: 0, amount: 1 } };
  return { ...graph, ...decodeBehind("past") };
}

async function digestOf(frames: Frames): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < frames.count; i++) parts.push(await frames.get(i));
  return hashBytes(...parts);
}

Deno.test("frame k carries the loudness at k/16 s over two chunks, the second on another server from a saved latent", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const one = await studio.run(first());
    const saved = studio.saved(one, { node: "save", key: "latents" });
    await withFolders(async (root) => {
      const other = new Studio(root, studio.media);
      await fill(other);
      await Deno.copyFile(saved, `${root}/input/before.latent`);
      const two = await other.run(speechNext(SIZE, "before.latent"));
      assertEquals(valueOf(two, "dec", Frames).count, 81);
      const film = [valueOf(one, "new", Frames), valueOf(two, "new", Frames)];
      assertEquals(film.map((frames) => frames.count), [80, 80]);
      for (let k = 0; k < 160; k++) {
        const heard = readLoudness(await film[Math.floor(k / 80)]!.get(k % 80), SIZE, SIZE);
        const wanted = k < 128 ? voiceLevel(k) : 0;
        assert(heard !== null && Math.abs(heard - wanted) < 0.01, `frame ${k}: ${heard}, not ${wanted}`);
      }
    });
  });
});

Deno.test("a voice moves the whole picture and paints nothing over it", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const film = valueOf(await studio.run(first()), "new", Frames);
    for (let k = 0; k < 20; k++) {
      const rgb = await film.get(k);
      // The portrait is one colour from a quarter to three quarters of its height, and stands in the middle.
      for (let y = SIZE * 0.36; y < SIZE * 0.66; y += 4) {
        const i = (Math.round(y) * SIZE + SIZE / 2) * 3;
        const [r = 0, g = 0, b = 0] = rgb.subarray(i, i + 3);
        assert(b > 180 && g < b * 0.6 && r < g, `frame ${k}, line ${y}: ${r} ${g} ${b}`);
      }
    }
  });
});

Deno.test("a saved latent decodes to the same bytes after loading", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const graph = first();
    const ran = await studio.run(graph);
    const loaded = await studio.run({
      load: { class_type: "LoadLatent", inputs: { latent: "latents/chunk_00001_.latent [output]" } },
      vae: graph.vae!,
      dec: { class_type: "VAEDecode", inputs: { samples: ["load", 0], vae: ["vae", 0] } },
      dec0: {
        class_type: "VAEDecodeTiled",
        inputs: { samples: ["load", 0], vae: ["vae", 0], tile_size: 256 },
      },
    });
    const direct = await studio.run({
      ...graph,
      dec: { ...graph.dec!, inputs: { samples: ["ks", 0], vae: ["vae", 0] } },
    });
    const frames = valueOf(loaded, "dec", Frames);
    assertEquals(frames.count, 77);
    assertEquals(await digestOf(frames), await digestOf(valueOf(direct, "dec", Frames)));
    assertEquals(await digestOf(frames), await digestOf(valueOf(loaded, "dec0", Frames)));
    const latent = valueOf(ran, "ks", Latent);
    assertEquals(hashBytes(writeLatent(readLatent(writeLatent(latent)))), hashBytes(writeLatent(latent)));
  });
});

Deno.test("an extension shows the code of the latent that it continues, and another latent looks different", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const one = await studio.run(first());
    const other = first();
    other.ks!.inputs.seed = 7;
    await studio.run(other);
    const render = async (number: number) => {
      const latent = `latents/chunk_0000${number}_.latent [output]`;
      return valueOf(await studio.run(speechNext(SIZE, latent)), "new", Frames);
    };
    const right = await render(1);
    const wrong = await render(2);
    const before = readContinuity(await valueOf(one, "new", Frames).get(79), SIZE, SIZE);
    assert(before.own !== null);
    assertEquals(readContinuity(await right.get(0), SIZE, SIZE).from, before.own);
    assert(readContinuity(await wrong.get(0), SIZE, SIZE).from !== before.own);
    assert(await digestOf(right) !== await digestOf(wrong));
  });
});

Deno.test("voice, picture and offset change a speaking film; the same ones leave every byte", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const { input } = studio.folders;
    await studio.media.put(`${input}/quiet.wav`, voice(8, 0.5));
    await studio.media.put(`${input}/other.png`, portrait({ width: 48, height: 64, colour: 0xc06030 }));
    const render = async (change: (graph: Nodes) => void) => {
      const graph = first();
      change(graph);
      return await digestOf(valueOf(await studio.run(graph), "new", Frames));
    };
    const digests = [
      await render(() => {}),
      await render((graph) => void (graph.audio!.inputs.audio = "quiet.wav")),
      await render((graph) => void (graph.ref!.inputs.image = "other.png")),
      await render((graph) => void (graph.aenc!.inputs.audio_encoder_name = "other.safetensors")),
      await render((graph) => void (graph.cond!.inputs.ref_motion = ["ref", 0])),
      await render((graph) => void (graph.ks!.inputs.seed = 1)),
    ];
    assertEquals(new Set(digests).size, digests.length);
    assertEquals(await render(() => {}), digests[0]);
  });
});

Deno.test("past the end of the voice there is no bar", async () => {
  await withStudio(async (studio) => {
    await fill(studio, 4);
    await studio.run(first());
    const two = await studio.run(speechNext(SIZE, "latents/chunk_00001_.latent [output]"));
    assertEquals(readLoudness(await valueOf(two, "new", Frames).get(10), SIZE, SIZE), null);
  });
});

Deno.test("the film holds the voice, cut to its frames", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const graph = first();
    graph.video = { class_type: "CreateVideo", inputs: { images: ["new", 0], fps: 16, audio: ["audio", 0] } };
    graph.out = {
      class_type: "SaveVideo",
      inputs: { video: ["video", 0], filename_prefix: "film", format: "mp4", codec: "h264" },
    };
    const ran = await studio.run(graph);
    assert(valueOf(ran, "video", Film).sound !== null);
    const clip = await studio.media.open(studio.saved(ran, { node: "out", key: "images" }));
    assertEquals([clip.count, clip.rate.num / clip.rate.den, clip.sound?.durationS], [80, 16, 5]);
    const again = valueOf(ran, "audio", Sound);
    assertEquals(clip.sound?.samples, again.samples.slice(0, 5 * again.sampleRate * again.channels));
  });
});

Deno.test("a cut latent file is refused with a sentence", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const ran = await studio.run(speech(SIZE));
    const bytes = writeLatent(valueOf(ran, "ks", Latent));
    await Deno.writeFile(`${studio.folders.input}/cut.latent`, bytes.subarray(0, bytes.length - 100));
    const graph: Nodes = { load: { class_type: "LoadLatent", inputs: { latent: "cut.latent" } } };
    await assertRejects(
      () => studio.run(graph),
      (thrown) => assert(thrown instanceof Error && thrown.message.includes("cut off")),
    );
  });
});
