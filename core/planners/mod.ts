/** From a request to a plan: finds the template, judges what only template and files can tell, and calls the mode's planner. */
import { planFaults } from "../plan.ts";
import { type FieldNote, problem } from "../problem.ts";
import type { JobRequest } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import type { Template } from "../template.ts";
import { planAnimate } from "./animate.ts";
import type { AssetFacts, PlanContext, PlannedJob, Ready } from "./context.ts";
import { planPerformance } from "./performance.ts";

export type { AssetFacts, BindContext, PlanContext, PlannedJob } from "./context.ts";
export { changeStep, replan } from "./replan.ts";
export { stepDigest } from "./digest.ts";
export { refuseWish } from "./join.ts";

/** One planner per mode. A new mode is a template folder and a line here. */
const PLANNERS: Record<JobRequest["mode"], (ready: Ready) => Result<PlannedJob>> = {
  animate: planAnimate,
  audio: planPerformance,
};

/** Pure: the same request and context give the same plan. Every wrong field is named at once. */
export function planJob(request: JobRequest, context: PlanContext): Result<PlannedJob> {
  const ready = makeReady(request, context);
  if (!ready.ok) return ready;
  const planned = PLANNERS[request.mode](ready.value);
  if (!planned.ok) return planned;
  const faults = planFaults(planned.value.plan);
  return faults.length === 0 ? planned : no(faults.map((operator) => problem("studio.bug", { operator })));
}

/** The one template of a mode and submode; a mode never falls back to another one's template. */
export function findTemplate(
  templates: Template[],
  of: { mode: string; submode: string | null },
): Template | undefined {
  return templates.find(({ manifest }) => manifest.mode === of.mode && manifest.submode === of.submode);
}

function makeReady(request: JobRequest, context: PlanContext): Result<Ready> {
  const template = findTemplate(context.templates, request);
  if (!template) {
    const detail = { mode: request.mode, submode: request.submode ?? "" };
    return no([problem("template.unknown", { detail })]);
  }
  const { manifest } = template;
  const engine = request.settings.engine === "draft" ? "draft" : context.autoEngine;
  if (engine === "comfy" && manifest.state === "pending") return no([problem("template.pending")]);
  const preset = request.settings.preset ?? manifest.defaultPreset;
  const { assets } = request;
  const notes: FieldNote[] = [
    ...(request.prompt === "" && !manifest.promptOptional
      ? [{ path: "prompt", message: "Describe what you want to see." }]
      : []),
    ...(Object.hasOwn(manifest.presets, preset) ? [] : [{
      path: "settings.preset",
      message: `must be one of ${Object.keys(manifest.presets).join(", ")}`,
    }]),
    ...(assets.references.length > context.limits.referencesMax
      ? [{ path: "assets.references", message: `must be at most ${context.limits.referencesMax} pictures` }]
      : []),
  ];
  const find = (path: string, id: string | undefined, kind: AssetFacts["kind"]): AssetFacts | null => {
    if (id === undefined) return null;
    const asset = context.assets.get(id);
    if (!asset) notes.push({ path: `assets.${path}`, message: "This file is not here. Add it again." });
    else if (asset.kind !== kind) {
      notes.push({ path: `assets.${path}`, message: wrongKind(kind, asset.kind) });
    } else return asset;
    return null;
  };
  const character = find("groundTruth", assets.groundTruth, "image");
  find("motionVideo", assets.motionVideo, "video");
  find("audio", assets.audio, "audio");
  const references = assets.references.flatMap((id, index) => find(`references.${index}`, id, "image") ?? []);
  const poseSheet = find("poseSheet", assets.poseSheet, "image");
  if (notes.length > 0 || !character) return no([problem("request.invalid", { fields: notes })]);
  const seed = request.settings.seed ?? context.seed;
  return ok({ request, context, template, engine, preset, seed, character, references, poseSheet });
}

const NAMES = { image: "a picture", video: "a video", audio: "a sound file" } as const;

function wrongKind(wanted: AssetFacts["kind"], given: AssetFacts["kind"]): string {
  return `This needs ${NAMES[wanted]}, but the file is ${NAMES[given]}.`;
}
