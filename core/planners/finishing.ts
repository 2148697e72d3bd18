/** Plans the work on a finished film: trim, then more frames, then more pixels, then its loudness; each a step of its own. */
import type { LocalStep, Plan } from "../plan.ts";
import type { Hash } from "../ports.ts";
import { problem } from "../problem.ts";
import type { Finishing } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import { finishing as words } from "../words/finishing.ts";
import { fileOf, makeLocalStep } from "./steps.ts";

type Film = NonNullable<Plan["film"]>;

/** The largest side that players and codecs take without trouble. */
const SIDE_MAX = 8192;
/** Pixels that one second of work on an ordinary machine makes, in millions. */
const PACE = { interpolate: 4, upscale: 20, other: 40 };

interface Work {
  id: keyof typeof words.steps;
  op: string;
  values: Record<string, number>;
  /** The film afterwards. */
  film: Film;
  pace: number;
  notes: string[];
}

export interface Finished {
  steps: LocalStep[];
  film: Film;
  notes: string[];
}

/** Pure; `after` is the step whose film is worked on. Where nothing is asked for there are no steps. */
export function planFinishing(
  wish: Finishing,
  { film, after, hash }: { film: Film; after: string; hash: Hash },
): Result<Finished> {
  const works: Work[] = [];
  const notes: string[] = [];
  for (const plan of [planTrim, planFrames, planSize, planLoudness]) {
    const planned = plan(wish, works.at(-1)?.film ?? film);
    if (!planned.ok) return planned;
    if (planned.value === null) continue;
    works.push(planned.value);
    notes.push(...planned.value.notes);
  }
  const steps = works.map((work, at) => stepOf(work, { from: works[at - 1]?.id ?? after, hash }));
  return ok({ steps, film: works.at(-1)?.film ?? film, notes });
}

/** The frames between two moments; the film's end ends it too. */
function planTrim({ trim }: Finishing, film: Film): Result<Work | null> {
  if (!trim) return ok(null);
  const frameOf = (seconds: number) => Math.round(seconds * film.rate.num / film.rate.den);
  const seconds = film.frames * film.rate.den / film.rate.num;
  const start = frameOf(trim.start);
  const end = Math.min(film.frames, frameOf(trim.end));
  if (start >= film.frames) return refuse("trim.start", words.startsLate(seconds));
  if (end <= start) return refuse("trim.end", words.tooShort);
  return ok({
    id: "trim",
    op: "trim_film",
    values: { start },
    film: { ...film, frames: end - start },
    pace: PACE.other,
    notes: trim.end > seconds + 1e-9 ? [words.endsEarly(seconds)] : [],
  });
}

function planFrames({ interpolate: factor }: Finishing, film: Film): Result<Work | null> {
  if (!factor) return ok(null);
  const { num, den } = film.rate;
  return ok({
    id: "interpolate",
    op: "interpolate_film",
    values: { factor },
    film: { ...film, frames: film.frames * factor, rate: { num: num * factor, den } },
    pace: PACE.interpolate,
    notes: [words.interpolated],
  });
}

function planSize({ upscale: factor }: Finishing, film: Film): Result<Work | null> {
  if (!factor) return ok(null);
  const [width, height] = [film.width * factor, film.height * factor];
  if (Math.max(width, height) > SIDE_MAX) return refuse("upscale", words.tooLarge(width, height, SIDE_MAX));
  return ok({
    id: "upscale",
    op: "enlarge_film",
    values: { factor },
    film: { ...film, width, height },
    pace: PACE.upscale,
    notes: [words.enlarged],
  });
}

function planLoudness({ loudness }: Finishing, film: Film): Result<Work | null> {
  if (!loudness) return ok(null);
  return ok({ id: "loudness", op: "level_film", values: {}, film, pace: PACE.other, notes: [] });
}

function stepOf(
  { id, op, values, film, pace }: Work,
  { from, hash }: { from: string; hash: Hash },
): LocalStep {
  const { frames, rate, width, height } = film;
  const seconds = 1 + frames * width * height / (pace * 1e6);
  return makeLocalStep({
    id,
    title: words.steps[id],
    phase: "finish",
    op,
    values: {
      film: { file: fileOf(from, "film") },
      record: { file: fileOf(from, "metadata") },
      frames,
      rateNum: rate.num,
      rateDen: rate.den,
      width,
      height,
      ...values,
    },
    weight: Math.ceil(seconds),
    // Without ffmpeg of its own the studio is ten times slower.
    timeLimitS: Math.round(600 + 30 * seconds),
  }, hash);
}

function refuse(path: string, message: string): Result<never> {
  return no([problem("request.invalid", { fields: [{ path: `settings.finish.${path}`, message }] })]);
}
