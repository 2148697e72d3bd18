/** First guesses of time, until the studio has its own history: they weigh progress and bound how long a prompt may run. */
import type { Graph, Manifest, Template } from "../template.ts";
import { applyEdits } from "../workflow/edits.ts";

/** Model evaluations of all samplers: guidance above 1 evaluates twice per step. */
export function samplerWork(graph: Graph): number {
  const work = Object.values(graph).reduce((sum, { inputs: { steps, cfg } }) => {
    if (typeof steps !== "number") return sum;
    return sum + steps * (typeof cfg === "number" && cfg > 1 ? 2 : 1);
  }, 0);
  return Math.max(1, work);
}

/** Templates never change once they are loaded, and each part of a film asks. */
const ratios = new WeakMap<Template, Map<string, number>>();

/** How much more the samplers do with a preset than with the template's default one. */
export function workRatio(template: Template, preset: string): number {
  const known = ratios.get(template) ?? new Map<string, number>();
  ratios.set(template, known);
  const ratio = known.get(preset) ?? readRatio(template, preset);
  known.set(preset, ratio);
  return ratio;
}

function readRatio({ manifest, graph }: Template, preset: string): number {
  const [stated, basis] = [preset, manifest.defaultPreset].map((name) => manifest.presets[name]?.work);
  if (stated !== undefined && basis !== undefined) return stated / basis;
  const [chosen, usual] = [preset, manifest.defaultPreset].map((name) => {
    const edited = structuredClone(graph);
    applyEdits(edited, manifest.presets[name]?.edits ?? []);
    return samplerWork(edited);
  });
  return (chosen ?? 1) / (usual ?? 1);
}

interface Bounds {
  timeLimitMinS: number;
  timeLimitMaxS: number;
}

const within = (seconds: number, { timeLimitMinS, timeLimitMaxS }: Bounds) =>
  Math.min(timeLimitMaxS, Math.max(timeLimitMinS, seconds));

/** Seconds that one prompt probably takes. `ratio`: its sampler work ÷ that of the default preset. */
export function expectSeconds(
  { estimate, size }: Pick<Manifest, "estimate" | "size">,
  of: { frames: number; width: number; height: number; ratio: number } & Bounds,
): number {
  if (estimate.presetS !== undefined) {
    return within(estimate.baseS + estimate.presetS * of.ratio + estimate.perFrameS * of.frames, of);
  }
  const pixels = (of.width * of.height) / (size.width * size.height);
  return estimate.baseS + estimate.perFrameS * of.frames * pixels * of.ratio;
}

/** Cards differ by more than this factor, but a limit has to be somewhere; a timeout doubles it once. */
const SLOWER = 3;

/** Seconds after `execution_start`: expected × 3 + 60 + 0.3 per frame, within the configured bounds. */
export function limitSeconds(
  of: { expectedS: number; frames: number } & Bounds,
): number {
  return Math.round(within(of.expectedS * SLOWER + 60 + 0.3 * of.frames, of));
}
