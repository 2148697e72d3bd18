/** Work on a finished film, one operation each: cut out, more frames, more pixels, another loudness. Each gives a whole film again. */
import { z } from "zod";
import type { FilmChange } from "@/core/media.ts";
import { fail } from "@/core/problem.ts";
import { LOOP_METHOD, measureLoop } from "./loop_fit.ts";
import {
  checkPicture,
  describeFile,
  File,
  handOver,
  type Operation,
  type OperationInput,
  type OperationResult,
  RateValues,
  readValues,
  runOptions,
} from "./operation.ts";

export const finishing: Record<string, Operation> = {
  trim_film: trimFilm,
  interpolate_film: interpolateFilm,
  enlarge_film: enlargeFilm,
  level_film: levelFilm,
  adopt_film: adoptFilm,
};

/** The film before with what is written of it, and what the film is to be afterwards. */
const Film = {
  film: File,
  record: File,
  frames: z.int().positive(),
  ...RateValues,
  width: z.int().positive(),
  height: z.int().positive(),
};
type Film = z.infer<z.ZodObject<typeof Film>>;
type Facts = Record<string, string | number | boolean | null>;

const Trim = z.strictObject({ ...Film, start: z.int().min(0) });

/** In: `start`, the first frame that is kept. Its sound goes with it. */
async function trimFilm(input: OperationInput): Promise<OperationResult> {
  const values = readValues(Trim, input);
  const { start, rateNum, rateDen } = values;
  const output = await change(input, values, { kind: "trim", start });
  return await deliver(input, { values, output, facts: { trimStartS: start * rateDen / rateNum } });
}

const Interpolate = z.strictObject({ ...Film, factor: z.int().min(2) });

async function interpolateFilm(input: OperationInput): Promise<OperationResult> {
  const values = readValues(Interpolate, input);
  const { factor } = values;
  const output = await change(input, values, { kind: "interpolate", factor });
  const facts = { interpolate: factor, interpolateMethod: "ffmpeg minterpolate" };
  return await deliver(input, { values, output, facts });
}

const Enlarge = z.strictObject({ ...Film, factor: z.int().min(2) });

async function enlargeFilm(input: OperationInput): Promise<OperationResult> {
  const values = readValues(Enlarge, input);
  const { factor, width, height } = values;
  const output = await change(input, values, { kind: "scale", width, height });
  return await deliver(input, {
    values,
    output,
    facts: { upscale: factor, upscaleMethod: "ffmpeg lanczos" },
  });
}

const Adopt = z.strictObject({
  ...Film,
  picture: File,
  what: z.enum(["interpolate", "upscale"]),
  factor: z.int().min(2),
  method: z.string(),
});

/** In: `picture`, what a model made of the film. Its sound and its words stay. */
async function adoptFilm(input: OperationInput): Promise<OperationResult> {
  const values = readValues(Adopt, input);
  const { picture, what, factor, method } = values;
  const output = await change(input, values, { kind: "replace", by: picture.path });
  return await deliver(input, { values, output, facts: { [what]: factor, [`${what}Method`]: method } });
}

const Level = z.strictObject(Film);

/** A silent film stays as it is, and says so. */
async function levelFilm(input: OperationInput): Promise<OperationResult> {
  const values = readValues(Level, input);
  const { media, signal } = input;
  const { path } = values.film;
  const output = input.scratch.path("film.mp4");
  const film = { path, frames: values.frames, rate: rateOf(values), output };
  if (!await media.level(film, runOptions(input, values.frames))) {
    await Deno.copyFile(path, output);
    return await deliver(input, { values, output, facts: { loudnessSilent: true } });
  }
  const [before, after] = [await media.loudness(path, { signal }), await media.loudness(output, { signal })];
  const tenths = (figure: number) => Math.round(figure * 10) / 10;
  return await deliver(input, {
    values,
    output,
    facts: {
      loudnessBefore: tenths(before.integrated),
      loudnessAfter: tenths(after.integrated),
      loudnessPeak: tenths(after.truePeak),
    },
  });
}

async function change(input: OperationInput, values: Film, how: FilmChange): Promise<string> {
  const output = input.scratch.path("film.mp4");
  const { film: { path }, frames } = values;
  const options = runOptions(input, frames);
  await input.media.change({ path, change: how, frames, rate: rateOf(values), output }, options);
  return output;
}

const rateOf = ({ rateNum, rateDen }: Film) => ({ num: rateNum, den: rateDen });

const Record = z.looseObject({
  draft: z.boolean(),
  loop: z.unknown().optional(),
  finishing: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
});

/** The film with a poster and a record that tells what was done to it. Throws media.lengths_differ unless it is as wanted. */
async function deliver(
  input: OperationInput,
  made: { values: Film; output: string; facts: Facts },
): Promise<OperationResult> {
  const { media, signal } = input;
  const { values, output } = made;
  const { frames, width, height } = values;
  const rate = rateOf(values);
  const probe = await media.probe(output, { signal });
  checkPicture(probe, values);
  const [durationS, soundS] = [frames * rate.den / rate.num, probe.audio?.durationS ?? null];
  const before = await readRecord(values.record.path);
  const done = { ...before.finishing, ...made.facts };
  // A film that does not loop has nothing to measure; one that does ends otherwise now.
  const value = before.loop ? await measureLoop(media, { path: output, width, height }, { signal }) : null;
  const loop = before.loop ? { value, method: LOOP_METHOD } : null;
  const film = { ...await describeFile(output), ...probe };
  const record = { ...before, frames, rate, width, height, durationS, film, loop, finishing: done };
  return await handOver(input, output, {
    record,
    facts: { frames, width, height, rate, durationS, soundS, draft: before.draft },
    more: { ...(loop ? { loopValue: loop.value, loopMethod: loop.method } : {}), ...done },
  });
}

async function readRecord(path: string): Promise<z.infer<typeof Record>> {
  const read = Record.safeParse(JSON.parse(await Deno.readTextFile(path)));
  if (read.success) return read.data;
  throw fail("studio.bug", { operator: `the film's record: ${z.prettifyError(read.error)}` });
}
