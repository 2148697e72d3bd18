/** Forms of many prompts that differ in a few values only: bound once, then filled in, which is ten times as fast. */
import { canonical } from "../canonical.ts";
import type { Hash } from "../ports.ts";
import { problem } from "../problem.ts";
import { no, ok, type Result } from "../result.ts";
import type { Definitions, Graph, Template, TemplateInput } from "../template.ts";
import type { Value } from "../plan.ts";
import { type Choice, formOf, nameRef } from "./bind.ts";
import { idsOf } from "./graph.ts";
import { checkValue, literalOf } from "./values.ts";

interface Skeleton {
  /** The canonical text of the graph, cut where values stand; between two pieces stands one of `names`. */
  pieces: string[];
  names: string[];
  family: string;
}

/** By everything that is not filled in. */
export type Forms = Map<string, Skeleton>;

/** Values of these kinds change nothing in a graph but the place where they stand. */
const FILLED: readonly TemplateInput["kind"][] = [
  "int",
  "number",
  "seed",
  "image",
  "video",
  "audio",
  "latent",
];

const UTF8 = new TextEncoder();

/** The same form and family as `formOf` gives. */
export function fillForm(
  choice: Choice & { template: Template },
  context: { definitions: Definitions; hash: Hash; forms: Forms },
): Result<{ form: string; family: string }> {
  const { template: { manifest }, variant, preset, values } = choice;
  const filled: [string, TemplateInput, Value][] = [];
  const fixed: [string, Value | null][] = [];
  for (const [name, value] of Object.entries(values)) {
    const input = manifest.inputs[name];
    const fills = input && FILLED.includes(input.kind) && !input.edits;
    if (fills) filled.push([name, input, value]);
    fixed.push([name, fills ? null : value]);
  }
  const key = canonical([manifest.id, variant, preset, fixed]);
  const known = context.forms.get(key);
  if (!known) {
    const bound = formOf({ ...choice, ...context });
    if (!bound.ok) return bound;
    const { canonical: graph, family, form } = bound.value;
    context.forms.set(key, { ...cutOut(graph, { template: choice.template, filled }), family });
    return ok({ form, family });
  }
  const faults = filled.flatMap(([name, input, value]) =>
    checkValue(input, value).map((text) => `"${name}" ${text}`)
  );
  if (faults.length > 0) {
    return no(
      faults.map((text) =>
        problem("template.bind_failed", { operator: `Cannot bind template "${manifest.id}": ${text}` })
      ),
    );
  }
  const literals = new Map(
    filled.map(([name, input, value]) => [name, canonical(literalOf(input, value, nameRef))]),
  );
  const text = known.pieces.reduce((sum, piece, at) =>
    sum + (literals.get(known.names[at - 1] ?? "") ?? "") + piece
  );
  return ok({ form: context.hash(UTF8.encode(text)), family: known.family });
}

/** No text of a graph holds this character: it is not allowed in prompts, names and file references. */
const MARK = "\u0000";

function cutOut(
  bound: Graph,
  { template, filled }: { template: Template; filled: [string, TemplateInput, Value][] },
): Pick<Skeleton, "pieces" | "names"> {
  const graph = structuredClone(bound);
  for (const [name, input] of filled) {
    for (const bind of input.bind) {
      const [id = ""] = idsOf(template.graph, bind.node);
      const node = graph[id];
      if (node) node.inputs[bind.input] = `${MARK}${name}${MARK}`;
    }
  }
  const cut = canonical(graph).split(/"\\u0000([^"\\]*)\\u0000"/);
  return {
    pieces: cut.filter((_, at) => at % 2 === 0),
    names: cut.filter((_, at) => at % 2 === 1),
  };
}
