/** Reads template folders and recorded node definitions from disk; what is wrong with one does not keep the others away. */
import { z } from "zod";
import { type Problem, problem } from "@/core/problem.ts";
import { type Definitions, NodeDefinition, type Template } from "@/core/template.ts";
import { checkTemplate } from "@/core/workflow/mod.ts";

export interface Workflows {
  /** Sorted by id. */
  templates: Template[];
  /** `template.*` problems for the operator, each with the folder or template in `detail.template`. */
  faults: Problem[];
}

/** Reads `{family}/{name}/` below a folder. Folders without a graph and a manifest are no templates. */
export async function readWorkflows(dir: string, definitions: Definitions): Promise<Workflows> {
  const templates = new Map<string, Template>();
  const faults: Problem[] = [];
  for (const name of await listFolders(dir)) {
    const manifest = await readJson(`${dir}/${name}/manifest.json`);
    const graph = await readJson(`${dir}/${name}/graph.json`);
    if (manifest.state === "missing" && graph.state === "missing") continue;
    if (manifest.state !== "read" || graph.state !== "read") {
      for (const [file, part] of [["manifest.json", manifest], ["graph.json", graph]] as const) {
        if (part.state === "missing") faults.push(broken(name, `${file} is missing`));
        if (part.state === "broken") faults.push(broken(name, `${file} is not valid JSON: ${part.why}`));
      }
      continue;
    }
    const checked = checkTemplate({ name, manifest: manifest.value, graph: graph.value }, definitions);
    if (!checked.ok) {
      faults.push(...checked.problem);
      continue;
    }
    const { id } = checked.value.manifest;
    if (id !== name) faults.push(broken(name, `its manifest says that it is "${id}"`));
    else templates.set(id, checked.value);
  }
  return { templates: [...templates.values()], faults };
}

/** Parses the recorded and the hand-written parts of `/object_info` in a folder. Throws when one is of another form. */
export async function readDefinitions(dir: string): Promise<Definitions> {
  const all: Definitions = {};
  for await (const { name } of Deno.readDir(dir)) {
    if (!name.endsWith(".json")) continue;
    const text = await Deno.readTextFile(`${dir}/${name}`);
    Object.assign(all, z.record(z.string(), NodeDefinition).parse(JSON.parse(text)));
  }
  return all;
}

async function listFolders(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const family of Deno.readDir(dir)) {
    if (!family.isDirectory) continue;
    for await (const entry of Deno.readDir(`${dir}/${family.name}`)) {
      if (entry.isDirectory) names.push(`${family.name}/${entry.name}`);
    }
  }
  return names.sort();
}

type Part = { state: "read"; value: unknown } | { state: "missing" } | { state: "broken"; why: string };

async function readJson(path: string): Promise<Part> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return { state: "missing" };
    throw thrown;
  }
  try {
    return { state: "read", value: JSON.parse(text) };
  } catch (thrown) {
    return { state: "broken", why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function broken(name: string, text: string): Problem {
  return problem("template.invalid", {
    operator: `Cannot load template "${name}": ${text}`,
    detail: { template: name },
  });
}
