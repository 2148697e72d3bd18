/** LTX: lengths and sizes over two stages, guides that are cropped, given sound that leads the picture, made sound. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { hashBytes } from "@/draft/nodes/hash.ts";
import { readClipNumber, readFrameNumber, readLoudness } from "@/draft/nodes/inset.ts";
import { Frames, Sound } from "@/draft/nodes/values.ts";
import { loudnessOf } from "@/draft/nodes/wav.ts";
import { drivingClip, type Nodes, portrait, type Ran, type Studio, voice, withStudio } from "./studio.ts";

/** One stage of LTX on an empty latent of 17 frames; `latent` and `sound` name the nodes that give them. */
function stage(options: { latent?: string; sound?: string; size?: number } = {}): Nodes {
  const { latent = "empty", sound = "hush", size = 160 } = options;
  return {
    ckpt: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "ltx-2.3.safetensors" } },
    avae: { class_type: "LTXVAudioVAELoader", inputs: { ckpt_name: "ltx-2.3.safetensors" } },
    pos: { class_type: "CLIPTextEncode", inputs: { text: "a girl speaks", clip: ["ckpt", 1] } },
    neg: { class_type: "CLIPTextEncode", inputs: { text: "ugly", clip: ["ckpt", 1] } },
    cond: {
      class_type: "LTXVConditioning",
      inputs: { positive: ["pos", 0], negative: ["neg", 0], frame_rate: 25 },
    },
    empty: {
      class_type: "EmptyLTXVLatentVideo",
      inputs: { width: size, height: size, length: 17, batch_size: 1 },
    },
    hush: {
      class_type: "LTXVEmptyLatentAudio",
      inputs: { frames_number: 17, frame_rate: 25, batch_size: 1, audio_vae: ["avae", 0] },
    },
    both: {
      class_type: "LTXVConcatAVLatent",
      inputs: { video_latent: [latent, latent === "empty" ? 0 : 2], audio_latent: [sound, 0] },
    },
    noise: { class_type: "RandomNoise", inputs: { noise_seed: 42 } },
    guider: {
      class_type: "CFGGuider",
      inputs: { model: ["ckpt", 0], positive: ["cond", 0], negative: ["cond", 1], cfg: 1 },
    },
    sampler: { class_type: "KSamplerSelect", inputs: { sampler_name: "euler" } },
    sigmas: { class_type: "ManualSigmas", inputs: { sigmas: "1.0, 0.5, 0.0" } },
    sample: {
      class_type: "SamplerCustomAdvanced",
      inputs: {
        noise: ["noise", 0],
        guider: ["guider", 0],
        sampler: ["sampler", 0],
        sigmas: ["sigmas", 0],
        latent_image: ["both", 0],
      },
    },
    parts: { class_type: "LTXVSeparateAVLatent", inputs: { av_latent: ["sample", 0] } },
    crop: {
      class_type: "LTXVCropGuides",
      inputs: { positive: ["cond", 0], negative: ["cond", 1], latent: ["parts", 0] },
    },
    dec: { class_type: "VAEDecode", inputs: { samples: ["crop", 2], vae: ["ckpt", 2] } },
    heard: { class_type: "LTXVAudioVAEDecode", inputs: { samples: ["parts", 1], audio_vae: ["avae", 0] } },
  };
}

function guide(options: { image: unknown; frame: number; latent: unknown }): Nodes[string] {
  const { image, frame, latent } = options;
  return {
    class_type: "LTXVAddGuide",
    inputs: {
      positive: ["cond", 0],
      negative: ["cond", 1],
      vae: ["ckpt", 2],
      latent,
      image,
      frame_idx: frame,
      strength: 0.7,
    },
  };
}

async function fill(studio: Studio): Promise<void> {
  const { input } = studio.folders;
  await studio.media.put(`${input}/first.png`, portrait({ width: 64, height: 64, colour: 0x3060c0 }));
  await studio.media.put(`${input}/last.png`, portrait({ width: 64, height: 64, colour: 0xc06030 }));
  await studio.media.put(`${input}/speech.wav`, voice(0.68));
  await studio.media.put(
    `${input}/drive.mp4`,
    drivingClip({ width: 160, height: 160, count: 20, first: 300 }),
  );
}

function framesOf(ran: Ran, node: string): Frames {
  const value = ran.outputs.get(node)?.[0];
  assert(value instanceof Frames);
  return value;
}

async function digestOf(frames: Frames): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < frames.count; i++) parts.push(await frames.get(i));
  return hashBytes(...parts);
}

Deno.test("an LTX latent decodes to 8n+1 frames, and the upscaler doubles its size for the second stage", async () => {
  await withStudio(async (studio) => {
    const graph = stage();
    graph.empty!.inputs.length = 22;
    graph.model = { class_type: "LatentUpscaleModelLoader", inputs: { model_name: "x2.safetensors" } };
    graph.up = {
      class_type: "LTXVLatentUpsampler",
      inputs: { samples: ["crop", 2], upscale_model: ["model", 0], vae: ["ckpt", 2] },
    };
    graph.both2 = {
      class_type: "LTXVConcatAVLatent",
      inputs: { video_latent: ["up", 0], audio_latent: ["parts", 1] },
    };
    graph.sigmas2 = { class_type: "ManualSigmas", inputs: { sigmas: "0.85, 0.4, 0.0" } };
    graph.sample2 = {
      ...graph.sample!,
      inputs: { ...graph.sample!.inputs, sigmas: ["sigmas2", 0], latent_image: ["both2", 0] },
    };
    graph.parts2 = { class_type: "LTXVSeparateAVLatent", inputs: { av_latent: ["sample2", 0] } };
    graph.dec2 = { class_type: "VAEDecode", inputs: { samples: ["parts2", 0], vae: ["ckpt", 2] } };
    const render = async (seed: number) => {
      graph.noise!.inputs.noise_seed = seed;
      return framesOf(await studio.run(graph), "dec2");
    };
    const frames = await render(1);
    assertEquals([frames.count, frames.width, frames.height], [17, 320, 320]);
    assert(await digestOf(frames) !== await digestOf(await render(2)));
  });
});

Deno.test("guides are cropped after sampling, and each of them changes the film", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const render = async (first: string, last: string) => {
      const graph = stage({ latent: "guide2" });
      graph.first = { class_type: "LoadImage", inputs: { image: first } };
      graph.last = { class_type: "LoadImage", inputs: { image: last } };
      graph.guide1 = guide({ image: ["first", 0], frame: 0, latent: ["empty", 0] });
      graph.guide2 = guide({ image: ["last", 0], frame: -1, latent: ["guide1", 2] });
      const frames = framesOf(await studio.run(graph), "dec");
      assertEquals(frames.count, 17);
      return await digestOf(frames);
    };
    const digests = [
      await render("first.png", "last.png"),
      await render("last.png", "last.png"),
      await render("first.png", "first.png"),
    ];
    assertEquals(new Set(digests).size, 3);
  });
});

Deno.test("a control video shows frame by frame in the inset", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const graph = stage({ latent: "guide1" });
    graph.clip = { class_type: "LoadVideo", inputs: { file: "drive.mp4" } };
    graph.comp = { class_type: "GetVideoComponents", inputs: { video: ["clip", 0] } };
    graph.edges = {
      class_type: "Canny",
      inputs: { image: ["comp", 0], low_threshold: 0.3, high_threshold: 0.7 },
    };
    graph.guide1 = guide({ image: ["edges", 0], frame: 0, latent: ["empty", 0] });
    const frames = framesOf(await studio.run(graph), "dec");
    for (let i = 0; i < 17; i++) assertEquals(readFrameNumber(await frames.get(i), 160, 160), 300 + i);
  });
});

Deno.test("a given sound leads the picture and stays as it is; without one a sound is made", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const graph = stage({ sound: "kept" });
    graph.audio = { class_type: "LoadAudio", inputs: { audio: "speech.wav" } };
    graph.sound = {
      class_type: "LTXVAudioVAEEncode",
      inputs: { audio: ["audio", 0], audio_vae: ["avae", 0] },
    };
    graph.mask = { class_type: "SolidMask", inputs: { value: 0, width: 64, height: 64 } };
    graph.kept = {
      class_type: "SetLatentNoiseMask",
      inputs: { samples: ["sound", 0], mask: ["mask", 0] },
    };
    const ran = await studio.run(graph);
    const given = ran.outputs.get("audio")?.[0];
    assert(given instanceof Sound);
    assertEquals(ran.outputs.get("heard")?.[0], given);
    const levels = loudnessOf(given, 25);
    const frames = framesOf(ran, "dec");
    for (let i = 0; i < 17; i++) {
      const heard = readLoudness(await frames.get(i), 160, 160);
      assert(heard !== null && Math.abs(heard - levels[i]!) < 0.01, `frame ${i}`);
    }
    const made = (await studio.run(stage())).outputs.get("heard")?.[0];
    assert(made instanceof Sound);
    assertEquals(made.durationS, 17 / 25);
    assert(made.samples.some((value) => Math.abs(value) > 500));
  });
});

Deno.test("VHS cuts a clip by its numbers and saves a film there and back under gifs", async () => {
  await withStudio(async (studio) => {
    await studio.media.put(
      `${studio.folders.input}/drive.mp4`,
      drivingClip({ width: 320, height: 64, count: 20 }),
    );
    const ran = await studio.run({
      load: {
        class_type: "VHS_LoadVideo",
        inputs: {
          video: "drive.mp4",
          force_rate: 0,
          custom_width: 0,
          custom_height: 0,
          frame_load_cap: 4,
          skip_first_frames: 3,
          select_every_nth: 2,
        },
      },
      save: {
        class_type: "VHS_VideoCombine",
        inputs: {
          images: ["load", 0],
          frame_rate: 8,
          loop_count: 0,
          filename_prefix: "vhs",
          format: "video/h264-mp4",
          pingpong: true,
          save_output: true,
        },
      },
    });
    assertEquals(ran.outputs.get("load")?.[1], 4);
    const clip = await studio.media.open(studio.saved(ran, { node: "save", key: "gifs" }));
    const numbers = Array.from({ length: clip.count }, (_, i) => readClipNumber(clip.frame(i), 320, 64));
    assertEquals(numbers, [3, 5, 7, 9, 7, 5]);
    assertEquals(clip.rate, { num: 8, den: 1 });
  });
});
