/** What a person says about a graph that they bring: its name, its mode, and where they know better than the finding. */
import { no, ok, type Result } from "../../result.ts";
import type { Graph } from "../../template.ts";
import type { Place } from "./places.ts";

export interface Wish {
  /** `family/name`. */
  id: string;
  title?: string;
  /** A mode of single prompts; without it `custom`, or the mode of the template whose next version this is. */
  mode?: string;
  submode?: string;
  /** By role: the places that were chosen, or none. */
  hands: Map<string, Place[]>;
  /** Begin anew although a template of this name is there. */
  fresh?: boolean;
}

/** `role=node.input` of a command or a form; several of one role add up, and `role=none` unbinds. */
export function readHands(texts: string[], graph: Graph): Result<Map<string, Place[]>, string[]> {
  const hands = new Map<string, Place[]>();
  const faults: string[] = [];
  for (const text of texts) {
    const at = text.indexOf("=");
    const role = text.slice(0, at).trim();
    const where = text.slice(at + 1).trim();
    if (at < 1 || where === "" || !/^[A-Za-z][A-Za-z0-9]{0,39}$/.test(role)) {
      faults.push(`"${text}" is no binding: write role=node.input, for instance prompt=6.text.`);
      continue;
    }
    if (where === "none") {
      hands.set(role, []);
      continue;
    }
    const place = readPlace(where, graph);
    if (place) hands.set(role, [...hands.get(role) ?? [], place]);
    else {faults.push(
        `"${where}" is no input of this graph: write the node's id or its title, a dot, and the input.`,
      );}
  }
  return faults.length > 0 ? no(faults) : ok(hands);
}

/** Ids, titles and inputs may all hold dots. */
function readPlace(text: string, graph: Graph): Place | null {
  for (let dot = text.indexOf("."); dot > 0; dot = text.indexOf(".", dot + 1)) {
    const [name, input] = [text.slice(0, dot), text.slice(dot + 1)];
    const titled = Object.keys(graph).filter((id) => graph[id]?._meta?.title === name);
    const node = Object.hasOwn(graph, name) ? name : titled.length === 1 ? titled[0] : undefined;
    if (node !== undefined && Object.hasOwn(graph[node]?.inputs ?? {}, input)) return { node, input };
  }
  return null;
}
