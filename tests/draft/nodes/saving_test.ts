/** Names of saved files, the forms of SaveVideo, batches, sound and arithmetic. */
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { evaluate } from "@/draft/nodes/expression.ts";
import { Inputs } from "@/draft/nodes/kind.ts";
import { formatOf, rateOf } from "@/draft/nodes/kinds/media_out.ts";
import { draftNodes } from "@/draft/nodes/mod.ts";
import { Frames } from "@/draft/nodes/values.ts";
import { readClipNumber } from "@/draft/nodes/inset.ts";
import { card } from "./graphs.ts";
import { drivingClip, type Nodes, voice, withStudio } from "./studio.ts";

function stills(prefix: string): Nodes {
  return {
    image: { class_type: "EmptyImage", inputs: { width: 8, height: 16, batch_size: 2, color: 0xff0000 } },
    save: { class_type: "SaveImage", inputs: { images: ["image", 0], filename_prefix: prefix } },
  };
}

const MARCH = new Date(2031, 2, 4, 5, 6, 7).getTime();

Deno.test("files are numbered on from the highest number of their prefix, in their subfolder", async () => {
  await withStudio(async (studio) => {
    const first = await studio.run(stills("shots/a"));
    assertEquals(first.ui.get("save")?.images, [
      { filename: "a_00001_.png", subfolder: "shots", type: "output" },
      { filename: "a_00002_.png", subfolder: "shots", type: "output" },
    ]);
    await Deno.writeTextFile(`${studio.folders.output}/shots/a_00041_.mp4`, "");
    await Deno.writeTextFile(`${studio.folders.output}/shots/ab_00099_.png`, "");
    const second = await studio.run(stills("shots/a"));
    assert(studio.saved(second, { node: "save", key: "images" }).endsWith("/shots/a_00042_.png"));
    await Deno.remove(`${studio.folders.output}/shots/a_00043_.png`);
    const third = await studio.run(stills("shots/a"));
    assert(studio.saved(third, { node: "save", key: "images" }).endsWith("/shots/a_00043_.png"));
  });
});

Deno.test("dates, sizes and batch numbers in a prefix are filled in by the server", async () => {
  await withStudio(async (studio) => {
    const prefix = "%year%-%month%-%day%/%hour%%minute%%second%_%width%x%height%_%batch_num%";
    const ran = await studio.run(stills(prefix), { now: MARCH });
    const names = ran.ui.get("save")?.images?.map((file) => JSON.stringify(file)) ?? [];
    assert(names[0]?.includes('"050607_8x16_0_00001_.png","subfolder":"2031-03-04"'), names[0]);
    assert(names[1]?.includes('"050607_8x16_1_00002_.png"'), names[1]);
  });
});

Deno.test("a prefix or a name that leaves its folder fails the node", async () => {
  await withStudio(async (studio) => {
    for (const prefix of ["../out", "a/../../b", "/tmp/x"]) {
      await assertRejects(() => studio.run(stills(prefix)));
    }
    const load: Nodes = {
      load: { class_type: "LoadLatent", inputs: { latent: "../secret.latent [output]" } },
    };
    await assertRejects(() => studio.run(load));
  });
});

Deno.test("a failed save leaves no half-written file", async () => {
  await withStudio(async (studio) => {
    const stop = new AbortController();
    studio.media.encode = async (input) => {
      await Deno.writeTextFile(input.output, "half");
      throw new Error("disk full");
    };
    const graph: Nodes = {
      ...stills("x"),
      video: { class_type: "CreateVideo", inputs: { images: ["image", 0], fps: 16 } },
      film: {
        class_type: "SaveVideo",
        inputs: { video: ["video", 0], filename_prefix: "film", format: "mp4", codec: "h264" },
      },
    };
    await assertRejects(() => studio.run(graph, { signal: stop.signal }));
    const left = Array.from(Deno.readDirSync(studio.folders.output), (entry) => entry.name);
    assertEquals(left.filter((name) => name.includes("film")), []);
  });
});

Deno.test("every form of SaveVideo's format is understood, and none at all fails as on a real server", () => {
  const read = (raw: Record<string, unknown>) => {
    const { ending, crf } = formatOf(new Inputs(raw));
    return `${ending} ${crf}`;
  };
  assertEquals(read({ format: "mp4", codec: "h264" }), ".mp4 20");
  assertEquals(read({ format: "auto", codec: "auto" }), ".mp4 20");
  assertEquals(read({ format: "mp4" }), ".mp4 20");
  assertEquals(read({ format: "mp4", "format.codec": "h264" }), ".mp4 20");
  assertEquals(
    read({
      format: "mp4",
      "format.codec": "h264",
      "format.codec.encoding": "re-encode",
      "format.codec.encoding.crf": 31,
    }),
    ".mp4 31",
  );
  assertEquals(
    read({
      format: { format: "mp4", codec: { codec: "h264", encoding: { encoding: "re-encode", crf: 12 } } },
    }),
    ".mp4 12",
  );
  for (const raw of [{}, { format: "webm" }, { format: "mkv" }, { format: "mp4", "format.codec": "av1" }]) {
    let failed = false;
    try {
      formatOf(new Inputs(raw));
    } catch {
      failed = true;
    }
    assert(failed, JSON.stringify(raw));
  }
});

Deno.test("frame rates become exact fractions", () => {
  assertEquals(rateOf(16), { num: 16, den: 1 });
  assertEquals(rateOf(24000 / 1001), { num: 24000, den: 1001 });
  assertEquals(rateOf(29.97), { num: 30000, den: 1001 });
  assertEquals(rateOf(12.5), { num: 12500, den: 1000 });
});

Deno.test("ImageFromBatch clamps, ImageBatch joins, RepeatImageBatch repeats, all frame by frame", async () => {
  await withStudio(async (studio) => {
    const clip = drivingClip({ width: 320, height: 64, count: 120 });
    await studio.media.put(`${studio.folders.input}/clip.mp4`, clip);
    const pick = (batch_index: number, length: number) => ({
      class_type: "ImageFromBatch",
      inputs: { image: ["comp", 0], batch_index, length },
    });
    const ran = await studio.run({
      load: { class_type: "LoadVideo", inputs: { file: "clip.mp4" } },
      comp: { class_type: "GetVideoComponents", inputs: { video: ["load", 0] } },
      late: pick(500, 10),
      tail: pick(-3, 2),
      middle: pick(100, 4096),
      joined: { class_type: "ImageBatch", inputs: { image1: ["tail", 0], image2: ["late", 0] } },
      many: {
        class_type: "BatchImagesNode",
        inputs: { "images.image1": ["late", 0], "images.image0": ["tail", 0] },
      },
      twice: { class_type: "RepeatImageBatch", inputs: { image: ["tail", 0], amount: 2 } },
    });
    const numbers = async (node: string) => {
      const frames = ran.outputs.get(node)?.[0];
      assert(frames instanceof Frames);
      const read: (number | null)[] = [];
      for (let i = 0; i < frames.count; i++) read.push(readClipNumber(await frames.get(i), 320, 64));
      return read;
    };
    assertEquals(await numbers("late"), [119]);
    assertEquals(await numbers("tail"), [117, 118]);
    assertEquals((await numbers("middle")).length, 20);
    assertEquals(await numbers("joined"), [117, 118, 119]);
    assertEquals(await numbers("many"), [117, 118, 119]);
    assertEquals(await numbers("twice"), [117, 118, 117, 118]);
    assertEquals(ran.outputs.get("comp")?.slice(1), [null, 16, 8, "sRGB"]);
  });
});

Deno.test("sound is cut, joined and saved as FLAC under ComfyUI's name", async () => {
  await withStudio(async (studio) => {
    await studio.media.put(`${studio.folders.input}/speech.wav`, voice(3));
    const graph: Nodes = {
      load: { class_type: "LoadAudio", inputs: { audio: "speech.wav" } },
      cut: { class_type: "TrimAudioDuration", inputs: { audio: ["load", 0], start_index: 1, duration: 0.5 } },
      both: {
        class_type: "AudioConcat",
        inputs: { audio1: ["cut", 0], audio2: ["load", 0], direction: "after" },
      },
      save: { class_type: "SaveAudio", inputs: { audio: ["both", 0], filename_prefix: "audio/a" } },
    };
    const ran = await studio.run(graph);
    assertEquals(ran.ui.get("save")?.audio, [{
      filename: "a_00001.flac",
      subfolder: "audio",
      type: "output",
    }]);
    const file = await Deno.readFile(studio.saved(ran, { node: "save", key: "audio" }));
    assertEquals(new TextDecoder().decode(file.subarray(0, 4)), "fLaC");
    assertEquals(new DataView(file.buffer).getUint32(22), 3.5 * 16000);
  });
});

Deno.test("a card moves, carries its words, and follows its prompt", async () => {
  await withStudio(async (studio) => {
    const render = async (text: string) => {
      const graph = card({ width: 160, height: 96, length: 9 });
      graph.pos!.inputs.text = text;
      const frames = (await studio.run(graph)).outputs.get("dec")?.[0];
      assert(frames instanceof Frames);
      assertEquals(frames.count, 9);
      return [await frames.get(0), await frames.get(8)];
    };
    const [first, last] = await render("rain");
    const [other] = await render("snow");
    assert(first !== undefined && last !== undefined && other !== undefined);
    assert(first.some((value, i) => value !== last[i]));
    assert(first.some((value, i) => value !== other[i]));
  });
});

Deno.test("expressions follow Python's arithmetic", () => {
  const values = new Map([["a", 7], ["b", 2]]);
  const cases: [string, number][] = [
    ["a + b * 3", 13],
    ["(a + b) * 3", 27],
    ["a // b", 3],
    ["-a // b", -4],
    ["-a % b", 1],
    ["2 ** 3 ** 2", 512],
    ["-2 ** 2", -4],
    ["round(2.5) + round(3.5)", 6],
    ["max(a, b, 9) - min(a, b)", 7],
    ["a > b and b > 0", 1],
    ["ceil(a / b)", 4],
    ["not a", 0],
  ];
  for (const [text, wanted] of cases) assertEquals(evaluate(text, values), wanted, text);
  for (const text of ["a +", "c", "a / 0", "(a", "import(a)", "a b", "constructor"]) {
    let failed = false;
    try {
      evaluate(text, values);
    } catch {
      failed = true;
    }
    assert(failed, text);
  }
});

Deno.test("every class that can run has a definition", () => {
  const missing = Object.keys(draftNodes.kinds).filter((name) => draftNodes.definitions[name] === undefined);
  assertEquals(missing, []);
});
