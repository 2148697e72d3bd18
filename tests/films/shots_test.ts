/** Shots of every model through the real house and the draft renderer: size, length, rate and sound are as promised. */
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig, type Rig, silent } from "@/tests/rig/rig.ts";
import type { Cast } from "@/tests/rig/person.ts";

const Created = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })).min(1) });

const Done = z.looseObject({
  result: z.looseObject({
    type: z.string(),
    width: z.number(),
    height: z.number(),
    seconds: z.number().nullable(),
  }),
  film: z.unknown(),
  loop: z.looseObject({ value: z.number(), method: z.string() }).nullable(),
  notes: z.array(z.string()),
  draft: z.boolean(),
  outputs: z.array(z.looseObject({ type: z.string(), mime: z.string(), draft: z.boolean() })),
});

interface Shot {
  submode: string;
  assets: (cast: Cast) => Record<string, string>;
  settings?: Record<string, unknown>;
  expect: { frames: number; rate: number; width: number; height: number; sound: boolean };
}

const SMALL = { width: 256, height: 256, frameRate: 8, preset: "fast" };

const LTX: Shot[] = [
  {
    submode: "t2v",
    assets: () => ({}),
    settings: { seconds: 1.5, options: { camera: "dolly_in" } },
    expect: { frames: 12, rate: 8, width: 256, height: 256, sound: true },
  },
  {
    submode: "i2v",
    assets: ({ character }) => ({ image: character }),
    settings: { frames: 16, preset: "balanced" },
    expect: { frames: 17, rate: 8, width: 256, height: 256, sound: true },
  },
  {
    submode: "i2v",
    assets: ({ character, drive }) => ({ image: character, video: drive }),
    settings: { seconds: 1, options: { control: "poses" } },
    expect: { frames: 8, rate: 8, width: 256, height: 256, sound: true },
  },
  {
    submode: "a2v",
    assets: ({ voice }) => ({ audio: voice }),
    settings: { seconds: 2 },
    expect: { frames: 16, rate: 8, width: 256, height: 256, sound: true },
  },
  {
    submode: "lipsync",
    assets: ({ character, voice }) => ({ image: character, audio: voice }),
    settings: { seconds: 2, preset: "quality" },
    expect: { frames: 16, rate: 8, width: 256, height: 256, sound: true },
  },
  {
    submode: "keyframe",
    assets: ({ character }) => ({ image: character, lastImage: character }),
    settings: { seconds: 1, options: { detailer: true, detailerStrength: 0.7 } },
    expect: { frames: 8, rate: 8, width: 256, height: 256, sound: true },
  },
  {
    submode: "style",
    assets: ({ character, drive }) => ({ image: character, video: drive }),
    settings: { seconds: 1 },
    expect: { frames: 8, rate: 8, width: 256, height: 256, sound: true },
  },
];

const QUIET = { rate: 16, width: 320, height: 320, sound: false };
const SMALL_WAN = { width: 320, height: 320, frameRate: "template" };

const WAN: Shot[] = [
  {
    submode: "t2v",
    assets: () => ({}),
    settings: { ...SMALL_WAN, seconds: 0.5 },
    expect: { ...QUIET, frames: 8 },
  },
  {
    submode: "i2v",
    assets: ({ character }) => ({ image: character }),
    settings: { ...SMALL_WAN, frames: 10 },
    expect: { ...QUIET, frames: 9 },
  },
  {
    submode: "vace",
    assets: ({ character, drive }) => ({ image: character, video: drive }),
    settings: { ...SMALL_WAN, seconds: 0.5, preset: "quality" },
    expect: { ...QUIET, frames: 8 },
  },
];

async function shoot(
  rig: Rig,
  { mode, shot, cast }: { mode: string; shot: Omit<Shot, "expect">; cast: Cast },
) {
  const body = {
    mode,
    submode: shot.submode,
    prompt: "A lighthouse in the storm",
    assets: shot.assets(cast),
    settings: { ...SMALL, ...shot.settings },
  };
  const { items } = await rig.person.json(Created, "POST", "/jobs", body);
  const id = items[0]?.id ?? "";
  const { status, problem, outputs } = await rig.person.waitForEnd(id);
  assertEquals([shot.submode, status, problem], [shot.submode, "completed", null]);
  const answer = await rig.person.send("GET", (outputs[0]?.url ?? "").replace(/^\/api/, ""));
  const path = `${rig.dir}/${id}.made`;
  await Deno.writeFile(path, answer.body ?? new Uint8Array());
  return { path, id, url: outputs[0]?.url ?? "" };
}

async function checkAll(mode: string, shots: Shot[]): Promise<void> {
  await using rig = await openRig();
  const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
  const cast = await rig.person.bringCast();
  for (const shot of shots) {
    const { video, audio } = await media.probe((await shoot(rig, { mode, shot, cast })).path);
    const { frames, rate, width, height, sound } = shot.expect;
    assertEquals(
      [shot.submode, video?.frames, video?.rate, video?.width, video?.height, audio !== null],
      [shot.submode, frames, { num: rate, den: 1 }, width, height, sound],
    );
    const seconds = audio?.durationS ?? frames / rate;
    assert(Math.abs(seconds - frames / rate) <= 1 / rate, `${shot.submode}: sound of ${seconds} s`);
  }
}

Deno.test("[LX1] [LX4] [LX32] each of the six LTX modes makes the film that was asked for, cut to the frame, with sound as long as the picture", async () => {
  await checkAll("ltx", LTX);
});

Deno.test("the three Wan modes make the film that was asked for, cut to the frame and silent", async () => {
  await checkAll("wan", WAN);
});

const NO_RATE = { preset: "fast", frameRate: "template" };

const STILLS: (Omit<Shot, "expect"> & { size: [number, number]; notes: number })[] = [
  { submode: "still", assets: () => ({}), settings: { width: 512, height: 768 }, size: [512, 768], notes: 0 },
  {
    submode: "still",
    assets: ({ character }) => ({ poseSheet: character }),
    settings: { width: 520, height: 512, seconds: 3, options: { poseStrength: 1 } },
    size: [512, 512],
    notes: 2,
  },
  {
    submode: "still_reference",
    assets: ({ character }) => ({ image: character, poseSheet: character }),
    settings: { width: 512, height: 512, preset: "quality" },
    size: [512, 512],
    notes: 0,
  },
];

Deno.test("a still is a picture of the asked size, with its poster and record, and no film", async () => {
  await using rig = await openRig();
  const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
  const cast = await rig.person.bringCast();
  const seen = new Set<string>();
  for (const { size, notes, ...still } of STILLS) {
    const shot = { ...still, settings: { ...NO_RATE, ...still.settings } };
    const { path, id, url } = await shoot(rig, { mode: "anime", shot, cast });
    const { video, audio } = await media.probe(path);
    assertEquals([video?.width, video?.height, video?.rate ?? null, audio], [...size, null, null]);
    const job = await rig.person.json(Done, "GET", `/jobs/${id}`);
    assertEquals(
      [job.film, job.loop, job.result.type, job.result.seconds, job.draft],
      [null, null, "image", null, true],
    );
    assertEquals([job.result.width, job.result.height, job.notes.length], [...size, notes]);
    assertEquals(job.outputs.map(({ type, mime, draft }) => [type, mime, draft]), [[
      "image",
      "image/png",
      true,
    ]]);
    const answer = await rig.person.send("GET", `${url.replace(/^\/api/, "")}?download=1`);
    await answer.body?.cancel();
    assert(/draft\.png"?/.test(answer.headers.get("content-disposition") ?? ""));
    const bytes = await Deno.readFile(path);
    const words = new TextDecoder("latin1").decode(bytes);
    assert(words.includes("Draft. Animatrix, ") && !words.includes("class_type"));
    seen.add(words);
  }
  assertEquals(seen.size, STILLS.length);
});

Deno.test("[TA28] a loop has 16 frames at 8 per second, and tells how well its end meets its beginning", async () => {
  await using rig = await openRig();
  const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
  const cast = await rig.person.bringCast();
  const settings = { width: 256, height: 256, ...NO_RATE };
  const shot = {
    submode: "loop",
    assets: () => ({}),
    settings,
  };
  const { path, id } = await shoot(rig, { mode: "anime", shot, cast });
  const { video, audio } = await media.probe(path);
  assertEquals([video?.frames, video?.rate, video?.width, audio], [16, { num: 8, den: 1 }, 256, null]);
  const job = await rig.person.json(Done, "GET", `/jobs/${id}`);
  assertEquals([job.result.type, job.result.seconds], ["film", 2]);
  assert(job.loop !== null && job.loop.value > 0.3 && job.loop.value < 1.7, JSON.stringify(job.loop));
  assert(job.loop.method.includes("last frame and the first"));
});
