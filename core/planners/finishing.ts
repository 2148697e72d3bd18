/** Plans the work on a finished film: trim, then more frames, then more pixels, then its loudness; each a step of its own. */
import type { Plan, Step, Value } from "../plan.ts";
import { problem } from "../problem.ts";
import type { Finishing } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import type { Template } from "../template.ts";
import { finishing as words } from "../words/finishing.ts";
import type { PlanContext } from "./context.ts";
import { fileOf, makeLocalStep, makePromptStep } from "./steps.ts";

type Film = NonNullable<Plan["film"]>;

/** The largest side that players and codecs take without trouble. */
const SIDE_MAX = 8192;
/** Pixels that one second of work on an ordinary machine makes, in millions. */
const PACE = { interpolate: 4, upscale: 20, other: 40 };

interface Work {
  id: keyof typeof words.steps;
  op: string;
  values: Record<string, Value>;
  /** The film afterwards. */
  film: Film;
  pace: number;
  notes: string[];
  /** Done by a model, from these values besides the film. */
  model?: { template: Template; values: Record<string, Value> };
}

export interface Finished {
  steps: Step[];
  film: Film;
  notes: string[];
}

export interface Joined {
  film: Film;
  /** The step that makes it. */
  after: string;
  engine: Plan["engine"];
  context: Pick<PlanContext, "templates" | "definitions" | "hash" | "limits" | "finisher">;
}

/** Pure. Where nothing is asked for there are no steps. Drafts are finished without a model. */
export function planFinishing(wish: Finishing, { film, after, engine, context }: Joined): Result<Finished> {
  const models = engine === "comfy" ? context.finisher ?? noModel : noModel;
  const works: Work[] = [];
  for (const plan of [planTrim, planFrames, planSize, planLoudness]) {
    const planned = plan(wish, works.at(-1)?.film ?? film, models);
    if (!planned.ok) return planned;
    if (planned.value !== null) works.push(planned.value);
  }
  const steps: Step[] = [];
  for (const [at, work] of works.entries()) {
    const made = stepsOf(work, { from: works[at - 1]?.id ?? after, context });
    if (!made.ok) return made;
    steps.push(...made.value);
  }
  const notes = works.flatMap((work) => work.notes);
  return ok({ steps, film: works.at(-1)?.film ?? film, notes });
}

type Models = NonNullable<PlanContext["finisher"]>;
const noModel: Models = () => null;

/** What one prompt can hold in memory; longer films, and faster ones than a server saves, are finished by ffmpeg. */
const MODEL_PIXELS_MAX = 1e9;

function modelFor(what: "interpolate" | "upscale", film: Film, models: Models): Template | null {
  const template = film.frames * film.width * film.height > MODEL_PIXELS_MAX ? null : models(what);
  const most = template?.manifest.inputs.rate?.max ?? Infinity;
  return film.rate.num / film.rate.den > most ? null : template;
}

const nameOf = ({ manifest }: Template) =>
  manifest.requires.models[0]?.file.replace(/[.][^.]*$/, "") ?? manifest.title;

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

function planFrames({ interpolate: factor }: Finishing, film: Film, models: Models): Result<Work | null> {
  if (!factor) return ok(null);
  const { num, den } = film.rate;
  const after = { ...film, frames: film.frames * factor, rate: { num: num * factor, den } };
  const work = { id: "interpolate" as const, values: { factor }, film: after };
  const template = modelFor("interpolate", after, models);
  if (!template) {
    return ok({ ...work, op: "interpolate_film", pace: PACE.interpolate, notes: [words.interpolated] });
  }
  const notes = [words.byModel.interpolate(nameOf(template))];
  return ok({ ...work, op: "adopt_film", pace: PACE.other, notes, model: { template, values: { factor } } });
}

function planSize({ upscale: factor }: Finishing, film: Film, models: Models): Result<Work | null> {
  if (!factor) return ok(null);
  const [width, height] = [film.width * factor, film.height * factor];
  if (Math.max(width, height) > SIDE_MAX) return refuse("upscale", words.tooLarge(width, height, SIDE_MAX));
  const work = { id: "upscale" as const, values: { factor }, film: { ...film, width, height } };
  const template = modelFor("upscale", work.film, models);
  if (!template) return ok({ ...work, op: "enlarge_film", pace: PACE.upscale, notes: [words.enlarged] });
  const notes = [words.byModel.upscale(nameOf(template))];
  const model = { template, values: { width, height } };
  return ok({ ...work, op: "adopt_film", pace: PACE.other, notes, model });
}

function planLoudness({ loudness }: Finishing, film: Film): Result<Work | null> {
  if (!loudness) return ok(null);
  return ok({ id: "loudness", op: "level_film", values: {}, film, pace: PACE.other, notes: [] });
}

/** With a model: its prompt, then the step that puts what it made in the picture's place. */
function stepsOf(
  work: Work,
  { from, context }: { from: string; context: Joined["context"] },
): Result<Step[]> {
  const { id, op, film, pace, model } = work;
  const { frames, rate, width, height } = film;
  const seconds = 1 + frames * width * height / (pace * 1e6);
  const made = model ? makeByModel(work, { ...model, from, context }) : ok([]);
  if (!made.ok) return made;
  const [prompt] = made.value;
  const adopted: Record<string, Value> = prompt && model
    ? { picture: { file: fileOf(prompt.id, "clip") }, what: id, method: nameOf(model.template) }
    : {};
  const step = makeLocalStep({
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
      ...work.values,
      ...adopted,
    },
    weight: Math.ceil(seconds),
    // Without ffmpeg of its own the studio is ten times slower.
    timeLimitS: Math.round(600 + 30 * seconds),
  }, context.hash);
  return ok([...made.value, step]);
}

function makeByModel(
  { id, film }: Work,
  { template, values, from, context }: NonNullable<Work["model"]> & {
    from: string;
    context: Joined["context"];
  },
): Result<Step[]> {
  const made = makePromptStep({
    id: `${id}-model`,
    title: id === "upscale" ? words.making.upscale : words.making.interpolate,
    template,
    variant: "",
    preset: template.manifest.defaultPreset,
    values: {
      film: { file: fileOf(from, "film") },
      rate: film.rate.num / film.rate.den,
      ...values,
    },
    frames: film.frames,
    width: film.width,
    height: film.height,
    // What is only sketched knows the parts of the film alone.
  }, { ...context, sketch: undefined });
  return made.ok ? ok([{ ...made.value, phase: "finish" }]) : made;
}

function refuse(path: string, message: string): Result<never> {
  return no([problem("request.invalid", { fields: [{ path: `settings.finish.${path}`, message }] })]);
}
