/** From a draft of the API to a plan: the two name inputs differently, so wrong fields are named as the request did. */
import { type AssetFacts, changeStep, type PlanContext, planJob } from "@/core/planners/mod.ts";
import { type Problem, problem } from "@/core/problem.ts";
import { readJobRequest } from "@/core/request.ts";
import { no, ok, type Result } from "@/core/result.ts";
import type { Asset, JobDraft, Planned, Studio } from "@/core/studio.ts";

const ROLES: Record<string, string> = {
  character: "groundTruth",
  drivingVideo: "motionVideo",
  voice: "audio",
  poseSheet: "poseSheet",
};

export type Planning = Pick<Studio, "plan" | "planRetake">;

export function openPlanning(context: Omit<PlanContext, "assets" | "seed">): Planning {
  return {
    plan: (draft, assets) => Promise.resolve(plan(draft, assets, context)),
    planRetake(current, step, changes) {
      const changed = changeStep(current, { step, changes, context });
      return Promise.resolve(changed);
    },
  };
}

function plan(
  draft: JobDraft,
  assets: Asset[],
  context: Omit<PlanContext, "assets" | "seed">,
): Result<Planned> {
  if (draft.engine === "comfy" && context.autoEngine === "draft") {
    return no([
      problem("studio.not_configured", { message: "No render server is configured; choose draft." }),
    ]);
  }
  const request = readJobRequest(toRequest(draft));
  if (!request.ok) return no(request.problem.map(renameFields));
  const facts = new Map(
    assets.flatMap((asset) => asset.content ? [[asset.id, factsOf(asset)] as const] : []),
  );
  const planned = planJob(request.value, { ...context, seed: draft.settings.seed, assets: facts });
  if (!planned.ok) return no(planned.problem.map(renameFields));
  const used = new Set(
    planned.value.plan.inputs.filter((input) => input.used).map((input) => apiRole(input.role)),
  );
  const { template } = planned.value;
  return ok({ plan: planned.value.plan, template, usedRoles: [...used] });
}

function factsOf(asset: Asset): AssetFacts {
  const { content } = asset;
  if (!content) throw new Error(`Cannot plan with asset ${asset.id}: it has no content`);
  return { sha256: content.file.sha256, ext: content.file.ext, kind: content.kind, probe: content.probe };
}

function toRequest(draft: JobDraft): unknown {
  const one = (role: string) => draft.inputs.find((input) => input.role === role)?.assetId;
  const named = Object.entries(ROLES).flatMap(([role, name]) =>
    one(role) === undefined ? [] : [[name, one(role)]]
  );
  const { rate, seed, ...settings } = draft.settings;
  return {
    mode: draft.mode,
    submode: draft.submode,
    prompt: draft.prompt,
    negativePrompt: draft.negativePrompt,
    title: draft.title,
    assets: {
      ...Object.fromEntries(named),
      references: draft.inputs.filter((input) => input.role === "references").map((input) => input.assetId),
    },
    settings: {
      ...settings,
      seed,
      engine: draft.engine === "draft" ? "draft" : "auto",
      ...(rate === undefined ? {} : { frameRate: /^\d+$/.test(rate) ? Number(rate) : rate }),
      ...(draft.preset === null ? {} : { preset: draft.preset }),
    },
  };
}

function apiRole(role: string): string {
  return Object.entries(ROLES).find(([, name]) => name === role)?.[0] ??
    (role === "reference" ? "references" : role);
}

/** `assets.motionVideo` of the planner is `inputs.drivingVideo` of the request. */
function renameFields(found: Problem): Problem {
  if (!found.fields) return found;
  const fields = found.fields.map(({ path, message }) => {
    const [head, role = "", ...rest] = path.split(".");
    if (head === "assets") return { path: ["inputs", apiRole(role), ...rest].join("."), message };
    if (path === "settings.frameRate") return { path: "settings.rate", message };
    if (path === "settings.preset" || path === "settings.engine") {
      return { path: path.slice("settings.".length), message };
    }
    return { path, message };
  });
  return { ...found, fields };
}
