/** Templates as the job's effects and the scheduler need them: bound graphs, node classes, and what they want of a server. */
import type { JobPorts } from "@/actors/job/effects/ports.ts";
import { stagesOf } from "@/core/comfy/stages.ts";
import { isWhole, lacksOf, outOfMemory, refusalOf, type Wants, wantsOfGraph } from "@/core/preflight.ts";
import { fail } from "@/core/problem.ts";
import type { PromptStep } from "@/core/plan.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { bindStep, classesOf, graphOf, nameModels } from "@/core/workflow/mod.ts";

/** Folder of all our files in a server's output folder. */
export const PREFIX = "animatrix";
const WANTS_MAX = 300;

export interface Graphs extends Pick<JobPorts, "bind" | "classes" | "lacks" | "advice"> {
  /** What a step wants of a server, by its form. */
  wants(step: PromptStep): Wants;
}

export function openGraphs(templates: Template[], recorded: Definitions): Graphs {
  const find = (step: PromptStep): Template => {
    const { id, version } = step.template;
    const found = templates.find(({ manifest }) => manifest.id === id && manifest.version === version);
    if (!found) {
      throw fail("template.unknown", { operator: `There is no template ${id} ${version} any more` });
    }
    return found;
  };
  const wanted = new Map<string, Wants>();
  return {
    bind(step, { definitions, fileName, promptId }) {
      const template = find(step);
      const all = { ...recorded, ...definitions };
      const bound = bindStep(step, { template, definitions: all, files: fileName, promptId, prefix: PREFIX });
      if (!bound.ok) throw bindFailed(bound.problem);
      const { graph, outputs } = bound.value;
      nameModels(graph, definitions);
      return { graph, outputs, stages: stagesOf(template, graph) };
    },
    classes: (step) => classesOf(find(step)),
    lacks(step, graph, { definitions, backend }) {
      const { manifest } = find(step);
      const wants = wantsOfGraph(graph, { manifest, preset: step.preset, definitions });
      const lacks = lacksOf(wants, { definitions, vramBytes: backend.vram });
      return isWhole(lacks) ? null : refusalOf([{ server: backend.url, lacks, manifest }], null);
    },
    advice: (step) => outOfMemory(find(step).manifest, step.preset),
    wants(step) {
      const known = wanted.get(step.form);
      if (known) return known;
      const template = find(step);
      const bound = graphOf({ ...step, template, definitions: recorded });
      if (!bound.ok) throw bindFailed(bound.problem);
      const { manifest } = template;
      const wants = wantsOfGraph(bound.value, { manifest, preset: step.preset, definitions: recorded });
      wanted.set(step.form, wants);
      const [oldest] = wanted.keys();
      if (wanted.size > WANTS_MAX && oldest !== undefined) wanted.delete(oldest);
      return wants;
    },
  };
}

function bindFailed(problems: { operator?: string; message: string }[]) {
  const operator = problems.map((found) => found.operator ?? found.message).join("; ");
  return fail("template.bind_failed", { operator });
}
