/** The local operations of job steps, on any engine. */
import { operations, type OperationValue } from "@/adapters/media/operations.ts";
import { measureLoop } from "@/adapters/media/loop_fit.ts";
import { rewriteWords } from "@/adapters/media/png_words.ts";
import type { Media, Scratch } from "@/core/ports.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import type { OpenSuiteMedia } from "./suite.ts";
import {
  assertFails,
  createScratch,
  makeNumbered,
  range,
  readNumbers,
  realClock,
  sample,
} from "./support.ts";

export function testOperations(
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

  test("a window of a clip has its frames, and one past the end is refused", async (media, scratch) => {
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 20 });
    const { files, facts } = await operate("cut_window", {
      media,
      scratch,
      values: { clip: { path }, start: 4, frames: 6 },
    });
    assertEquals(files.map(({ role, ext }) => [role, ext]), [["window", "mp4"]]);
    assertEquals([facts.frames, facts.width, facts.rateNum], [6, 96, 16]);
    assertEquals(await readNumbers(media, files[0]?.path ?? ""), range(4, 6));
    const past = { clip: { path }, start: 18, frames: 6 };
    await assertFails(() => operate("cut_window", { media, scratch, values: past }), "media.lengths_differ");
  });

  test("a clip and its sound are made ready", async (media, scratch) => {
    const path = sample("drive.mp4");
    const values = { clip: { path }, rateNum: 16, rateDen: 1, framesMax: 4 };
    const clip = await operate("normalise_clip", { media, scratch, values });
    assertEquals([clip.facts.frames, clip.facts.width, clip.facts.height], [4, 640, 640]);
    const sound = await operate("normalise_sound", { media, scratch, values: { sound: { path } } });
    assertEquals([sound.facts.sampleRate, sound.facts.channels], [48_000, 1]);
    // AAC comes in blocks of 1024 samples; the last one may reach over the end.
    assert(Math.abs(Number(sound.facts.durationS) - 8.4) < 1024 / 48_000);
    const still = { sound: { path: sample("character.png") } };
    await assertFails(
      () => operate("normalise_sound", { media, scratch, values: still }),
      "asset.wrong_kind",
    );
  });

  test("the last frame of a clip can be taken out", async (media, scratch) => {
    const path = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 7 });
    const { files, facts } = await operate("extract_frame", {
      media,
      scratch,
      values: { clip: { path }, index: -1 },
    });
    assertEquals([facts.index, await readNumbers(media, files[0]?.path ?? "")], [6, [6]]);
  });

  test(
    "a picture keeps its pixels and loses the words that a renderer laid into it",
    async (media, scratch) => {
      const plain = await Deno.readFile(sample("character.png"));
      const laden = rewriteWords(plain, 'secret {"class_type": "KSampler"}');
      await Deno.writeFile(scratch.path("laden.png"), laden ?? new Uint8Array());
      const { video } = await media.probe(scratch.path("laden.png"));
      const { width = 0, height = 0 } = video ?? {};
      const values = { picture: { path: scratch.path("laden.png") }, width, height, draft: true };
      const comment = "Animatrix, Still.";
      const { files, facts } = await operate("finish_still", {
        media,
        scratch,
        values: { ...values, comment },
      });
      assertEquals(files.map(({ role, ext }) => `${role}.${ext}`), [
        "image.png",
        "poster.jpg",
        "metadata.json",
      ]);
      assertEquals(facts, { width, height, draft: true });
      const made = await Deno.readFile(files[0]?.path ?? "");
      assertEquals(made, rewriteWords(plain, "Draft. Animatrix, Still."));
      assert(!new TextDecoder("latin1").decode(made).includes("secret"));
      const first = async (path: string) => {
        for await (const frame of (await media.decode({ path })).frames) return frame.slice();
      };
      assertEquals(await first(files[0]?.path ?? ""), await first(sample("character.png")));
      const record = JSON.parse(await Deno.readTextFile(files[2]?.path ?? ""));
      assertEquals([record.draft, record.width, record.height], [true, width, height]);
      const wrong = { ...values, width: width + 1 };
      await assertFails(
        () => operate("finish_still", { media, scratch, values: wrong }),
        "media.lengths_differ",
      );
      const clip = { ...values, picture: { path: sample("drive.mp4") } };
      await assertFails(() => operate("finish_still", { media, scratch, values: clip }), "media.failed");
    },
  );

  test("how well a loop closes is measured against its usual step", async (media, scratch) => {
    const greys = async (name: string, levels: number[]) => {
      const size = { width: 64, height: 64 };
      const frames = (async function* () {
        for (const level of levels) yield await Promise.resolve(new Uint8Array(64 * 64 * 3).fill(level));
      })();
      const output = scratch.path(name);
      await media.encode({ raw: { ...size, frames }, rate: { num: 8, den: 1 }, output, crf: 1 });
      return await measureLoop(media, { path: output, ...size }, {});
    };
    const closed = await greys("closed.mp4", [40, 80, 120, 160, 120, 80]);
    const open = await greys("open.mp4", [40, 80, 120, 160, 200, 240]);
    assert(closed !== null && Math.abs(closed - 1) < 0.1, String(closed));
    assert(open !== null && Math.abs(open - 5) < 0.3, String(open));
    assertEquals(await greys("still.mp4", [90, 90, 90]), null);
  });

  test(
    "[AX30] a film comes with its poster and its metadata, and its lengths are checked",
    async (media, scratch) => {
      const first = await makeNumbered(media, { path: scratch.path("a.mp4"), frames: 10 });
      const second = await makeNumbered(media, { path: scratch.path("b.mp4"), frames: 10, first: 10 });
      const values = {
        clips: { paths: [first, second] },
        ...{
          frames: 18,
          rateNum: 16,
          rateDen: 1,
          width: 96,
          height: 64,
          sound: { path: sample("voice.mp3") },
        },
        ...{ title: "Film", draft: true, used: "character, voice", unused: "clip" },
      };
      const shares: number[] = [];
      const { files, facts } = await operate("join_film", {
        media,
        scratch,
        values,
        onProgress: (share) => shares.push(share),
      });
      assertEquals(files.map(({ role, ext }) => `${role}.${ext}`), [
        "film.mp4",
        "poster.jpg",
        "metadata.json",
      ]);
      assertEquals([facts.frames, facts.durationS, facts.draft], [18, 1.125, true]);
      assert(Math.abs(Number(facts.soundS) - 1.125) <= 1 / 16);
      assertEquals(shares.at(-1), 1);
      const record = JSON.parse(await Deno.readTextFile(scratch.path("metadata.json")));
      assertEquals([record.frames, record.draft, record.used, record.unused], [
        18,
        true,
        "character, voice",
        "clip",
      ]);
      assertEquals(record.parts.map((part: { frames: number }) => part.frames), [10, 10]);
      assert(/^[0-9a-f]{64}$/.test(record.film.sha256) && record.film.sha256 !== record.parts[0].sha256);
      const tooLong = { ...values, frames: 25 };
      await assertFails(
        () => operate("join_film", { media, scratch, values: tooLong }),
        "media.lengths_differ",
      );
      const wrongSize = { ...values, width: 128 };
      await assertFails(
        () => operate("join_film", { media, scratch, values: wrongSize }),
        "media.lengths_differ",
      );
    },
  );
}

function operate(
  name: string,
  { media, scratch, values, onProgress = () => {} }: {
    media: Media;
    scratch: Scratch;
    values: Record<string, OperationValue>;
    onProgress?: (share: number) => void;
  },
) {
  const operation = operations[name];
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation({ values, scratch, media, signal: new AbortController().signal, onProgress });
}
