/** From a request to a plan: finds the template, judges what only template and files can tell, and calls the mode's planner. */
import { planFaults } from "../plan.ts";
import { type FieldNote, problem } from "../problem.ts";
import { type JobRequest, type Mode, type Place, PLACES } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import { planAnimate } from "./animate.ts";
import type { AssetFacts, PlanContext, PlannedJob, Ready, ShotReady } from "./context.ts";
import { findTemplate } from "./find.ts";
import { optionFaults } from "./options.ts";
import { planTake } from "./long_take.ts";
import { planPerformance } from "./performance.ts";
import { planShot } from "./shot.ts";
import { hasPasses } from "./passes.ts";
import { planStill } from "./still.ts";

export type { AssetFacts, BindContext, PlanContext, PlannedJob, UsualPreset } from "./context.ts";
export { findTemplate } from "./find.ts";
export { cutTake, openEnds, takeEnds } from "./cut_take.ts";
export { cutWords } from "./long_take_parts.ts";
export { changeStep, replan } from "./replan.ts";
export { stepDigest } from "./digest.ts";
export { refuseWish } from "./join.ts";

/** Modes of many prompts have planners of their own; everything else is a shot, described by its template alone. */
const PLANNERS: Partial<Record<Mode, (ready: Ready) => Result<PlannedJob>>> = {
  animate: planAnimate,
  audio: planPerformance,
};

/** Pure: the same request and context give the same plan. Every wrong field is named at once. */
export function planJob(request: JobRequest, context: PlanContext): Result<PlannedJob> {
  const ready = makeReady(request, context);
  if (!ready.ok) return ready;
  const planner = PLANNERS[request.mode];
  const { character } = ready.value;
  const shot = request.mode === "take"
    ? planTake
    : ready.value.template.manifest.delivers === "still"
    ? planStill
    : planShot;
  const planned = planner && character !== null
    ? planner({ ...ready.value, character })
    : shot({ ...ready.value, character: null });
  if (!planned.ok) return planned;
  const { lowNote } = ready.value;
  if (lowNote !== null) planned.value.plan.notes = [lowNote, ...planned.value.plan.notes ?? []];
  if (context.sketch) return planned;
  const faults = planFaults(planned.value.plan);
  return faults.length === 0 ? planned : no(faults.map((operator) => problem("studio.bug", { operator })));
}

function makeReady(
  request: JobRequest,
  context: PlanContext,
): Result<Omit<ShotReady, "character"> & { character: AssetFacts | null; lowNote: string | null }> {
  const template = findTemplate(context.templates, request);
  if (!template) {
    const detail = { mode: request.mode, submode: request.submode ?? "" };
    return no([problem("template.unknown", { detail })]);
  }
  const { manifest } = template;
  const engine = request.settings.engine === "draft" ? "draft" : context.autoEngine;
  if (engine === "comfy" && manifest.state === "pending") return no([problem("template.pending")]);
  const low = engine === "comfy" ? context.usualPreset?.(manifest) ?? null : null;
  const preset = request.settings.preset ?? low?.preset ?? manifest.defaultPreset;
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
  const files = new Map<Place, AssetFacts>();
  for (const [place, kind] of Object.entries(PLACES) as [Place, AssetFacts["kind"]][]) {
    if (place === "references") continue;
    const asset = find(place, assets[place], kind);
    if (asset) files.set(place, asset);
  }
  const references = assets.references.flatMap((id, index) => find(`references.${index}`, id, "image") ?? []);
  notes.push(...optionFaults(manifest, request.settings.options));
  if (request.settings.stopAfterFirstPass && !hasPasses(manifest)) {
    notes.push({ path: "settings.stopAfterFirstPass", message: "This model makes its film in one pass." });
  }
  if (notes.length > 0) return no([problem("request.invalid", { fields: notes })]);
  const seed = request.settings.seed ?? context.seed;
  const character = files.get("groundTruth") ?? null;
  const poseSheet = files.get("poseSheet") ?? null;
  const lowNote = low !== null && request.settings.preset === undefined ? low.note : null;
  return ok({
    request,
    context,
    template,
    engine,
    preset,
    seed,
    character,
    files,
    references,
    poseSheet,
    lowNote,
  });
}

const NAMES = { image: "a picture", video: "a video", audio: "a sound file" } as const;

function wrongKind(wanted: AssetFacts["kind"], given: AssetFacts["kind"]): string {
  return `This needs ${NAMES[wanted]}, but the file is ${NAMES[given]}.`;
}
