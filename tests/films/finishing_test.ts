/** Finishing through the whole studio on the draft renderer: what ffprobe sees is what was promised before. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/actors/runtime/quiet.ts";
import { openDraft, openHouseAt, openRig, personAt } from "@/tests/rig/rig.ts";
import { fetchOutput, openTestMedia } from "./watch.ts";

const Preview = z.looseObject({
  ok: z.boolean(),
  frames: z.number(),
  frameRate: z.number(),
  seconds: z.number(),
  size: z.object({ width: z.number(), height: z.number() }),
});
const Detail = z.looseObject({
  film: z.looseObject({ frames: z.number() }),
  finishing: z.array(z.tuple([z.string(), z.string()])),
});

Deno.test("a performance that is cut, smoothed, enlarged and levelled has the length, rate, size and loudness that the preview told", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const cast = await person.bringCast();
  const body = {
    mode: "audio",
    prompt: "A singer in the fog",
    assets: { groundTruth: cast.character, audio: cast.voice },
    settings: {
      width: 320,
      height: 320,
      seconds: 4,
      preset: "fast",
      finish: { trim: { start: 0.5, end: 3 }, interpolate: 2, upscale: 2, loudness: true },
    },
  };
  const told = await person.json(Preview, "POST", "/jobs/preview", body);
  assertEquals([told.frames, told.frameRate, told.seconds, told.size], [80, 32, 2.5, {
    width: 640,
    height: 640,
  }]);
  const job = await person.create(body);
  const { path } = await fetchOutput(rig, job.id);
  const media = await openTestMedia();
  const { video, audio, durationS } = await media.probe(path);
  assertEquals([video?.frames, video?.rate, video?.width, video?.height], [
    80,
    { num: 32, den: 1 },
    640,
    640,
  ]);
  assert(Math.abs((durationS ?? 0) - 2.5) <= 0.05 && Math.abs((audio?.durationS ?? 0) - 2.5) <= 0.05);
  const { integrated } = await media.loudness(path);
  assert(Math.abs(integrated + 14) <= 1, `it is at ${integrated} LUFS`);
  const { finishing, film } = await person.json(Detail, "GET", `/jobs/${job.id}`);
  assertEquals(film.frames, 80);
  assertEquals(finishing.slice(0, 3), [
    ["Cut", "2.5 s from 0.5 s on"],
    ["Frames", "2 × the frames, by ffmpeg minterpolate"],
    ["Enlarged", "2 × the size, by ffmpeg lanczos"],
  ]);
  assert(/^-1[345]\.\d LUFS, before -?\d+\.\d$/.test(finishing[3]?.[1] ?? ""), finishing[3]?.[1]);
});

Deno.test("a silent film asked to be levelled is delivered as it is, and says so", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const settings = { width: 320, height: 320, seconds: 0.5, preset: "fast", finish: { loudness: true } };
  const job = await person.create({ mode: "wan", submode: "t2v", prompt: "A tram", settings });
  const { path } = await fetchOutput(rig, job.id);
  assertEquals((await (await openTestMedia()).probe(path)).audio, null);
  const { finishing } = await person.json(Detail, "GET", `/jobs/${job.id}`);
  assertEquals(finishing, [["Loudness", "Silent, so nothing was changed"]]);
});

Deno.test("a wish that the film is too short for is refused before anything is made", async () => {
  await using rig = await openRig();
  const settings = { seconds: 1, finish: { trim: { start: 2, end: 3 } } };
  const answer = await rig.person.send("POST", "/jobs", {
    mode: "wan",
    submode: "t2v",
    prompt: "x",
    settings,
  });
  assertEquals(answer.status, 422);
  const { fields } = await answer.json();
  assertEquals(fields.map(({ path }: { path: string }) => path), ["settings.finish.trim.start"]);
  assertEquals((await rig.person.page()).items, []);
});

Deno.test("where a render server has the models, they make the frames between and the larger picture, and the film says so", async () => {
  const dir = await Deno.makeTempDir();
  const draft = await openDraft(`${dir}/draft`);
  const house = await openHouseAt(`${dir}/data`, { COMFY_URLS: draft.url });
  try {
    const person = await personAt(house).register();
    const cast = await person.bringCast();
    const finish = { interpolate: 2, upscale: 2, loudness: true };
    const body = {
      mode: "audio",
      prompt: "A singer in the fog",
      assets: { groundTruth: cast.character, audio: cast.voice },
      settings: { width: 320, height: 320, seconds: 2, preset: "fast", finish },
    };
    await until(async () => {
      const { notes } = await person.json(
        z.looseObject({ notes: z.array(z.string()) }),
        "POST",
        "/jobs/preview",
        body,
      );
      return notes.some((note) => note.includes("made by the model film_net_fp16"));
    });
    const job = await person.create(body);
    const { path, job: ended } = await fetchOutput({ person, dir }, job.id);
    assertEquals(ended.steps.filter(({ id }) => id.endsWith("-model")).map(({ state }) => state), [
      "done",
      "done",
    ]);
    const { video, audio } = await (await openTestMedia()).probe(path);
    assertEquals([video?.frames, video?.rate, video?.width, video?.height], [
      64,
      { num: 32, den: 1 },
      640,
      640,
    ]);
    assert(Math.abs((audio?.durationS ?? 0) - 2) <= 0.05);
    const { finishing } = await person.json(Detail, "GET", `/jobs/${job.id}`);
    assertEquals(finishing.slice(0, 2), [
      ["Frames", "2 × the frames, by film_net_fp16"],
      ["Enlarged", "2 × the size, by RealESRGAN_x4plus"],
    ]);
  } finally {
    await house.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});
