/** Plans an Animate film: the driving clip made even once, one window and one prompt per part, joined at the end. */
import type { FrameRate } from "../media.ts";
import type { PromptStep, Step } from "../plan.ts";
import { problem } from "../problem.ts";
import { no, ok, type Result } from "../result.ts";
import type { AssetFacts, PlannedJob, Ready } from "./context.ts";
import { finishPlan, limitFrames, optionalFiles, refuseLength } from "./join.ts";
import { ownOptions } from "./options.ts";
import { numberOf, type WindowPart, windowParts } from "./parts.ts";
import { chooseSize, type FilmSize } from "./size.ts";
import { assetOf, fileOf, makeLocalStep, makePromptStep } from "./steps.ts";

/** Faster clips would only cost: nobody sees the difference, and each frame is rendered. */
const RATE_MAX = 60;

export function planAnimate(ready: Ready): Result<PlannedJob> {
  const { request, context, template } = ready;
  const driver = context.assets.get(request.assets.motionVideo ?? "");
  const sums = template.manifest.frames;
  if (!driver || !sums) return refuse("assets.motionVideo", "Add the clip that your character follows.");
  const rate = chooseRate(request.settings.frameRate, { driver, template: sums.rate });
  if (!rate.ok) return rate;
  const seconds = secondsOf(driver);
  if (seconds === null) return refuse("assets.motionVideo", "The length of this clip cannot be read.");
  const all = Math.max(1, Math.round(seconds * rate.value.num / rate.value.den));
  const frames = limitFrames(all, request, rate.value);
  const parts = windowParts(frames, sums);
  const tooLong = refuseLength({
    wish: request.settings,
    frames,
    rate: rate.value,
    steps: 2 * parts.length + 2,
    secondsMax: context.limits.filmSecondsMax,
  });
  if (tooLong) return tooLong;
  const { width, height } = request.settings;
  const picture = ready.character.probe.video;
  const size = chooseSize(template.manifest.size, {
    picture,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
  const steps: Step[] = [prepareClip(ready, driver, { frames, rate: rate.value, seconds })];
  for (const part of parts) steps.push(cutWindow(ready, part));
  for (const part of parts) {
    const chunk = renderPart(ready, part, { size, rate: rate.value, of: parts.length });
    if (!chunk.ok) return chunk;
    steps.push(chunk.value);
  }
  return finishPlan(ready, {
    frames,
    rate: rate.value,
    size,
    steps,
    clips: parts.map((part) => `chunk-${numberOf(part.number)}`),
    sound: driver.probe.audio ? assetOf(driver) : null,
    notes: driver.probe.audio ? [] : ["The driving clip has no sound, so the film will have none."],
  });
}

function refuse(path: string, message: string): Result<never> {
  return no([problem("request.invalid", { fields: [{ path, message }] })]);
}

function chooseRate(
  wish: Ready["request"]["settings"]["frameRate"],
  of: { driver: AssetFacts; template: number },
): Result<FrameRate> {
  if (wish === "template") return ok(fractionOf(of.template));
  if (wish !== "source") return ok({ num: wish, den: 1 });
  const own = of.driver.probe.video?.rate;
  const path = "settings.frameRate";
  if (!own) return refuse(path, "The clip does not tell its own frame rate. Choose another one.");
  if (own.num / own.den > RATE_MAX || own.num < own.den) {
    return refuse(
      path,
      `The clip has ${Math.round(own.num / own.den)} frames per second. Choose 16, 24 or 30.`,
    );
  }
  return ok(own);
}

/** Manifests give whole rates or NTSC ones such as 23.976. */
function fractionOf(rate: number): FrameRate {
  return Number.isInteger(rate) ? { num: rate, den: 1 } : { num: Math.round(rate) * 1000, den: 1001 };
}

/** Of the picture where its frames are counted: a container is as long as its longest stream. The rate is the average. */
function secondsOf({ probe: { video, durationS } }: AssetFacts): number | null {
  if (video?.frames && video.rate && !video.variableRate) {
    return video.frames * video.rate.den / video.rate.num;
  }
  return durationS;
}

function prepareClip(
  ready: Ready,
  driver: AssetFacts,
  { frames, rate, seconds }: { frames: number; rate: FrameRate; seconds: number },
) {
  return makeLocalStep({
    id: "prepare-clip",
    title: "Preparing the driving clip",
    phase: "prepare",
    op: "normalise_clip",
    values: { clip: { file: assetOf(driver) }, rateNum: rate.num, rateDen: rate.den, framesMax: frames },
    weight: 2 + frames / 50,
    timeLimitS: Math.round(600 + 10 * seconds),
  }, ready.context.hash);
}

function cutWindow(ready: Ready, { number, start, frames }: WindowPart) {
  return makeLocalStep({
    id: `window-${numberOf(number)}`,
    title: `Cutting the clip for part ${number}`,
    phase: "prepare",
    op: "cut_window",
    values: { clip: { file: fileOf("prepare-clip", "clip") }, start, frames },
    weight: 1,
    timeLimitS: 600,
  }, ready.context.hash);
}

/** Every part has the same seed: noise that changes from part to part would change the look at each seam. */
function renderPart(
  ready: Ready,
  part: WindowPart,
  { size, rate, of }: { size: FilmSize; rate: FrameRate; of: number },
): Result<PromptStep> {
  const { request, template, preset, seed, character } = ready;
  const before = `chunk-${numberOf(part.number - 1)}`;
  const tail = Array.from({ length: part.offset }, (_, ord) => fileOf(before, "tail", ord));
  return makePromptStep({
    id: `chunk-${numberOf(part.number)}`,
    title: `Part ${part.number} of ${of}`,
    template,
    variant: part.number === 1 ? "first" : "next",
    preset,
    values: {
      prompt: request.prompt,
      ...(request.negativePrompt === "" ? {} : { negativePrompt: request.negativePrompt }),
      character: { file: assetOf(character) },
      driver: { file: fileOf(`window-${numberOf(part.number)}`, "window") },
      offset: part.offset,
      ...(tail.length > 0 ? { tail: { files: tail } } : {}),
      ...optionalFiles(ready),
      ...ownOptions(ready),
      width: size.width,
      height: size.height,
      rate: rate.num / rate.den,
      seed,
    },
    frames: part.offset + part.makes,
    width: size.width,
    height: size.height,
  }, ready.context);
}
