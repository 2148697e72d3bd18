/** VACE in a high and a low pass: split over two prompts it gives what one prompt gives. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { hashBytes } from "@/draft/nodes/hash.ts";
import { readContinuity } from "@/draft/nodes/inset.ts";
import { Frames } from "@/draft/nodes/values.ts";
import { card } from "./graphs.ts";
import { type Nodes, portrait, type Studio, withStudio } from "./studio.ts";

function pass(from: unknown, options: { high: boolean; seed?: number }): Nodes[string] {
  const { high, seed = 0 } = options;
  return {
    class_type: "KSamplerAdvanced",
    inputs: {
      model: ["shift", 0],
      add_noise: high ? "enable" : "disable",
      noise_seed: seed,
      steps: 4,
      cfg: 1,
      sampler_name: "euler",
      scheduler: "simple",
      positive: ["vace", 0],
      negative: ["vace", 1],
      latent_image: from,
      start_at_step: high ? 0 : 2,
      end_at_step: high ? 2 : 10000,
      return_with_leftover_noise: high ? "enable" : "disable",
    },
  };
}

function base(): Nodes {
  const { unet, lora, shift, clip, vae, pos, neg } = card({ width: 96, height: 64, length: 13 });
  return {
    ...{ unet: unet!, lora: lora!, shift: shift!, clip: clip!, vae: vae!, pos: pos!, neg: neg! },
    ref: { class_type: "LoadImage", inputs: { image: "character.png" } },
    vace: {
      class_type: "WanVaceToVideo",
      inputs: {
        positive: ["pos", 0],
        negative: ["neg", 0],
        vae: ["vae", 0],
        width: 96,
        height: 64,
        length: 13,
        batch_size: 1,
        strength: 1,
        reference_image: ["ref", 0],
      },
    },
  };
}

function decode(from: string): Nodes {
  return {
    trim: { class_type: "TrimVideoLatent", inputs: { samples: [from, 0], trim_amount: ["vace", 3] } },
    dec: { class_type: "VAEDecode", inputs: { samples: ["trim", 0], vae: ["vae", 0] } },
  };
}

async function render(studio: Studio, graph: Nodes): Promise<string> {
  const frames = (await studio.run(graph)).outputs.get("dec")?.[0];
  assert(frames instanceof Frames);
  assertEquals(frames.count, 13);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < frames.count; i++) parts.push(await frames.get(i));
  return hashBytes(...parts);
}

Deno.test("a low pass from a saved latent gives the bytes of one prompt, and another latent shows", async () => {
  await withStudio(async (studio) => {
    const picture = portrait({ width: 48, height: 64, colour: 0x3060c0 });
    await studio.media.put(`${studio.folders.input}/character.png`, picture);
    const high = (seed: number): Nodes => ({ ...base(), high: pass(["vace", 2], { high: true, seed }) });
    const save = { class_type: "SaveLatent", inputs: { samples: ["high", 0], filename_prefix: "high" } };
    await studio.run({ ...high(7), save });
    await studio.run({ ...high(8), save });
    const low = (number: number): Nodes => ({
      ...base(),
      load: { class_type: "LoadLatent", inputs: { latent: `high_0000${number}_.latent [output]` } },
      low: pass(["load", 0], { high: false }),
      ...decode("low"),
    });
    const whole = await render(studio, {
      ...high(7),
      low: pass(["high", 0], { high: false }),
      ...decode("low"),
    });
    assertEquals(await render(studio, low(1)), whole);
    assert(await render(studio, low(2)) !== whole);
    const half = await render(studio, { ...high(7), ...decode("high") });
    assert(half !== whole, "a high pass alone is still noisy");
  });
});

Deno.test("a piece that goes on from a drafted frame carries that frame's code and shows no picture of it", async () => {
  await withStudio(async (studio) => {
    const picture = portrait({ width: 48, height: 64, colour: 0x3060c0 });
    await studio.media.put(`${studio.folders.input}/character.png`, picture);
    const size = { width: 320, height: 192 };
    const { vace, ...rest } = base();
    const sized = { ...vace!, inputs: { ...vace!.inputs, ...size } };
    const first = { ...rest, vace: sized, all: pass(["vace", 2], { high: true }), ...decode("all") };
    const at = (reference: unknown): Nodes => ({
      ...first,
      lead: { class_type: "ImageFromBatch", inputs: { image: ["dec", 0], batch_index: 9, length: 1 } },
      next: { ...sized, inputs: { ...sized.inputs, reference_image: reference } },
      then: {
        ...first.all,
        inputs: { ...first.all.inputs, positive: ["next", 0], latent_image: ["next", 2] },
      },
      cut: { class_type: "TrimVideoLatent", inputs: { samples: ["then", 0], trim_amount: ["next", 3] } },
      shown: { class_type: "VAEDecode", inputs: { samples: ["cut", 0], vae: ["vae", 0] } },
    });
    const framesOf = async (node: string, reference: unknown) => {
      const made = (await studio.run(at(reference))).outputs.get(node)?.[0];
      assert(made instanceof Frames);
      return made;
    };
    const codes = async (frames: Frames, index: number) =>
      readContinuity(await frames.get(index), size.width, size.height);
    const { own } = await codes(await framesOf("dec", ["lead", 0]), 9);
    assert(own !== null && own > 0);
    assertEquals((await codes(await framesOf("shown", ["lead", 0]), 3)).from, own);
    assert((await codes(await framesOf("shown", ["ref", 0]), 3)).from !== own, "a picture carries no code");
  });
});
