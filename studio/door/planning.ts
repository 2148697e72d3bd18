/** From a draft of the API to a plan: drafts have the shape of the planners' request, field paths included. */
import { type AssetFacts, changeStep, cutTake, type PlanContext, planJob } from "@/core/planners/mod.ts";
import { readJobRequest } from "@/core/request.ts";
import { ok, type Result } from "@/core/result.ts";
import type { Asset, JobDraft, Planned, Studio } from "@/core/studio.ts";

export type Planning = Pick<Studio, "plan" | "sketch" | "planCut" | "planRetake">;

type Context = Omit<PlanContext, "assets" | "seed" | "sketch">;

/** What follows from how the servers are now. */
export type Now = Required<Pick<PlanContext, "usualPreset" | "finisher">>;

export function openPlanning(context: () => Context, now: () => Promise<Now>): Planning {
  return {
    plan: async (draft, assets) => plan({ draft, assets, context: { ...context(), ...await now() } }),
    sketch: async (draft, assets) =>
      plan({ draft, assets, context: { ...context(), ...await now(), sketch: new Map() } }),
    planCut: async (current, { draft, assets }) => {
      const settings = {
        ...draft.settings,
        ...(current.engine === "draft" ? { engine: "draft" as const } : {}),
      };
      const of = { draft: { ...draft, settings }, assets, context: { ...context(), ...await now() } };
      const planned = plan(of);
      return planned.ok ? ok(cutTake(current, planned.value.plan, of.context.hash)) : planned;
    },
    planRetake: (current, step, changes) =>
      Promise.resolve(changeStep(current, { step, changes, context: context() })),
  };
}

function plan(
  { draft, assets, context }: {
    draft: JobDraft;
    assets: Asset[];
    context: Omit<PlanContext, "assets" | "seed">;
  },
): Result<Planned> {
  const request = readJobRequest(draft);
  if (!request.ok) return request;
  const facts = new Map(assets.flatMap((asset) => factsOf(asset)));
  const planned = planJob(request.value, { ...context, seed: draft.settings.seed, assets: facts });
  if (!planned.ok) return planned;
  const { plan, template } = planned.value;
  return ok({ plan, template });
}

function factsOf(asset: Asset): [string, AssetFacts][] {
  const { content } = asset;
  if (!content) return [];
  const { sha256, ext } = content.file;
  return [[asset.id, { sha256, ext, kind: content.kind, probe: content.probe }]];
}
