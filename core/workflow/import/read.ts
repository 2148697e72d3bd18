/** Reads an exported graph from text that somebody brings: hostile until it is proved to be a plain graph in API format. */
import { z } from "zod";
import { no, ok, type Result } from "../../result.ts";
import { Graph } from "../../template.ts";
import { checkLinks, type Fault } from "../check_graph.ts";
import { normaliseLinks } from "../validate.ts";

/** A graph of a hundred nodes has some 50 KB. */
export const GRAPH_BYTES_MAX = 2 * 1024 * 1024;
export const GRAPH_NODES_MAX = 1000;

/** What a file is called as a template: `My film (API).json` becomes `custom/my_film_api`. */
export function nameFor(path: string): string {
  const file = path.replaceAll("\\", "/").split("/").at(-1) ?? "";
  const name = file.replace(/\.json$/i, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").slice(0, 40);
  return `custom/${name.replaceAll(/^_+|_+$/g, "") || "film"}`;
}

/** How one gets the other format, for everybody who brings the editor's. */
export const EDITOR_FORMAT = "This is an editor file. In ComfyUI choose Export (API) and bring that file.";

const NODE_ID = /^[\w.:-]{1,100}$/;
const Payload = z.looseObject({ prompt: z.record(z.string(), z.looseObject({ class_type: z.string() })) });
const Editor = z.looseObject({ nodes: z.array(z.unknown()) });

/** The graph, or every reason why this text is none, with the place where there is one. */
export function readExport(text: string): Result<Graph, Fault[]> {
  const refuse = (text: string): Result<Graph, Fault[]> => no([{ text }]);
  if (text.length > GRAPH_BYTES_MAX) {
    return refuse(`The file has ${Math.ceil(text.length / 1e6)} MB; a graph may have 2 MB at most.`);
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (thrown) {
    return refuse(`The file is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}.`);
  }
  if (Editor.safeParse(raw).success) return refuse(EDITOR_FORMAT);
  const payload = Payload.safeParse(raw);
  return readNodes(payload.success ? payload.data.prompt : raw);
}

function readNodes(raw: unknown): Result<Graph, Fault[]> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return no([{ text: "The file holds no nodes by name, so it is no graph in API format." }]);
  }
  const ids = Object.keys(raw);
  if (ids.length === 0) return no([{ text: "The graph has no nodes." }]);
  if (ids.length > GRAPH_NODES_MAX) {
    return no([{ text: `The graph has ${ids.length} nodes; at most ${GRAPH_NODES_MAX} are read.` }]);
  }
  const strange = ids.filter((id) => !NODE_ID.test(id) || id in Object.prototype);
  if (strange.length > 0) {
    return no(
      strange.slice(0, 8).map((id) => ({
        text: `A node is called ${JSON.stringify(id.slice(0, 60))}, which is no id that ComfyUI gives.`,
      })),
    );
  }
  const parsed = Graph.safeParse(normaliseLinks(raw));
  if (!parsed.success) {
    return no(parsed.error.issues.slice(0, 20).map(({ path, message }) => faultAt(path, message)));
  }
  const faults = [...namesOf(parsed.data), ...checkLinks(parsed.data)];
  return faults.length > 0 ? no(faults) : ok(parsed.data);
}

function faultAt(path: PropertyKey[], message: string): Fault {
  const [node = "", ...rest] = path.map(String);
  const where = rest.length > 0 ? `"${rest.join(".")}" ` : "";
  return { node, text: `Node "${node}" is not in API format: ${where}${message.replace(/\.$/, "")}.` };
}

/** Names that mean something to JavaScript itself are no names of classes and inputs. */
function namesOf(graph: Graph): Fault[] {
  return Object.entries(graph).flatMap(([node, { class_type, inputs }]) => [
    ...(class_type in Object.prototype
      ? [{ node, text: `Node "${node}" is of the class "${class_type}", which does not exist.` }]
      : []),
    ...Object.keys(inputs).filter((input) => input in Object.prototype).map((input) => ({
      node,
      input,
      text: `Node "${node}" has an input "${input}", which does not exist.`,
    })),
  ]);
}
