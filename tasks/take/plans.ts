/** What a take would do, without asking any server: its plan as a table, and every graph as JSON. */
import { join } from "node:path";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { readDefinitions, readWorkflows } from "@/adapters/workflows/mod.ts";
import type { FileRef, Plan, PromptStep } from "@/core/plan.ts";
import { type AssetFacts, type PlanContext, planJob, type PlannedJob } from "@/core/planners/mod.ts";
import type { Log } from "@/core/ports.ts";
import { readJobRequest } from "@/core/request.ts";
import { bindStep } from "@/core/workflow/mod.ts";
import type { FoundFile } from "./files.ts";
import { nameOf } from "./folders.ts";
import { tableText } from "./lines.ts";
import type { TakeOptions } from "./options.ts";
import { requestOf } from "./request.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const root = new URL("../../", import.meta.url).pathname;
/** Where a request names no seed: a plan that is only looked at is the same each time. */
const SEED = "0";
/** Stands for the prompt id, which only a real run has. */
const NO_PROMPT = "00000000-0000-4000-8000-000000000000";
const IDS = {
  image: "00000000-0000-7000-8000-00000000000a",
  video: "00000000-0000-7000-8000-00000000000b",
} as const;

export type Desk = Pick<PlanContext, "templates" | "definitions">;

export async function openDesk(): Promise<Desk> {
  const definitions = await readDefinitions(`${root}draft/nodes/definitions`);
  return { ...await readWorkflows(`${root}workflows`, definitions), definitions };
}

/** The plan, or a sentence per fault. */
export async function planFile(
  found: FoundFile,
  { options, desk, secondsMax }: { options: TakeOptions; desk: Desk; secondsMax: number },
): Promise<PlannedJob | string[]> {
  if (found.file === null) return found.faults.map(({ text }) => text);
  const assets = new Map<string, AssetFacts>();
  for (const place of ["image", "video"] as const) {
    const path = found[place];
    if (path !== null) assets.set(IDS[place], await factsOf(path, place));
  }
  const named = Object.fromEntries(
    (["image", "video"] as const).flatMap((place) => assets.has(IDS[place]) ? [[place, IDS[place]]] : []),
  );
  const request = readJobRequest(requestOf(found.file, { options, assets: named }));
  const planned = request.ok
    ? planJob(request.value, {
      ...desk,
      assets,
      hash: sha256,
      seed: SEED,
      autoEngine: "comfy",
      limits: { referencesMax: 8, filmSecondsMax: secondsMax, timeLimitMinS: 60, timeLimitMaxS: 7200 },
    })
    : request;
  if (planned.ok) return planned.value;
  return planned.problem.flatMap(({ fields, message, operator }) =>
    fields?.length ? fields.map((field) => `${field.path}: ${field.message}`) : [operator ?? message]
  );
}

async function factsOf(path: string, kind: "image" | "video"): Promise<AssetFacts> {
  const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
  const ext = path.split(".").at(-1)?.toLowerCase() ?? "";
  return { sha256: sha256(await Deno.readFile(path)), ext, kind, probe: await media.probe(path) };
}

/** One row per pass and join, with what each needs. */
export function tableOf(plan: Plan): string {
  const rows = plan.steps.map((step) => [
    step.id,
    step.kind === "prompt" ? step.variant.replaceAll("_", " ") : step.op.replaceAll("_", " "),
    String(step.values.frames ?? ""),
    String(step.values.reference ?? ""),
    step.needs.length > 4
      ? `${step.needs.slice(0, 3).join(" ")} … (${step.needs.length})`
      : step.needs.join(" "),
  ]);
  return tableText(["step", "what", "frames", "reference", "needs"], rows);
}

/** Writes every bound graph and the list of jobs; returns how many graphs there are. */
export async function writeGraphs(planned: PlannedJob, desk: Desk, dir: string): Promise<number> {
  await Deno.mkdir(dir, { recursive: true });
  const steps = planned.plan.steps.filter((step): step is PromptStep => step.kind === "prompt");
  const jobs: unknown[] = [];
  for (const step of steps) {
    const template = desk.templates.find(({ manifest }) =>
      manifest.id === step.template.id && manifest.version === step.template.version
    );
    if (!template) throw new Error(`There is no template ${step.template.id}`);
    const files = (ref: FileRef) =>
      ref.from === "asset" ? `${ref.sha256}.${ref.ext}` : nameOf(ref.step, ref.role);
    const bound = bindStep(step, { ...desk, template, files, promptId: NO_PROMPT, prefix: "animatrix" });
    if (!bound.ok) throw new Error(bound.problem.map(({ operator }) => operator).join("\n"));
    const name = `job_${step.id.split("-")[1] ?? step.id}.json`;
    await Deno.writeTextFile(join(dir, name), `${JSON.stringify(bound.value.graph, null, 2)}\n`);
    const { id, variant, preset, needs, form, family } = step;
    jobs.push({ file: name, id, variant, preset, needs, form, family });
  }
  const { plan, seed, size } = planned;
  await Deno.writeTextFile(
    join(dir, "jobs.json"),
    `${JSON.stringify({ seed, size, film: plan.film, notes: plan.notes, jobs }, null, 2)}\n`,
  );
  return steps.length;
}
