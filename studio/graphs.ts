/** Templates as the job's effects and the scheduler need them: bound graphs, node classes, and what a server lacks. */
import type { JobPorts } from "@/actors/job/effects/ports.ts";
import { fail } from "@/core/problem.ts";
import type { PromptStep } from "@/core/plan.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { bindStep, findLack, stageOf } from "@/core/workflow/mod.ts";

/** Folder of all our files in a server's output folder. */
export const PREFIX = "animatrix";

export type Graphs = Pick<JobPorts, "bind" | "classes" | "lacks">;

export function openGraphs(templates: Template[], recorded: Definitions): Graphs {
  const find = (step: PromptStep): Template => {
    const { id, version } = step.template;
    const found = templates.find(({ manifest }) => manifest.id === id && manifest.version === version);
    if (!found) {
      throw fail("template.unknown", { operator: `There is no template ${id} ${version} any more` });
    }
    return found;
  };
  return {
    bind(step, { definitions, fileName, promptId }) {
      const template = find(step);
      const all = { ...recorded, ...definitions };
      const bound = bindStep(step, { template, definitions: all, files: fileName, promptId, prefix: PREFIX });
      if (!bound.ok) {
        const operator = bound.problem.map((found) => found.operator ?? found.message).join("; ");
        throw fail("template.bind_failed", { operator });
      }
      const { graph, outputs } = bound.value;
      return { graph, outputs, stageOf: (node) => stageOf(template, graph, node) };
    },
    classes(step) {
      const { graph, manifest } = find(step);
      const folds = Object.values(manifest.inputs).flatMap((input) => input.fold ? [input.fold.class] : []);
      return [...new Set([...Object.values(graph).map((node) => node.class_type), ...folds])];
    },
    lacks: (step, graph, definitions) => findLack(graph, definitions, find(step).manifest),
  };
}
