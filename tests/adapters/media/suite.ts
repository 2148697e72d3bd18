/** What every media engine must do; run on native ffmpeg and on the wasm core. */
import { problemOf } from "@/core/problem.ts";
import type { Clock, Media } from "@/core/ports.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { wavOf } from "@/tests/fixtures/samples/beat.ts";
import { testPictures, testSounds } from "./picture_and_sound_suite.ts";
import {
  assertFails,
  createHandClock,
  createScratch,
  makeHdr,
  makeNumbered,
  numberedFrames,
  range,
  RATE_16,
  readCells,
  readNumbers,
  realClock,
  sample,
  sine,
  SIZE,
} from "./support.ts";

export type OpenSuiteMedia = (clock: Clock) => Promise<Media>;

export function testMedia(engine: string, { open, ignore }: { open: OpenSuiteMedia; ignore: boolean }): void {
  let media: Promise<Media> | null = null;
  const test = (rule: string, run: (media: Media) => Promise<void>) =>
    Deno.test({
      name: `${engine}: ${rule}`,
      ignore,
      fn: async () => await run(await (media ??= open(realClock))),
    });
  testFacts(test);
  testClips(test);
  testFilms(test);
  testPictures(test);
  testSounds(test);
  testRuns(test, open);
}

export type Test = (rule: string, run: (media: Media) => Promise<void>) => void;

function testFacts(test: Test): void {
  test("a probe tells size, rate, frames and sound", async (media) => {
    const { kind, container, durationS, video, audio } = await media.probe(sample("drive.mp4"));
    assertEquals([kind, container, durationS], ["video", "mp4", 8.4]);
    assertEquals([video?.width, video?.height, video?.rate, video?.frames], [
      640,
      640,
      { num: 25, den: 1 },
      210,
    ]);
    assertEquals([video?.variableRate, video?.rotation], [false, 0]);
    assertEquals([audio?.codec, audio?.sampleRate, audio?.channels, audio?.durationS], [
      "aac",
      48_000,
      1,
      8.4,
    ]);
  });

  test("a probe gives the displayed size of a turned clip and knows a variable rate", async (media) => {
    const { video, audio } = await media.probe(sample("phone.mp4"));
    assertEquals([video?.codec, video?.width, video?.height], ["hevc", 360, 640]);
    assertEquals([video?.rotation, video?.variableRate, video?.frames, audio], [90, true, 100, null]);
  });

  test("a still is an image and a voice is sound", async (media) => {
    const still = await media.probe(sample("character.png"));
    assertEquals([still.kind, still.container, still.durationS, still.video?.frames], [
      "image",
      "png",
      null,
      1,
    ]);
    const voice = await media.probe(sample("voice.mp3"));
    assertEquals([voice.kind, voice.container, voice.video, voice.audio?.codec], [
      "audio",
      "mp3",
      null,
      "mp3",
    ]);
  });

  test("a film whose index is in front and whose end is missing is cut, not readable", async (media) => {
    await using scratch = await createScratch();
    const film = await Deno.readFile(sample("drive.mp4"));
    for (const bytes of [film.length - 1, 200_000, 9000, 1500]) {
      await Deno.writeFile(scratch.path("cut.mp4"), film.subarray(0, bytes));
      await assertFails(() => media.probe(scratch.path("cut.mp4")), "asset.truncated");
    }
    const trailed = new Uint8Array(film.length + 100).fill(0xff);
    trailed.set(film);
    await Deno.writeFile(scratch.path("trailed.mp4"), trailed);
    assertEquals((await media.probe(scratch.path("trailed.mp4"))).kind, "video");
  });

  test("a picture with more pixels than are accepted is refused by its head alone", async (media) => {
    await using scratch = await createScratch();
    const head = (await Deno.readFile(sample("character.png"))).slice(0, 100);
    new DataView(head.buffer).setUint32(16, 10_001);
    new DataView(head.buffer).setUint32(20, 10_000);
    await Deno.writeFile(scratch.path("huge.png"), head);
    await assertFails(() => media.probe(scratch.path("huge.png")), "asset.too_large");
  });

  test("a file that is no media and a missing one are named as unreadable", async (media) => {
    await using scratch = await createScratch();
    await Deno.writeTextFile(scratch.path("text.mp4"), "this is not a film");
    await assertFails(() => media.probe(scratch.path("text.mp4")), "asset.unreadable");
    await assertFails(() => media.probe(scratch.path("none.mp4")), "asset.unreadable");
    const output = scratch.path("out.mp4");
    const trim = () =>
      media.trim({ path: scratch.path("text.mp4"), start: 0, frames: 1, rate: RATE_16, output });
    await assertFails(trim, "asset.unreadable");
  });
}

function testClips(test: Test): void {
  test("raw frames come back in order, each once", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 9, first: 120 });
    assertEquals(await readNumbers(media, path), range(120, 9));
    const part = await media.decode({ path, width: 48, height: 48, start: 3, frames: 2 });
    assertEquals([part.width, part.height], [48, 32]);
    const numbers: number[] = [];
    for await (const frame of part.frames) numbers.push(readCells(frame, { width: 48, row: 16, cells: 8 }));
    assertEquals(numbers, [123, 124]);
  });

  test("a reader may stop early", async (media) => {
    const raw = await media.decode({ path: sample("drive.mp4"), width: 64, frames: 60 });
    for await (const frame of raw.frames) {
      assertEquals(frame.length, 64 * 64 * 3);
      break;
    }
  });

  test("a cut has exactly the frames asked for", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 20 });
    const output = scratch.path("cut.mp4");
    await media.trim({ path, start: 7, frames: 5, rate: RATE_16, output });
    assertEquals(await readNumbers(media, output), range(7, 5));
  });

  test("the sample clip's frames carry their number", async (media) => {
    const raw = await media.decode({ path: sample("drive.mp4"), start: 41, frames: 3 });
    const numbers: number[] = [];
    for await (const frame of raw.frames) numbers.push(readCells(frame, { width: 640, row: 16, cells: 16 }));
    assertEquals(numbers, [41, 42, 43]);
  });

  test("normalising gives an upright clip of constant rate without sound", async (media) => {
    await using scratch = await createScratch();
    const output = scratch.path("clip.mp4");
    const frames = await media.normalise({ path: sample("phone.mp4"), rate: RATE_16, framesMax: 12, output });
    const { video, audio } = await media.probe(output);
    assertEquals([frames, video?.frames, audio], [12, 12, null]);
    assertEquals([video?.width, video?.height, video?.rotation], [360, 640, 0]);
    assertEquals([video?.rate, video?.variableRate, video?.pixelFormat], [RATE_16, false, "yuv420p"]);
  });

  test("normalising to another rate keeps the time and takes the nearest frames", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 16 });
    const output = scratch.path("half.mp4");
    assertEquals(await media.normalise({ path, rate: { num: 8, den: 1 }, output }), 8);
    const numbers = await readNumbers(media, output);
    for (const [index, number] of numbers.entries()) assert(Math.abs(number - index * 2) <= 1, `${numbers}`);
  });

  test("an HDR clip becomes SDR", async (media) => {
    await using scratch = await createScratch();
    const [hdr, output] = [scratch.path("hdr.mp4"), scratch.path("sdr.mp4")];
    await makeHdr(hdr);
    assertEquals((await media.probe(hdr)).video?.transfer, "smpte2084");
    await media.normalise({ path: hdr, rate: RATE_16, output });
    const { video } = await media.probe(output);
    assertEquals([video?.transfer, video?.pixelFormat, video?.frames], ["bt709", "yuv420p", 2]);
    // PQ code 128 of 255 means about 90 cd/m²: brighter in SDR than the mid-grey that the bare code would show.
    for await (const frame of (await media.decode({ path: output })).frames) {
      assert((frame[SIZE.width * 96] ?? 0) > 145, `grey became ${frame[SIZE.width * 96]}`);
    }
  });

  test("a move over a still starts and ends at the views asked for", async (media) => {
    await using scratch = await createScratch();
    const still = scratch.path("still.png");
    // The still shows bars of 85 = 01010101; the last bar is white, the first black.
    await media.encode({ raw: numberedFrames(1, 85), rate: RATE_16, output: still });
    const output = scratch.path("move.mp4");
    const [from, to] = [{ zoom: 1, x: 0.5, y: 0.5 }, { zoom: 8, x: 1, y: 0 }];
    await media.kenBurns({ path: still, frames: 10, rate: RATE_16, ...SIZE, from, to, output });
    const raw = await media.decode({ path: output });
    const rows: Uint8Array[] = [];
    for await (const frame of raw.frames) rows.push(frame);
    assertEquals(rows.length, 10);
    const first = rows[0] ?? new Uint8Array();
    const last = rows[9] ?? new Uint8Array();
    assertEquals(readCells(first, { width: SIZE.width, row: 32, cells: 8 }), 85);
    // Eight times nearer, in the right-hand corner, there is nothing but the last bar.
    assertEquals(readCells(last, { width: SIZE.width, row: 32, cells: 4 }), 15);
  });
}

function testFilms(test: Test): void {
  test("a film has exactly its frames, and its sound ends with its picture", async (media) => {
    await using scratch = await createScratch();
    const first = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 9 });
    const second = await makeNumbered(media, {
      path: scratch.path("b.mp4"),
      frames: 12,
      first: 6,
      sound: sample("voice.mp3"),
    });
    const output = scratch.path("film.mp4");
    const sound = sample("voice.mp3");
    const made = { clips: [first, second], skip: 3, frames: 17, rate: RATE_16, output };
    await media.join({ ...made, sound, title: "A title", comment: "A comment" });
    assertEquals(await readNumbers(media, output), range(0, 17));
    const { audio } = await media.probe(output);
    assertEquals([audio?.codec, audio?.sampleRate, audio?.channels], ["aac", 48_000, 2]);
    assert(Math.abs((audio?.durationS ?? 0) - 17 / 16) < 1 / 16, `sound lasts ${audio?.durationS}`);
    const bytes = new TextDecoder("latin1").decode(await Deno.readFile(output));
    assert(bytes.includes("A title") && bytes.includes("A comment"));
    assert(bytes.indexOf("moov") < bytes.indexOf("mdat"), "the index comes first");
  });

  test("sound shorter than the film is filled with silence", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 32 });
    await Deno.writeFile(scratch.path("short.wav"), wavOf(sine({ hertz: 440, level: 0.5, seconds: 0.5 })));
    const output = scratch.path("film.mp4");
    await media.join({ clips: [path], frames: 32, rate: RATE_16, sound: scratch.path("short.wav"), output });
    const { audio, video } = await media.probe(output);
    assertEquals(video?.frames, 32);
    assert(Math.abs((audio?.durationS ?? 0) - 2) < 1 / 16, `sound lasts ${audio?.durationS}`);
  });

  test("an assembled film keeps every frame and dissolves where asked", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 30 });
    const output = scratch.path("film.mp4");
    const stretches = [
      { path, start: 0, frames: 8, dissolve: 0 },
      { path, start: 10, frames: 6, dissolve: 0 },
      { path, start: 20, frames: 9, dissolve: 4 },
    ];
    const frames = await media.assemble({ stretches, rate: RATE_16, ...SIZE, sound: null, output });
    assertEquals(frames, 19);
    const numbers = await readNumbers(media, output);
    assertEquals(numbers.length, 19);
    assertEquals([...numbers.slice(0, 10), ...numbers.slice(14)], [...range(0, 8), 10, 11, ...range(24, 5)]);
  });

  test("a stretch that its clip cannot fill is refused", async (media) => {
    await using scratch = await createScratch();
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 6 });
    const output = scratch.path("film.mp4");
    const stretches = [{ path, start: 2, frames: 9, dissolve: 0 }];
    const assemble = () => media.assemble({ stretches, rate: RATE_16, ...SIZE, sound: null, output });
    await assertFails(assemble, "media.lengths_differ");
    assertEquals([...Deno.readDirSync(scratch.dir)].map((entry) => entry.name), ["a.mp4"]);
  });
}

/** Long enough that a test always gets to stop it. */
const ENDLESS = 100_000;

function testRuns(test: Test, open: OpenSuiteMedia): void {
  const move = (media: Media, { output, signal, frames = ENDLESS, timeLimitMs, onFirst }: {
    output: string;
    signal?: AbortSignal;
    frames?: number;
    timeLimitMs?: number;
    onFirst: () => void;
  }) => {
    const view = { zoom: 1, x: 0.5, y: 0.5 };
    const picture = { path: sample("character.png"), frames, rate: RATE_16, width: 320, height: 320 };
    return media.kenBurns({ ...picture, from: view, to: view, output }, {
      signal,
      timeLimitMs,
      onProgress: onFirst,
    });
  };

  test("progress rises to the last frame", async (media) => {
    await using scratch = await createScratch();
    const seen: number[] = [];
    const raw = numberedFrames(24);
    const output = scratch.path("a.mp4");
    await media.encode({ raw, rate: RATE_16, output }, { onProgress: ({ frame }) => seen.push(frame) });
    assertEquals(seen.at(-1), 24);
    assertEquals(seen, seen.toSorted((a, b) => a - b));
  });

  test("a run that is cancelled ends at once and leaves no file", async (media) => {
    await using scratch = await createScratch();
    const stop = new AbortController();
    const output = scratch.path("move.mp4");
    const run = () => move(media, { output, signal: stop.signal, onFirst: () => stop.abort() });
    await assertFails(run, "media.cancelled");
    assertEquals([...Deno.readDirSync(scratch.dir)].length, 0);
    await assertFails(
      () => media.probe(sample("drive.mp4"), { signal: AbortSignal.abort() }),
      "media.cancelled",
    );
  });

  test("a run that passes its time limit is stopped and leaves no file", async () => {
    await using scratch = await createScratch();
    const { clock, wakeAll } = createHandClock();
    const media = await open(clock);
    const output = scratch.path("move.mp4");
    await assertFails(() => move(media, { output, timeLimitMs: 1000, onFirst: wakeAll }), "media.timeout");
    assertEquals([...Deno.readDirSync(scratch.dir)].length, 0);
  });

  test("a source of frames that fails takes the file with it", async (media) => {
    await using scratch = await createScratch();
    async function* frames() {
      yield await Promise.resolve(new Uint8Array(SIZE.width * SIZE.height * 3));
      throw new Error("the source broke");
    }
    const output = scratch.path("a.mp4");
    const thrown = await media.encode({ raw: { ...SIZE, frames: frames() }, rate: RATE_16, output }).catch((
      error,
    ) => error);
    assertEquals(problemOf(thrown).operator, "Error: the source broke");
    assertEquals([...Deno.readDirSync(scratch.dir)].length, 0);
  });
}
