/** Work of somebody else on the same server: a node that only this server knows, used by the fault `foreign_job`. */
import type { NodeKind } from "./contract.ts";
import type { PromptGraph } from "./queue.ts";
import type { NodeDefinition } from "@/core/template.ts";

export const FOREIGN_CLASS = "DraftForeignWork";

export const foreignDefinition: NodeDefinition = {
  input: { required: { steps: ["INT", {}], step_ms: ["FLOAT", {}] } },
  output: [],
  output_node: true,
  name: FOREIGN_CLASS,
};

export const foreignKind: NodeKind = {
  async run(inputs, context) {
    const steps = Number(inputs.steps);
    for (let step = 1; step <= steps; step++) {
      await context.sleep(Number(inputs.step_ms));
      context.progress(step, steps);
    }
    return { outputs: [], ui: { text: ["foreign work"] } };
  },
};

export function makeForeignGraph(work: { steps: number; stepMs: number; salt: string }): PromptGraph {
  const inputs = { steps: work.steps, step_ms: work.stepMs, salt: work.salt };
  return { "1": { class_type: FOREIGN_CLASS, inputs } };
}
