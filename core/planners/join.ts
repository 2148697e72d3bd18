/** The last steps of every film made of parts: joined, cut to length, the original sound put back, described, and finished as wished. */
import { canonical } from "../canonical.ts";
import type { FrameRate } from "../media.ts";
import { type FileRef, type LocalStep, type Plan, type Step, STEPS_MAX } from "../plan.ts";
import { problem } from "../problem.ts";
import { no, ok, type Result } from "../result.ts";
import type { Place } from "../request.ts";
import type { PlannedJob, Ready, ShotReady } from "./context.ts";
import { planFinishing } from "./finishing.ts";
import { describeSize, type FilmSize } from "./size.ts";
import { assetOf, fileOf, makeLocalStep } from "./steps.ts";

export interface FilmParts {
  frames: number;
  rate: FrameRate;
  size: FilmSize;
  /** Everything before the join. */
  steps: Step[];
  /** Ids of the prompt steps whose `clip` makes the film, in order. */
  clips: string[];
  sound: FileRef | null;
  notes: string[];
}

/** Finishes a plan: the join step, the facts of the film, the list of inputs and whether each is used. */
export function finishPlan(ready: Ready | ShotReady, film: FilmParts): Result<PlannedJob> {
  return closePlan(ready, film, joinStep(ready, film));
}

/** The same with another kind of join. */
export function closePlan(
  ready: Ready | ShotReady,
  film: Omit<FilmParts, "clips" | "sound">,
  join: LocalStep,
): Result<PlannedJob> {
  const { template: { manifest }, engine, request } = ready;
  const { frames, rate, size } = film;
  const joined = { frames, rate, width: size.width, height: size.height };
  const finished = planFinishing(request.settings.finish, {
    film: joined,
    after: join.id,
    context: ready.context,
    engine,
  });
  if (!finished.ok) return finished;
  const steps = [...film.steps, join, ...finished.value.steps];
  const sized = describeSize(size, manifest.size);
  const plan: Plan = {
    v: 1,
    mode: request.mode,
    submode: request.submode,
    engine,
    steps,
    result: { step: steps.at(-1)?.id ?? join.id, main: "film", poster: "poster", metadata: "metadata" },
    film: finished.value.film,
    notes: [...sized === null ? [] : [sized], ...film.notes, ...finished.value.notes],
    inputs: listInputs(ready),
  };
  return ok({
    plan,
    template: { name: manifest.id, version: manifest.version },
    size,
    seed: ready.seed,
    preset: ready.preset,
  });
}

function joinStep(ready: Ready | ShotReady, film: FilmParts): LocalStep {
  const { frames, rate, size } = film;
  const values = {
    clips: { files: film.clips.map((id) => fileOf(id, "clip")) },
    frames,
    rateNum: rate.num,
    rateDen: rate.den,
    width: size.width,
    height: size.height,
    ...(film.sound ? { sound: { file: film.sound } } : {}),
    title: ready.request.title,
    comment: describeWork(ready),
    draft: ready.engine === "draft",
    ...(ready.template.manifest.loops ? { loops: true } : {}),
    ...inputTexts(ready),
  };
  return makeLocalStep({
    id: "join",
    title: "Joining the film",
    phase: "finish",
    op: "join_film",
    values,
    weight: 3 + frames / 50,
    timeLimitS: 600 + frames,
  }, ready.context.hash);
}

/**
 * One line for the result's own metadata. It holds nothing that a retake or an edit of single parts changes: prompts and
 * seeds stand with the takes.
 */
export function describeWork({ template: { manifest }, preset }: Ready | ShotReady): string {
  return `Animatrix, ${manifest.title}, template ${manifest.id} ${manifest.version} (${manifest.state}), preset ${preset}.`;
}

/** JSON texts of the inputs that the result was made from and was not, by role and content. */
export function inputTexts(ready: Ready | ShotReady): { used: string; unused: string } {
  const all = listInputs(ready);
  const list = (used: boolean) =>
    canonical(all.filter((input) => input.used === used).map(({ role, sha256 }) => ({ role, sha256 })));
  return { used: list(true), unused: list(false) };
}

/** In order of use. A pose sheet is soft guidance: recorded, never a control video. */
export function listInputs(ready: Ready | ShotReady): Plan["inputs"] {
  if (ready.character === null) return listShotInputs(ready);
  const { request, context, template } = ready;
  const { inputs } = template.manifest;
  const counts = (name: string) => typeof inputs[name]?.effect === "string";
  const { motionVideo, audio } = request.assets;
  const driver = context.assets.get(motionVideo ?? "");
  const sound = context.assets.get(audio ?? "");
  return [
    { role: "ground_truth", asset: ready.character, used: true },
    ...(driver ? [{ role: "motion_video", asset: driver, used: true }] : []),
    ...(sound ? [{ role: "audio", asset: sound, used: true }] : []),
    ...ready.references.map((asset) => ({ role: "reference", asset, used: counts("references") })),
    ...(ready.poseSheet
      ? [{ role: "soft_guidance", asset: ready.poseSheet, used: counts("poseSheet") }]
      : []),
  ].map(({ role, asset: { sha256, ext }, used }) => ({ role, sha256, ext, used }));
}

const SHOT_ROLES: Partial<Record<Place, string>> = {
  groundTruth: "ground_truth",
  motionVideo: "motion_video",
  poseSheet: "soft_guidance",
  lastImage: "last_image",
};

function listShotInputs({ template: { manifest }, files, references }: ShotReady): Plan["inputs"] {
  const used = (place: Place) =>
    Object.entries(manifest.inputs).some(([name, input]) =>
      input.role === "asset" && (input.place ?? name) === place && input.effect !== null
    );
  return [
    ...[...files].map(([place, asset]) => ({ role: SHOT_ROLES[place] ?? place, asset, used: used(place) })),
    ...references.map((asset) => ({ role: "reference", asset, used: used("references") })),
  ].map(({ role, asset: { sha256, ext }, used }) => ({ role, sha256, ext, used }));
}

/** Values of optional files that the template does use; those with `effect: null` never reach a graph. */
export function optionalFiles({ template, references, poseSheet }: Ready) {
  const { inputs } = template.manifest;
  const uses = (name: string) => (inputs[name]?.bind.length ?? 0) > 0;
  return {
    ...(uses("references") && references.length > 0
      ? { references: { files: references.map(assetOf) } }
      : {}),
    ...(uses("poseSheet") && poseSheet ? { poseSheet: { file: assetOf(poseSheet) } } : {}),
  };
}

/** The film's length: all there is, or what the person asked for if that is less. */
export function limitFrames(all: number, { settings }: Ready["request"], rate: FrameRate): number {
  const seconds = settings.seconds === undefined ? all : Math.round(settings.seconds * rate.num / rate.den);
  return Math.max(1, Math.min(all, settings.frames ?? seconds));
}

/** Null when wish and film are short enough for this studio, and the steps few enough for a plan. */
export function refuseLength(
  of: { wish: Wish; frames: number; rate: FrameRate; steps: number; secondsMax: number },
): Result<never> | null {
  const { wish, frames, rate, steps, secondsMax } = of;
  const refused = refuseWish(wish, rate, secondsMax);
  if (refused) return refused;
  const seconds = Math.ceil(frames * rate.den / rate.num);
  if (seconds > secondsMax) {
    const message = `The longest film here is ${secondsMax} seconds; this would be ${seconds}.`;
    return tooLong("settings.seconds", message, { seconds, secondsMax });
  }
  if (steps <= STEPS_MAX) return null;
  const message =
    `This film would take ${steps} steps, and one film may take ${STEPS_MAX}. Make it shorter, or choose a lower frame rate.`;
  return tooLong("settings.seconds", message, { steps, stepsMax: STEPS_MAX });
}

type Wish = Pick<Ready["request"]["settings"], "seconds" | "frames">;

/** Nobody asks for more than the studio makes without a slip, even where the clip ends sooner. */
export function refuseWish(
  { seconds, frames }: Wish,
  rate: FrameRate,
  secondsMax: number,
): Result<never> | null {
  const framesMax = Math.floor(secondsMax * rate.num / rate.den);
  if (seconds !== undefined && seconds > secondsMax) {
    return tooLong("settings.seconds", `At most ${secondsMax} seconds.`, { seconds, secondsMax });
  }
  if (frames !== undefined && frames > framesMax) {
    const message = `At most ${framesMax} frames, which are ${secondsMax} seconds.`;
    return tooLong("settings.frames", message, { frames, framesMax });
  }
  return null;
}

function tooLong(path: string, message: string, detail: Record<string, number>): Result<never> {
  return no([problem("job.too_long", { detail, fields: [{ path, message }] })]);
}
