/** Animate in chunks: frame numbers, carried tails, and what each input changes. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { hashBytes } from "@/draft/nodes/hash.ts";
import { readContinuity, readFrameNumber } from "@/draft/nodes/inset.ts";
import { Frames } from "@/draft/nodes/values.ts";
import { animate, continued } from "./graphs.ts";
import { drivingClip, type Nodes, portrait, type Ran, type Studio, withStudio } from "./studio.ts";

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

async function fill(studio: Studio, size = 64): Promise<void> {
  const { input } = studio.folders;
  await studio.media.put(`${input}/character.png`, portrait({ width: 48, height: 64, colour: 0x3060c0 }));
  await studio.media.put(`${input}/other.png`, portrait({ width: 48, height: 64, colour: 0x3060c4 }));
  const clip = { width: size, height: size, count: 160 };
  await studio.media.put(`${input}/drive.mp4`, drivingClip(clip));
  await studio.media.put(`${input}/drive2.mp4`, drivingClip({ ...clip, first: 400 }));
}

Deno.test("film frame i shows driving frame i across a chunk border: 77 + 72 frames", async () => {
  await withStudio(async (studio) => {
    await fill(studio, 160);
    const graph = continued(animate({ size: 160, length: 77 }), ["dec", 0]);
    graph.film = { class_type: "ImageBatch", inputs: { image1: ["new", 0], image2: ["new1", 0] } };
    const ran = await studio.run(graph);
    const film = framesOf(ran, "film");
    assertEquals(film.count, 149);
    for (let i = 0; i < film.count; i++) {
      assertEquals(readFrameNumber(await film.get(i), 160, 160), i, `frame ${i}`);
    }
    assertEquals(ran.outputs.get("cond")?.slice(3), [1, 0, 77]);
    assertEquals(ran.outputs.get("cond1")?.slice(3), [1, 5, 149]);
  });
});

Deno.test("a chunk shows the code of the frame that it continues", async () => {
  await withStudio(async (studio) => {
    await fill(studio, 160);
    const ran = await studio.run(continued(animate({ size: 160, length: 21 }), ["dec", 0]));
    const last = readContinuity(await framesOf(ran, "dec").get(20), 160, 160);
    const next = readContinuity(await framesOf(ran, "new1").get(0), 160, 160);
    assert(last.own !== null);
    assertEquals(next.from, last.own);
    assertEquals(last.from, null, "the first chunk continues nothing");
  });
});

Deno.test("a chunk that is given the wrong tail says so and looks different", async () => {
  await withStudio(async (studio) => {
    await fill(studio, 160);
    const base = animate({ size: 160, length: 21 });
    const right = await studio.run(continued(base, ["dec", 0]));
    const cut: Nodes = {
      ...base,
      early: { class_type: "ImageFromBatch", inputs: { image: ["dec", 0], batch_index: 2, length: 5 } },
    };
    const wrong = await studio.run(continued(cut, ["early", 0]));
    const seen = readContinuity(await framesOf(wrong, "new1").get(0), 160, 160);
    const wanted = readContinuity(await framesOf(right, "dec").get(20), 160, 160);
    assert(seen.from !== wanted.own);
    assert(await digestOf(framesOf(wrong, "new1")) !== await digestOf(framesOf(right, "new1")));
  });
});

Deno.test("a clip that is used up is dropped, one that ends is held on its last frame", async () => {
  await withStudio(async (studio) => {
    await fill(studio, 160);
    const padded = framesOf(await studio.run(animate({ size: 160, length: 9, offset: 156 })), "dec");
    assertEquals(readFrameNumber(await padded.get(3), 160, 160), 159);
    assertEquals(readFrameNumber(await padded.get(8), 160, 160), 159);
    const gone = framesOf(await studio.run(animate({ size: 160, length: 9, offset: 160 })), "dec");
    assertEquals(readFrameNumber(await gone.get(0), 160, 160), null);
  });
});

/** One change to the graph per row; every row must change the frames. */
const CHANGES: [string, (graph: Nodes) => void][] = [
  ["image", (graph) => void (graph.ref!.inputs.image = "other.png")],
  ["clip", (graph) => void (graph.drive!.inputs.file = "drive2.mp4")],
  ["prompt", (graph) => void (graph.pos!.inputs.text = "a dancer in the snow")],
  ["negative prompt", (graph) => void (graph.neg!.inputs.text = "dark")],
  ["seed", (graph) => void (graph.ks!.inputs.seed = 43)],
  ["seed beyond 53 bits", (graph) => void (graph.ks!.inputs.seed = 9007199254740995n)],
  ["steps", (graph) => void (graph.ks!.inputs.steps = 3)],
  ["cfg", (graph) => void (graph.ks!.inputs.cfg = 1.5)],
  ["sampler", (graph) => void (graph.ks!.inputs.sampler_name = "uni_pc")],
  ["scheduler", (graph) => void (graph.ks!.inputs.scheduler = "karras")],
  ["LoRA strength", (graph) => void (graph.lora!.inputs.strength_model = 0.9)],
  ["LoRA", (graph) => void (graph.lora!.inputs.lora_name = "other.safetensors")],
  ["model", (graph) => void (graph.unet!.inputs.unet_name = "other.safetensors")],
  ["shift", (graph) => void (graph.shift!.inputs.shift = 5)],
  ["decoder", (graph) => void (graph.vae!.inputs.vae_name = "wan_2.2_vae.safetensors")],
  ["offset", (graph) => void (graph.cond!.inputs.video_frame_offset = 1)],
  ["pose drawing", (graph) => void (graph.pose!.inputs.draw_body = false)],
  ["mask", (graph) => void (graph.mask!.inputs.expand = 9)],
  ["background", (graph) => void (graph.black!.inputs.color = 255)],
  ["submode", (graph) => {
    delete graph.cond!.inputs.background_video;
    delete graph.cond!.inputs.character_mask;
  }],
];

Deno.test("every input changes the frames, and unchanged inputs leave every byte", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const render = async (change: (graph: Nodes) => void) => {
      const graph = animate({ size: 64, length: 9, mix: true });
      change(graph);
      return await digestOf(framesOf(await studio.run(graph), "dec"));
    };
    const before = await render(() => {});
    assertEquals(await render(() => {}), before);
    const seen = new Map([[before, "nothing"]]);
    for (const [name, change] of CHANGES) {
      const after = await render(change);
      assertEquals(seen.get(after), undefined, `changing ${name} must not look like changing the other`);
      seen.set(after, name);
    }
  });
});

Deno.test("size and length are those that were asked for", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const frames = framesOf(await studio.run(animate({ size: 96, length: 13 })), "dec");
    assertEquals([frames.count, frames.width, frames.height], [13, 96, 96]);
    assertEquals((await frames.get(0)).length, 96 * 96 * 3);
  });
});

Deno.test("a driver that is wider than the film keeps its whole strip in the inset", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const clip = drivingClip({ width: 320, height: 180, count: 20, first: 0x5a5a });
    await studio.media.put(`${studio.folders.input}/drive.mp4`, clip);
    const frames = framesOf(await studio.run(animate({ size: 160, length: 5 })), "dec");
    assertEquals(readFrameNumber(await frames.get(4), 160, 160), 0x5a5a + 4);
  });
});

Deno.test("sampling tells its progress, shows previews, and stops when it is interrupted", async () => {
  await withStudio(async (studio) => {
    await fill(studio);
    const graph = animate({ size: 64, length: 5 });
    graph.ks!.inputs.steps = 6;
    const ran = await studio.run(graph);
    assertEquals(ran.progress, [1, 2, 3, 4, 5, 6].map((step): [number, number] => [step, 6]));
    assert(ran.previews.length >= 2);
    assertEquals([...ran.previews[0]!.subarray(1, 4)], [0x50, 0x4e, 0x47]);
    const failed = await studio.run(graph, { signal: AbortSignal.abort("stopped") }).catch((error) => error);
    assertEquals(failed, "stopped");
  });
});
