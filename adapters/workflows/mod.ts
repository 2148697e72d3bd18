/** Reads template folders and recorded node definitions from disk; what is wrong with one does not keep the others away. */
import { z } from "zod";
import { type Problem, problem } from "@/core/problem.ts";
import { no, ok, type Result } from "@/core/result.ts";
import { type Definitions, NodeDefinition, type Template } from "@/core/template.ts";
import { checkTemplate } from "@/core/workflow/mod.ts";

export interface Workflows {
  /** Sorted by id, older versions first. */
  templates: Template[];
  /** `template.*` problems for the operator, each with the folder or template in `detail.template`. */
  faults: Problem[];
  /** Node classes that came with the folders, beside those that are known anyway. */
  classes: Definitions;
}

/** Reads `{family}/{name}/` or `{family}/{name}@{version}/` below a folder. Folders without a graph and a manifest are no templates. */
export async function readWorkflows(dir: string, definitions: Definitions): Promise<Workflows> {
  const templates = new Map<string, Template>();
  const faults: Problem[] = [];
  const classes: Definitions = {};
  for (const name of await listFolders(dir)) {
    const read = await readFolder(`${dir}/${name}`, { name, definitions });
    if (read === null) continue;
    if (!read.ok) faults.push(...read.problem);
    else {
      const { id, version } = read.value.template.manifest;
      if (templates.has(`${id}@${version}`)) faults.push(broken(name, `version ${version} is there twice`));
      else {
        templates.set(`${id}@${version}`, read.value.template);
        Object.assign(classes, read.value.classes);
      }
    }
  }
  return { templates: [...templates.values()], faults, classes };
}

interface Folder {
  template: Template;
  classes: Definitions;
}

/** Null where the folder is no template. */
async function readFolder(
  path: string,
  { name, definitions }: { name: string; definitions: Definitions },
): Promise<Result<Folder> | null> {
  const manifest = await readJson(`${path}/manifest.json`);
  const graph = await readJson(`${path}/graph.json`);
  if (manifest.state === "missing" && graph.state === "missing") return null;
  if (manifest.state !== "read" || graph.state !== "read") {
    return no(
      [["manifest.json", manifest] as const, ["graph.json", graph] as const].flatMap(([file, part]) =>
        part.state === "missing"
          ? [broken(name, `${file} is missing`)]
          : part.state === "broken"
          ? [broken(name, `${file} is not valid JSON: ${part.why}`)]
          : []
      ),
    );
  }
  const known = await readClasses(`${path}/${CLASSES}`);
  if (known === null) return no([broken(name, `${CLASSES} does not hold node definitions`)]);
  const classes = Object.fromEntries(
    Object.entries(known).filter(([name]) => !Object.hasOwn(definitions, name)),
  );
  const all = { ...classes, ...definitions };
  const checked = checkTemplate({ name, manifest: manifest.value, graph: graph.value }, all);
  if (!checked.ok) return checked;
  const { id, version } = checked.value.manifest;
  const [folder, suffix] = name.split("@");
  if (id !== folder) return no([broken(name, `its manifest says that it is "${id}"`)]);
  if (suffix !== undefined && suffix !== version) {
    return no([broken(name, `its manifest says that it is version ${version}`)]);
  }
  return ok({ template: checked.value, classes });
}

/** Definitions of node classes that a template brings along, since no record holds them. */
export const CLASSES = "classes.json";

async function readClasses(path: string): Promise<Definitions | null> {
  const part = await readJson(path);
  if (part.state === "missing") return {};
  const parsed = part.state === "read" ? z.record(z.string(), NodeDefinition).safeParse(part.value) : null;
  return parsed?.success ? parsed.data : null;
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
    if (!family.isDirectory || family.name.startsWith(".")) continue;
    for await (const entry of Deno.readDir(`${dir}/${family.name}`)) {
      if (entry.isDirectory && !entry.name.startsWith(".")) names.push(`${family.name}/${entry.name}`);
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
