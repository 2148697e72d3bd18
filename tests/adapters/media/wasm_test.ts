/** The media suite on the wasm core, which is there with npm alone, and what only that engine promises. */
import { openMedia } from "@/adapters/media/mod.ts";
import { watchRun } from "@/adapters/media/engine.ts";
import { createWasmEngine, WASM_VERSION } from "@/adapters/media/wasm.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { testFinishing } from "./finishing_suite.ts";
import { testOperations } from "./operations_suite.ts";
import { testMedia } from "./suite.ts";
import {
  assertFails,
  createHandClock,
  createScratch,
  makeNumbered,
  quietLog,
  RATE_16,
  realClock,
  sample,
} from "./support.ts";

const suite = {
  open: (clock: typeof realClock) => openMedia({ choice: "wasm", ffmpegPath: "", log: quietLog, clock }),
  ignore: false,
};
testMedia("wasm", suite);
testOperations("wasm", suite);
testFinishing("wasm", suite);

const MEGABYTE = 1 << 20;

Deno.test("wasm: files far larger than the heap are read and written in place", async () => {
  await using scratch = await createScratch();
  let heap = 0;
  const engine = createWasmEngine({
    clock: realClock,
    scratchPath: () => scratch.path("raw"),
    onHeap: (bytes) => heap = bytes,
  });
  // Frames of one megabyte, one grey each: 0, 1, 2 …
  const [input, output] = [scratch.path("in.raw"), scratch.path("out.raw")];
  {
    using file = await Deno.open(input, { write: true, create: true });
    for (let index = 0; index < 96; index++) await file.write(new Uint8Array(MEGABYTE).fill(index));
  }
  const raw = ["-f", "rawvideo", "-pixel_format", "gray", "-video_size", "1024x1024"];
  await engine.run([...raw, "-i", input, "-c:v", "copy", "-f", "rawvideo", output]);
  const written = await Deno.open(output);
  assertEquals((await written.stat()).size, 96 * MEGABYTE);
  await written.seek(77 * MEGABYTE + 5, Deno.SeekMode.Start);
  const byte = new Uint8Array(1);
  await written.read(byte);
  written.close();
  assertEquals(byte[0], 77);
  assert(heap > 0 && heap < 48 * MEGABYTE, `the heap grew to ${heap} bytes`);
});

Deno.test("wasm: the core says the version that the engine gives", async () => {
  const engine = createWasmEngine({ clock: realClock, scratchPath: () => "" });
  const answer = await engine.probe(["-v", "error", "-print_format", "json", "-show_program_version"]);
  assertEquals(JSON.parse(answer).program_version.version, WASM_VERSION);
});

Deno.test("wasm: paths with spaces and quotes work, a folder that is not there fails", async () => {
  await using scratch = await createScratch();
  const media = await suite.open(realClock);
  const dir = scratch.path("it's a folder, with ünusual [signs]");
  await Deno.mkdir(dir);
  const clip = await makeNumbered(media, { path: `${dir}/a clip.mp4`, frames: 1 });
  const joined = { clips: [clip, clip], frames: 2, rate: RATE_16, sound: null };
  await media.join({ ...joined, output: `${dir}/film.mp4` });
  assertEquals((await media.probe(`${dir}/film.mp4`)).video?.frames, 2);
  await assertFails(() => media.join({ ...joined, output: scratch.path("none/film.mp4") }), "media.failed");
});

Deno.test("wasm: a core that falls silent is stopped", async () => {
  const { clock, wakeAll } = createHandClock();
  let stopped = false;
  const watch = watchRun({}, { clock, stop: () => stopped = true, silenceMaxMs: 1000 });
  const nextSleep = () => new Promise((resolve) => setTimeout(resolve));
  watch.alive();
  wakeAll();
  await nextSleep();
  assertEquals(stopped, false);
  wakeAll();
  await nextSleep();
  assertEquals([stopped, watch.reason()?.problem.code], [true, "media.timeout"]);
  watch.end();
});

Deno.test("wasm: posters come out whole at any time and size", async () => {
  await using scratch = await createScratch();
  const media = await suite.open(realClock);
  for (const [atS, edge] of [[0.5, 640], [1, 320], [8, 320]] as const) {
    const output = scratch.path(`${atS}.jpg`);
    await media.poster({ path: sample("drive.mp4"), atS, edge, output }, { timeLimitMs: 60_000 });
    assertEquals((await media.probe(output)).video?.width, edge);
  }
});
