/** Random plans for the simulation: chains with carried files, fan-out and join, local steps in between. */
import { createHash } from "node:crypto";
import { canonical } from "@/core/canonical.ts";
import {
  type FileRef,
  type LocalStep,
  type Plan,
  planFaults,
  type PromptStep,
  type Step,
} from "@/core/plan.ts";
import type { LocalValue } from "@/core/ports.ts";
import type { BoundPrompt } from "@/actors/job/effects/ports.ts";
import type { Graph } from "@/core/template.ts";
import type { World } from "./world.ts";

export const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const textHash = (text: string): string => hash(new TextEncoder().encode(text));

/** What an asset of the simulation holds. */
export function assetBytes(name: string): Uint8Array {
  return new TextEncoder().encode(`asset ${name}`);
}

function asset(name: string): FileRef {
  return { from: "asset", sha256: hash(assetBytes(name)), ext: "png" };
}

const carried = (step: string, role: string): FileRef => ({ from: "step", step, role });

interface Making {
  world: World;
  name: string;
  steps: Step[];
}

function addLocal(making: Making, of: Pick<LocalStep, "id" | "phase" | "needs" | "values">): string {
  making.steps.push({
    kind: "local",
    title: of.id,
    weight: 1,
    op: of.phase === "finish" ? "join" : "prepare",
    form: textHash(canonical([making.name, of])),
    timeLimitS: 600,
    ...of,
  });
  return of.id;
}

function addPrompt(making: Making, of: Pick<PromptStep, "id" | "needs" | "values">): string {
  const family = making.world.pick(["one", "two"]);
  making.steps.push({
    kind: "prompt",
    title: of.id,
    phase: "render",
    weight: 5,
    template: { id: "sim/any", version: "1.0.0" },
    variant: "",
    preset: "",
    family,
    form: textHash(canonical([making.name, of])),
    timeLimitS: 3600,
    ...(making.world.chance(0.08) ? { gate: true } : {}),
    ...of,
  });
  return of.id;
}

/** One of: a chain of 1 to 8 that carries files, a fan-out with a join, or a diamond of both. */
export function randomPlan(world: World, name: string): Plan {
  const making: Making = { world, name, steps: [] };
  const prepared = world.chance(0.5)
    ? addLocal(making, {
      id: "prepare",
      phase: "prepare",
      needs: [],
      values: { clip: { file: asset(`${name} clip`) } },
    })
    : null;
  const first = prepared === null ? [] : [prepared];
  const head: FileRef = prepared === null ? asset(`${name} picture`) : carried(prepared, "made");
  const shape = world.pick(["chain", "chain", "fan", "diamond"] as const);
  const ends: string[] = [];
  if (shape !== "fan") {
    let last = addPrompt(making, { id: "link-1", needs: first, values: { start: { file: head } } });
    ends.push(last);
    const length = Math.floor(world.between(1, shape === "chain" ? 9 : 4));
    for (let n = 2; n <= length; n++) {
      const needs = [...first, last];
      last = addPrompt(making, {
        id: `link-${n}`,
        needs,
        values: { start: { file: head }, tail: { file: carried(last, "clip") } },
      });
      ends.push(last);
    }
  }
  if (shape !== "chain") {
    const from = ends.at(-1);
    const width = Math.floor(world.between(2, 5));
    for (let n = 1; n <= width; n++) {
      const needs = from === undefined ? first : [...first, from];
      const values = {
        start: { file: head },
        n,
        ...(from === undefined ? {} : { tail: { file: carried(from, "clip") } }),
      };
      ends.push(addPrompt(making, { id: `fan-${n}`, needs, values }));
    }
  }
  const clips = { clips: { files: ends.map((id) => carried(id, "clip")) } };
  addLocal(making, { id: "join", phase: "finish", needs: ends, values: clips });
  return closed(making);
}

function closed({ name, steps }: Making): Plan {
  const plan: Plan = {
    v: 1,
    mode: "animate",
    submode: "move",
    engine: "comfy",
    steps,
    result: { step: "join", main: "film", poster: "poster", metadata: "metadata" },
    film: null,
    inputs: [{ role: "picture", sha256: hash(assetBytes(`${name} picture`)), ext: "png", used: true }],
  };
  const faults = planFaults(plan);
  if (faults.length > 0) throw new Error(faults.join("; "));
  return plan;
}

/** A long take: pairs of passes, a look at each piece that leads to the next one, and the join. */
export function takePlan(world: World, name: string, pieces: number): Plan {
  const making: Making = { world, name, steps: [] };
  let lead: FileRef = asset(`${name} picture`);
  const lows: string[] = [];
  for (let n = 1; n <= pieces; n++) {
    const needs = lead.from === "step" ? [lead.step] : [];
    const high = addPrompt(making, { id: `high-${n}`, needs, values: { start: { file: lead } } });
    const values = { start: { file: lead }, latent: { file: carried(high, "clip") } };
    const low = addPrompt(making, { id: `low-${n}`, needs: [...needs, high], values });
    const clip = { clip: { file: carried(low, "clip") } };
    lead = carried(
      addLocal(making, { id: `piece-${n}`, phase: "render", needs: [low], values: clip }),
      "made",
    );
    lows.push(low);
  }
  const clips = { clips: { files: lows.map((id) => carried(id, "clip")) } };
  addLocal(making, { id: "join", phase: "finish", needs: lows, values: clips });
  // Nobody is asked on the way.
  return { ...closed({ ...making, steps: making.steps.map(({ gate: _, ...step }) => step) }), spends: true };
}

/** As many frames as one piece, in one prompt, and put into a file of its own. */
export function singlePlan(world: World, name: string): Plan {
  const making: Making = { world, name, steps: [] };
  const picture = { start: { file: asset(`${name} picture`) } };
  const shot = addPrompt(making, { id: "shot", needs: [], values: picture });
  const clips = { clips: { files: [carried(shot, "clip")] } };
  addLocal(making, { id: "join", phase: "finish", needs: [shot], values: clips });
  return closed({ ...making, steps: making.steps.map(({ gate: _, ...step }) => step) });
}

/** The same plan with another form for one step, as an edit or a retake with changes makes it. */
export function changedPlan(plan: Plan, id: string, word: string): Plan {
  const steps = plan.steps.map((step) =>
    step.id === id ? { ...step, form: textHash(`${step.form} ${word}`) } : step
  );
  return { ...plan, steps };
}

/** A graph as small as possible: a loader per file, the form as a text, one save node. */
export function bindSim(
  step: PromptStep,
  of: { fileName(ref: FileRef): string; promptId: string },
): BoundPrompt {
  const prefix = `animatrix/${of.promptId}/clip`;
  const graph: Graph = {
    form: { class_type: "PrimitiveString", inputs: { value: step.form } },
    save: { class_type: "SaveVideo", inputs: { video: ["form", 0], filename_prefix: prefix } },
  };
  for (const [name, value] of Object.entries(step.values)) {
    if (typeof value === "object" && "file" in value) {
      graph[name] = { class_type: "LoadImage", inputs: { image: of.fileName(value.file) } };
    }
  }
  const outputs = [{ role: "clip", node: "save", kind: "video" as const, required: true, prefix }];
  return { graph, outputs, stages: { titles: [], of: new Map() } };
}

/** What a local operation makes: one file per role that names what it was made from. */
export function localSim(
  op: string,
  values: Record<string, LocalValue>,
): { role: string; bytes: Uint8Array }[] {
  const names = Object.values(values).flatMap((value) => {
    if (typeof value !== "object") return [];
    return "path" in value ? [value.path] : value.paths;
  });
  const roles = op === "join" ? ["film", "poster", "metadata"] : ["made"];
  return roles.map((role) => ({
    role,
    bytes: new TextEncoder().encode(canonical({ op, role, inputs: names })),
  }));
}
