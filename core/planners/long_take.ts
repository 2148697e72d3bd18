/** Plans a long take: pairs of a high and a low pass, each pair led by a frame of the one before it, joined at the end. */
import type { FrameRate } from "../media.ts";
import type { LocalStep, PromptStep, Step, Value } from "../plan.ts";
import { problem } from "../problem.ts";
import { readDirected } from "../prompt_file.ts";
import { TakeWishes } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import { inputsOf } from "../workflow/values.ts";
import type { Manifest } from "../template.ts";
import type { AssetFacts, PlannedJob, ShotReady } from "./context.ts";
import { closePlan, describeWork, inputTexts, refuseLength } from "./join.ts";
import { type Directed, directParts, passId, type TakePart, takeParts } from "./long_take_parts.ts";

import { joinOnServer } from "./long_take_server.ts";
import { numberOf } from "./parts.ts";
import { snapFrames } from "./shot.ts";
import { chooseSize, type FilmSize } from "./size.ts";
import { assetOf, fileOf, makeLocalStep, makePromptStep } from "./steps.ts";

/** A take whose sums are done. */
export interface TakeSums {
  parts: TakePart[];
  directed: Directed[];
  positive: string;
  wishes: TakeWishes;
  total: number;
  rate: FrameRate;
  size: FilmSize;
}

export function planTake(ready: ShotReady): Result<PlannedJob> {
  const { context, request } = ready;
  const sums = sumTake(ready);
  if (!sums.ok) return sums;
  const { parts, total, rate } = sums.value;
  const driver = ready.files.get("video");
  const onServer = sums.value.wishes.joins === "server";
  const refused = refuseTemplate(ready, sums.value);
  if (refused) return refused;
  const tooLong = refuseLength({
    wish: request.settings,
    frames: total,
    rate,
    steps: parts.length * (3 + (driver ? 1 : 0) + (onServer ? 1 : 0)) + (driver ? 2 : 1),
    secondsMax: context.limits.filmSecondsMax,
  });
  if (tooLong) return tooLong;
  const steps = takeSteps(ready, sums.value);
  if (!steps.ok) return steps;
  const { size } = sums.value;
  const film = { frames: total, rate, size, steps: steps.value, notes: [] };
  const planned = onServer
    ? joinOnServer(ready, sums.value, steps.value)
    : closePlan(ready, film, joinTake(ready, sums.value));
  if (planned.ok && !sums.value.wishes.keep) planned.value.plan.spends = true;
  return planned;
}

/** What this template cannot do. */
function refuseTemplate(
  { template: { manifest }, request }: ShotReady,
  { wishes }: TakeSums,
): Result<never> | null {
  if (request.settings.stopAfterFirstPass && !Object.hasOwn(manifest.variants, "first_look")) {
    return refuse("settings.stopAfterFirstPass", "This model shows nothing of its first pass.");
  }
  if (wishes.joins === "studio") return null;
  if (manifest.frames?.rule !== "any" || wishes.overlap > 0) {
    return refuse("take.joins", "Parts that are cut or overlap are joined by the studio.");
  }
  return null;
}

/** Lengths, sizes and words; every fault of the words at once. */
export function sumTake(ready: ShotReady): Result<TakeSums> {
  const { template: { manifest }, request } = ready;
  const wishes = request.take ?? TakeWishes.parse({});
  const rate = { num: Math.round(manifest.frames?.rate ?? 16), den: 1 };
  const total = totalOf(ready, rate);
  if (total === null) return refuse("settings.frames", "Say how many frames the take has.");
  const { positive, directions, faults } = readDirected(request.prompt);
  if (positive === "") return refuse("prompt", "Describe what you want to see.");
  const parts = takeParts(total, wishes);
  const { directed, faults: beyond } = directParts(parts, { directions, rate });
  const wrong = [...faults.map(({ text }) => text), ...beyond];
  if (wrong.length > 0) {
    return no([
      problem("request.invalid", { fields: wrong.map((message) => ({ path: "prompt", message })) }),
    ]);
  }
  const { width, height } = request.settings;
  const size = chooseSize(manifest.size, {
    picture: (ready.files.get("image") ?? ready.files.get("video"))?.probe.video ?? null,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
  return ok({ parts, directed, positive, wishes, total, rate, size });
}

function refuse(path: string, message: string): Result<never> {
  return no([problem("request.invalid", { fields: [{ path, message }] })]);
}

/** As asked, else as long as the driving clip. */
function totalOf({ request: { settings }, files }: ShotReady, rate: FrameRate): number | null {
  if (settings.frames !== undefined) return settings.frames;
  const seconds = settings.seconds ?? files.get("video")?.probe.durationS ?? null;
  return seconds === null ? null : Math.max(1, Math.round(seconds * rate.num / rate.den));
}

const VARIANTS = ["first_pass", "first_look", "second_pass"];

/** Everything before the join. Per piece: its window of the driving clip, the high pass, the low pass, the look at it. */
export function takeSteps(asked: ShotReady, sums: TakeSums): Result<Step[]> {
  const ready = { ...asked, context: { ...asked.context, forms: new Map() } };
  const { manifest } = asked.template;
  // Ten thousand pieces ask the same of the template.
  const taken = new Map(
    VARIANTS.map((variant) => [variant, new Set(inputsOf(manifest, variant).map(([name]) => name))]),
  );
  const driver = ready.files.get("video");
  const steps: Step[] = driver ? [prepareDriver(ready, driver, sums)] : [];
  if (driver) { for (const part of sums.parts) steps.push(cutWindow(ready, part)); }
  for (const part of sums.parts) {
    for (const pass of ["high", "low"] as const) {
      const made = renderPass(ready, { part, pass, sums, taken });
      if (!made.ok) return made;
      steps.push(made.value);
    }
    steps.push(lookAt(ready, part, sums));
  }
  return ok(steps);
}

function prepareDriver({ context }: ShotReady, driver: AssetFacts, { total, rate }: TakeSums) {
  return makeLocalStep({
    id: "prepare-clip",
    title: "Preparing the driving clip",
    phase: "prepare",
    op: "normalise_clip",
    values: { clip: { file: assetOf(driver) }, rateNum: rate.num, rateDen: rate.den, framesMax: total },
    weight: 2 + total / 50,
    timeLimitS: Math.round(600 + 10 * total * rate.den / rate.num),
  }, context.hash);
}

function cutWindow({ context }: ShotReady, { number, start, frames }: TakePart) {
  return makeLocalStep({
    id: `window-${numberOf(number)}`,
    title: `Cutting the clip for part ${number}`,
    phase: "prepare",
    op: "cut_window",
    values: { clip: { file: fileOf("prepare-clip", "clip") }, start, frames },
    weight: 1,
    timeLimitS: 600,
  }, context.hash);
}

function pieceId({ low }: Pick<TakePart, "low">): string {
  return `piece-${numberOf(low)}`;
}

/** All pieces have one seed: noise that changes from piece to piece would change the look at each join. */
function renderPass(
  ready: ShotReady,
  { part, pass, sums, taken }: {
    part: TakePart;
    pass: "high" | "low";
    sums: TakeSums;
    /** Names of the inputs that each variant takes. */
    taken: ReadonlyMap<string, ReadonlySet<string>>;
  },
): Result<PromptStep> {
  const { request, template, preset, seed } = ready;
  const { manifest } = template;
  const { size, rate, positive } = sums;
  const text = sums.directed[part.number - 1]?.text ?? null;
  const driver = ready.files.get("video");
  const whole = manifest.inputs.start !== undefined;
  const facts: Record<string, Value> = {
    ...request.settings.options,
    prompt: text === null ? positive : `${positive}\n${text}`,
    ...(request.negativePrompt === "" ? {} : { negativePrompt: request.negativePrompt }),
    ...leadOf(ready, part),
    ...(driver
      ? {
        video: {
          file: whole ? fileOf("prepare-clip", "clip") : fileOf(`window-${numberOf(part.number)}`, "window"),
        },
      }
      : {}),
    ...(pass === "low" ? { latent: { file: fileOf(passId("high", part.high), "latent") } } : {}),
    start: part.start,
    frames: snapFrames(part.frames, manifest.frames?.rule ?? "any", "up"),
    width: size.width,
    height: size.height,
    rate: rate.num / rate.den,
    seed,
  };
  const stops = request.settings.stopAfterFirstPass === true;
  const variant = pass === "low" ? "second_pass" : stops ? "first_look" : "first_pass";
  const takes = taken.get(variant);
  const made = makePromptStep({
    id: passId(pass, part[pass]),
    title: `Part ${part.number} of ${sums.parts.length}, ${pass === "high" ? "first" : "second"} pass`,
    template,
    variant,
    portion: 0.5,
    preset,
    values: Object.fromEntries(Object.entries(facts).filter(([name]) => takes?.has(name))),
    frames: part.frames,
    width: size.width,
    height: size.height,
  }, ready.context);
  // The person may look at each high pass before the low one goes on from it.
  return made.ok && stops && pass === "high" ? ok({ ...made.value, gate: true as const }) : made;
}

/** The first piece has the person's picture or none; every further one a frame of the finished piece before it. */
function leadOf({ files }: ShotReady, { number, low }: TakePart): Record<string, Value> {
  if (number > 1) return { image: { file: fileOf(pieceId({ low: low - 2 }), "reference") } };
  const picture = files.get("image");
  return picture ? { image: { file: assetOf(picture) } } : {};
}

/** A model that is given any number rounds it down to 4n + 1: such a piece is as long as it came out. */
function leastFrames({ frames, repeats }: TakePart, { frames: rule }: Manifest): number {
  return rule?.rule === "any" ? Math.max(repeats + 1, frames - 3) : frames;
}

/** Checks a finished piece, takes its reference, measures it, and makes a small copy for the page. */
function lookAt(
  { context, template: { manifest } }: ShotReady,
  part: TakePart,
  { size, rate, parts }: TakeSums,
) {
  return makeLocalStep({
    id: pieceId(part),
    title: `Looking at part ${part.number} of ${parts.length}`,
    phase: "render",
    op: "look_at_piece",
    values: {
      clip: { file: fileOf(passId("low", part.low), "clip") },
      frames: part.frames,
      least: leastFrames(part, manifest),
      repeats: part.repeats,
      reference: part.reference,
      width: size.width,
      height: size.height,
      rateNum: rate.num,
      rateDen: rate.den,
    },
    weight: 1 + part.frames / 100,
    timeLimitS: 600 + part.frames,
  }, context.hash);
}

function joinTake(ready: ShotReady, sums: TakeSums): LocalStep {
  const { request, context, engine } = ready;
  const { parts, directed, wishes, total, rate, size } = sums;
  const driver = ready.files.get("video");
  const cuts = parts.map(({ frames, repeats }, index) => [repeats, frames, directed[index]?.anchor ?? 1]);
  return makeLocalStep({
    id: "join",
    title: "Joining the film",
    phase: "finish",
    op: "join_take",
    values: {
      clips: { files: parts.map(({ low }) => fileOf(passId("low", low), "clip")) },
      measures: { files: parts.map((part) => fileOf(pieceId(part), "measure")) },
      previews: { files: parts.map((part) => fileOf(pieceId(part), "preview")) },
      /** Per piece: frames that it repeats, frames in all, number of its anchor. */
      cuts: JSON.stringify(cuts),
      frames: total,
      exact: ready.template.manifest.frames?.rule !== "any",
      seams: wishes.seams,
      correct: wishes.correct,
      rateNum: rate.num,
      rateDen: rate.den,
      width: size.width,
      height: size.height,
      ...(driver?.probe.audio ? { sound: { file: assetOf(driver) } } : {}),
      title: request.title,
      comment: describeWork(ready),
      draft: engine === "draft",
      ...inputTexts(ready),
    },
    weight: 3 + total / 50,
    timeLimitS: 600 + 2 * total,
  }, context.hash);
}
