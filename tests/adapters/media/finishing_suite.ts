/** Work on finished films, on any engine: exact frames, rate, size, length and loudness, with a record of what was done. */
import { operations, type OperationValue } from "@/adapters/media/operations.ts";
import type { Media, Scratch } from "@/core/ports.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import type { OpenSuiteMedia } from "./suite.ts";
import {
  assertFails,
  createScratch,
  makeNumbered,
  range,
  RATE_16,
  readNumbers,
  realClock,
  sample,
} from "./support.ts";

const FRAMES = 32;

/** Two seconds of numbered frames, joined as films are. */
async function makeFilm(media: Media, scratch: Scratch, sound: string | null) {
  const clip = await makeNumbered(media, { path: scratch.path("clip.mp4"), frames: FRAMES });
  const made = await operate("join_film", {
    media,
    scratch,
    values: {
      clips: { paths: [clip] },
      frames: FRAMES,
      rateNum: 16,
      width: 96,
      height: 64,
      title: "Harbour",
      draft: true,
      ...(sound === null ? {} : { sound: { path: sound } }),
    },
  });
  const [film = "", record = ""] = ["film", "metadata"].map((role) =>
    made.files.find((file) => file.role === role)?.path ?? ""
  );
  await Deno.rename(film, scratch.path("joined.mp4"));
  await Deno.rename(record, scratch.path("joined.json"));
  return { film: { path: scratch.path("joined.mp4") }, record: { path: scratch.path("joined.json") } };
}

const AS_JOINED = { frames: FRAMES, rateNum: 16, rateDen: 1, width: 96, height: 64 };

function operate(
  name: string,
  { media, scratch, values }: { media: Media; scratch: Scratch; values: Record<string, OperationValue> },
) {
  const operation = operations[name];
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation({ values, scratch, media, signal: new AbortController().signal, onProgress: () => {} });
}

export function testFinishing(
  engine: string,
  { open, ignore }: { open: OpenSuiteMedia; ignore: boolean },
): void {
  const test = (rule: string, run: (media: Media, scratch: Scratch) => Promise<void>) =>
    Deno.test({
      name: `${engine}: ${rule}`,
      ignore,
      fn: async () => {
        await using scratch = await createScratch();
        await run(await open(realClock), scratch);
      },
    });

  test("a film is cut to exact frames, and its sound with it", async (media, scratch) => {
    const made = await makeFilm(media, scratch, sample("voice.mp3"));
    const values = { ...made, ...AS_JOINED, frames: 12, start: 8 };
    const { files, facts } = await operate("trim_film", { media, scratch, values });
    const film = files[0]?.path ?? "";
    assertEquals(await readNumbers(media, film), range(8, 12));
    const { audio, video } = await media.probe(film);
    assertEquals([video?.frames, video?.rate], [12, RATE_16]);
    assert(Math.abs((audio?.durationS ?? 0) - 12 / 16) <= 1 / 16, `the sound lasts ${audio?.durationS} s`);
    assertEquals([facts.trimStartS, facts.durationS, facts.draft], [0.5, 0.75, true]);
    const past = { ...values, start: 28 };
    await assertFails(() => operate("trim_film", { media, scratch, values: past }), "media.lengths_differ");
  });

  test(
    "twice the frames keep every old frame in its place, and the length and sound",
    async (media, scratch) => {
      const made = await makeFilm(media, scratch, sample("voice.mp3"));
      const values = { ...made, ...AS_JOINED, frames: FRAMES * 2, rateNum: 32, factor: 2 };
      const { files, facts } = await operate("interpolate_film", { media, scratch, values });
      const film = files[0]?.path ?? "";
      const numbers = await readNumbers(media, film);
      assertEquals(numbers.length, FRAMES * 2);
      assertEquals(numbers.filter((_, at) => at % 2 === 0), range(0, FRAMES));
      const { audio, video, durationS } = await media.probe(film);
      assertEquals([video?.rate, facts.interpolate, facts.interpolateMethod], [
        { num: 32, den: 1 },
        2,
        "ffmpeg minterpolate",
      ]);
      assert(Math.abs((durationS ?? 0) - 2) < 0.1 && Math.abs((audio?.durationS ?? 0) - 2) < 0.1);
    },
  );

  test("a film is enlarged, and its record keeps what was done before", async (media, scratch) => {
    const made = await makeFilm(media, scratch, null);
    const cut = await operate("trim_film", {
      media,
      scratch,
      values: { ...made, ...AS_JOINED, frames: 8, start: 4 },
    });
    const [film, , record] = cut.files.map(({ path }) => ({ path }));
    assert(film && record);
    await Deno.rename(film.path, scratch.path("cut.mp4"));
    const values = { ...AS_JOINED, frames: 8, width: 192, height: 128, factor: 2, record };
    const { files, facts } = await operate("enlarge_film", {
      media,
      scratch,
      values: { ...values, film: { path: scratch.path("cut.mp4") } },
    });
    const { video, audio } = await media.probe(files[0]?.path ?? "");
    assertEquals([video?.width, video?.height, video?.frames, audio], [192, 128, 8, null]);
    assertEquals(await readNumbers(media, files[0]?.path ?? ""), range(4, 8));
    assertEquals([facts.trimStartS, facts.upscale, facts.upscaleMethod], [0.25, 2, "ffmpeg lanczos"]);
    const kept = JSON.parse(await Deno.readTextFile(files[2]?.path ?? ""));
    assertEquals([kept.title, kept.draft, kept.width, kept.finishing.trimStartS], [
      "Harbour",
      true,
      192,
      0.25,
    ]);
  });

  test(
    "a film's sound is brought to −14 LUFS, told before and after, its picture untouched",
    async (media, scratch) => {
      const made = await makeFilm(media, scratch, sample("voice.mp3"));
      const before = await media.loudness(made.film.path);
      const { files, facts } = await operate("level_film", {
        media,
        scratch,
        values: { ...made, ...AS_JOINED },
      });
      const film = files[0]?.path ?? "";
      const after = await media.loudness(film);
      assert(Math.abs(after.integrated + 14) <= 1, `it is at ${after.integrated} LUFS`);
      assert(Math.abs(before.integrated + 14) > 1, "the sample was not there already");
      assert(Math.abs(Number(facts.loudnessAfter) - after.integrated) < 0.06);
      assert(Math.abs(Number(facts.loudnessBefore) - before.integrated) < 0.06);
      assertEquals(await readNumbers(media, film), range(0, FRAMES));
    },
  );

  test("a silent film is left as it is, with a note", async (media, scratch) => {
    const made = await makeFilm(media, scratch, null);
    const { files, facts } = await operate("level_film", {
      media,
      scratch,
      values: { ...made, ...AS_JOINED },
    });
    assertEquals(facts.loudnessSilent, true);
    assertEquals(await Deno.readFile(files[0]?.path ?? ""), await Deno.readFile(made.film.path));
  });
}
