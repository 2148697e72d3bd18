/** Makes a graph fit for the wire: 64-bit seeds keep every digit. */
import { fail } from "@/core/problem.ts";
import type { Graph } from "@/core/template.ts";

/**
 * JSON numbers lose digits above 2^53. ComfyUI turns decimal text into whole numbers for INT inputs, so seeds travel as
 * text: bigint becomes text, text stays, and a number that has lost its digits already is refused. [XC22]
 */
export function wireGraph(graph: Graph): Graph {
  const entries = Object.entries(graph).map(([id, node]) => {
    const inputs = Object.entries(node.inputs).map((
      [name, value],
    ) => [name, wireValue(value, `${id}.${name}`)]);
    return [id, { ...node, inputs: Object.fromEntries(inputs) }];
  });
  return Object.fromEntries(entries);
}

function wireValue(value: unknown, at: string): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw fail("template.bind_failed", { operator: `${at}: ${value} is not exact; send it as text.` });
  }
  if (Array.isArray(value)) return value.map((item) => wireValue(item, at));
  return value;
}
