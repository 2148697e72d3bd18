/** Plans a performance: the sound made readable once, one prompt per 5 seconds that sees all latents so far, joined at the end. */
import type { PromptStep, Step } from "../plan.ts";
import { problem } from "../problem.ts";
import { no, type Result } from "../result.ts";
import type { AssetFacts, PlannedJob, Ready } from "./context.ts";
import { finishPlan, limitFrames, optionalFiles, refuseLength } from "./join.ts";
import { countParts, framesOfSound, numberOf } from "./parts.ts";
import { chooseSize, type FilmSize } from "./size.ts";
import { assetOf, fileOf, makeLocalStep, makePromptStep } from "./steps.ts";

export function planPerformance(ready: Ready): Result<PlannedJob> {
  const { request, context, template } = ready;
  const voice = context.assets.get(request.assets.audio ?? "");
  const sums = template.manifest.frames;
  if (!voice || !sums) return refuse("Add the recording that your character performs.");
  const seconds = voice.probe.audio?.durationS ?? voice.probe.durationS;
  if (seconds === null) return refuse("The length of this recording cannot be read.");
  const rate = { num: Math.round(sums.rate), den: 1 };
  const frames = limitFrames(framesOfSound(seconds, sums.rate), request, rate);
  const count = countParts(frames, sums);
  const tooLong = refuseLength({
    wish: request.settings,
    frames,
    rate,
    steps: count + 2,
    secondsMax: context.limits.filmSecondsMax,
  });
  if (tooLong) return tooLong;
  const { width, height } = request.settings;
  const size = chooseSize(template.manifest.size, {
    picture: ready.character.probe.video,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
  const steps: Step[] = [prepareSound(ready, voice, seconds)];
  const ids = Array.from({ length: count }, (_, index) => `chunk-${numberOf(index + 1)}`);
  for (const number of ids.keys()) {
    const chunk = renderPart(ready, { ids, index: number, size, frames: sums.first });
    if (!chunk.ok) return chunk;
    steps.push(chunk.value);
  }
  return finishPlan(ready, { frames, rate, size, steps, clips: ids, sound: assetOf(voice), notes: [] });
}

function refuse(message: string): Result<never> {
  return no([problem("request.invalid", { fields: [{ path: "assets.audio", message }] })]);
}

function prepareSound(ready: Ready, voice: AssetFacts, seconds: number) {
  return makeLocalStep({
    id: "prepare-sound",
    title: "Preparing the recording",
    phase: "prepare",
    op: "normalise_sound",
    values: { sound: { file: assetOf(voice) } },
    weight: 2,
    timeLimitS: Math.round(600 + seconds),
  }, ready.context.hash);
}

/**
 * Where a part is in the recording follows from the number of latents before it, so each takes all of them. Every part
 * has the same seed, for the same look on both sides of a seam.
 */
function renderPart(
  ready: Ready,
  { ids, index, size, frames }: { ids: string[]; index: number; size: FilmSize; frames: number },
): Result<PromptStep> {
  const { request, template, preset, seed, character } = ready;
  const before = ids.slice(0, index).map((id) => fileOf(id, "latent"));
  const first = index === 0;
  return makePromptStep({
    id: `chunk-${numberOf(index + 1)}`,
    title: `Part ${index + 1} of ${ids.length}`,
    template,
    variant: first ? "first" : "next",
    preset,
    values: {
      prompt: request.prompt,
      ...(request.negativePrompt === "" ? {} : { negativePrompt: request.negativePrompt }),
      character: { file: assetOf(character) },
      voice: { file: fileOf("prepare-sound", "sound") },
      // Later parts take their size from the latents before them.
      ...(first ? { width: size.width, height: size.height } : { latents: { files: before } }),
      ...optionalFiles(ready),
      seed,
    },
    frames,
    width: size.width,
    height: size.height,
  }, ready.context);
}
