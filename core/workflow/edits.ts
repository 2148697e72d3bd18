/** The edit lists of presets, variants and answers: set an input, take it away, or go round a node. */
import type { Edit, Graph, Manifest } from "../template.ts";
import type { Fault } from "./check_graph.ts";
import { idsOf, isLink, nameRef, redirect } from "./graph.ts";

/** Changes the graph in place. What cannot be done is a fault, and the rest is done all the same. */
export function applyEdits(graph: Graph, edits: Edit[]): Fault[] {
  return edits.flatMap((edit) => applyEdit(graph, edit));
}

function applyEdit(graph: Graph, edit: Edit): Fault[] {
  const [id, other] = idsOf(graph, edit.node);
  const fault = (
    text: string,
  ): Fault[] => [{ input: edit.input, ...(id === undefined ? {} : { node: id }), text }];
  if (id === undefined) return fault(`an edit names the ${nameRef(edit.node)}, which is missing`);
  if (other !== undefined) return fault(`an edit names the ${nameRef(edit.node)}, but there are several`);
  const given = [edit.value, edit.link, edit.remove, edit.prune, edit.bypass].filter((part) =>
    part !== undefined
  );
  if (given.length !== 1) {
    return fault(
      `the edit of "${edit.input}" of the ${
        nameRef(edit.node)
      } needs exactly one of value, link, remove, prune, bypass`,
    );
  }
  const inputs = graph[id]?.inputs ?? {};
  if (edit.bypass) {
    const to = inputs[edit.input];
    if (!isLink(to)) {
      return fault(`an edit goes round the ${nameRef(edit.node)} along "${edit.input}", which is no link`);
    }
    redirect(graph, [id, 0], to, new Set());
    return [];
  }
  if (edit.remove || edit.prune) {
    if (!Object.hasOwn(inputs, edit.input)) {
      return fault(`an edit removes "${edit.input}" of the ${nameRef(edit.node)}, which is not there`);
    }
    delete inputs[edit.input];
    return [];
  }
  if (edit.link) {
    const [from, several] = idsOf(graph, edit.link.node);
    if (from === undefined || several !== undefined) {
      return fault(
        `an edit links "${edit.input}" to the ${nameRef(edit.link.node)}, which is missing or not unique`,
      );
    }
    inputs[edit.input] = [from, edit.link.slot];
    return [];
  }
  inputs[edit.input] = edit.value;
  return [];
}

/** Where an applied edit list left inputs out together with all that cannot run without them. */
export function prunedInputs(graph: Graph, edits: Edit[]): { node: string; input: string }[] {
  return edits.flatMap(({ node: ref, input, prune }) => {
    const [node] = prune ? idsOf(graph, ref) : [];
    return node === undefined || Object.hasOwn(graph[node]?.inputs ?? {}, input) ? [] : [{ node, input }];
  });
}

/**
 * Every edit list that can be asked for, in the order in which the binder applies them: presets, variants, answers. Of
 * the answers each is tried alone, beside the defaults of all others.
 */
export function editLists(manifest: Manifest): { name: string; edits: Edit[] }[] {
  const variants = Object.entries(manifest.variants);
  return Object.entries(manifest.presets).flatMap(([preset, { edits }]) =>
    (variants.length > 0 ? variants : [["", []] as const]).flatMap(([variant, more]) =>
      answersOf(manifest, variant).map((answer) => ({
        name: [`preset "${preset}"`, variant && `variant "${variant}"`, answer.name].filter((part) =>
          part !== ""
        )
          .join(" with "),
        edits: [...edits, ...more, ...answer.edits],
      }))
    )
  );
}

/** All defaults, and each answer that differs from one of them. */
function answersOf({ inputs }: Manifest, variant: string): { name: string; edits: Edit[] }[] {
  const asked = Object.entries(inputs).filter(([, input]) =>
    input.edits !== undefined && (!input.variants || input.variants.includes(variant))
  );
  const usual = (except: string) =>
    asked.flatMap(([name, input]) => name === except ? [] : input.edits?.[String(input.default)] ?? []);
  const others = asked.flatMap(([name, input]) =>
    Object.entries(input.edits ?? {}).filter(([answer]) => answer !== String(input.default)).map(
      ([answer, edits]) => ({ name: `${name} "${answer}"`, edits: [...usual(name), ...edits] }),
    )
  );
  return [{ name: "", edits: usual("") }, ...others];
}
