/** Templates of one's own on disk: written whole or not at all, never changed, and the record of where each was proved. */
import { z } from "zod";
import { digestOf } from "@/core/canonical.ts";
import type { Hash } from "@/core/ports.ts";
import { type Problem, problem } from "@/core/problem.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { templatePaper } from "@/core/workflow/paper.ts";
import { CLASSES, readWorkflows } from "./mod.ts";

const PROVED = "verified.json";

/** Where a version ran on a real graphics card. The digest is that of its graph: another graph was not proved. */
const Mark = z.strictObject({ digest: z.string(), comfyui: z.string(), date: z.string(), gpu: z.string() });
const Marks = z.record(z.string(), Mark);
export type Mark = z.infer<typeof Mark>;

export interface Shelf {
  /** Shipped ones and one's own, every version. */
  templates: Template[];
  /** Ids with versions of those that are one's own. */
  own: Set<string>;
  faults: Problem[];
  definitions: Definitions;
  /** Of these, the ones that came with templates, since no record holds them. */
  brought: Definitions;
}

export interface Folders {
  shipped: string;
  own: string;
}

export const keyOf = ({ manifest: { id, version } }: Template) => `${id}@${version}`;

/** Everything that can be asked for. A template of one's own never stands in place of a shipped one of the same version. */
export async function readShelf(folders: Folders, recorded: Definitions, hash: Hash): Promise<Shelf> {
  const shipped = await readWorkflows(folders.shipped, recorded);
  const own = await readWorkflows(folders.own, recorded).catch((thrown) => {
    if (thrown instanceof Deno.errors.NotFound) return { templates: [], faults: [], classes: {} };
    throw thrown;
  });
  const taken = new Set(shipped.templates.map(keyOf));
  const twice = own.templates.filter((template) => taken.has(keyOf(template)));
  const kept = own.templates.filter((template) => !taken.has(keyOf(template)));
  const marks = await readMarks(folders.own);
  return {
    templates: [...shipped.templates, ...kept].map((template) => marked(template, marks, hash)),
    own: new Set(kept.map(keyOf)),
    faults: [
      ...shipped.faults,
      ...own.faults,
      ...twice.map((template) =>
        problem("template.invalid", {
          operator: `Cannot load template "${
            keyOf(template)
          }" of ${folders.own}: this version is shipped already`,
          detail: { template: template.manifest.id },
        })
      ),
    ],
    definitions: { ...own.classes, ...shipped.classes, ...recorded },
    brought: { ...own.classes, ...shipped.classes },
  };
}

function marked(template: Template, marks: z.infer<typeof Marks>, hash: Hash): Template {
  const mark = marks[keyOf(template)];
  if (!mark || mark.digest !== digestOf(template.graph, hash)) return template;
  const { comfyui, date, gpu } = mark;
  return {
    ...template,
    manifest: { ...template.manifest, state: "verified", verified: { comfyui, date, gpu } },
  };
}

/** What changes when anything of one's own does; looking costs no more than a few stats. */
export async function signatureOf(dir: string): Promise<string> {
  const parts = [await stampOf(`${dir}/${PROVED}`)];
  for (const family of await namesIn(dir)) {
    for (const name of await namesIn(`${dir}/${family}`)) {
      const path = `${dir}/${family}/${name}`;
      parts.push(
        `${family}/${name} ${await stampOf(`${path}/manifest.json`)} ${await stampOf(`${path}/graph.json`)}`,
      );
    }
  }
  return parts.join("\n");
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(dir));
    return entries.filter(({ name, isDirectory }) => isDirectory && !name.startsWith(".")).map(({ name }) =>
      name
    ).sort();
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return [];
    throw thrown;
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtime, size } = await Deno.stat(path);
    return `${mtime?.getTime() ?? 0}:${size}`;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return "";
    throw thrown;
  }
}

/**
 * Writes a version's folder and returns its path. It appears whole, under its own name; a version that is there already
 * is never written over. Of `classes`, the definitions that no record holds, it takes along what its graph uses: it
 * must load by itself, whatever becomes of the template that brought them first.
 */
export async function writeTemplate(
  dir: string,
  template: Template,
  { classes, id }: { classes: Definitions; id: string },
): Promise<string> {
  const [family = ""] = template.manifest.id.split("/");
  const making = `${dir}/.making-${id}`;
  const path = `${dir}/${keyOf(template)}`;
  await Deno.mkdir(`${dir}/${family}`, { recursive: true });
  await Deno.mkdir(making);
  try {
    const { manifest, graph } = template;
    const used = new Set(Object.values(graph).map((node) => node.class_type));
    const along = Object.fromEntries(Object.entries(classes).filter(([name]) => used.has(name)));
    await Deno.writeTextFile(`${making}/graph.json`, `${JSON.stringify(graph, null, 2)}\n`);
    await Deno.writeTextFile(`${making}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
    await Deno.writeTextFile(`${making}/README.md`, templatePaper(template));
    if (Object.keys(along).length > 0) {
      await Deno.writeTextFile(`${making}/${CLASSES}`, `${JSON.stringify(along, null, 2)}\n`);
    }
    await Deno.rename(making, path);
  } catch (thrown) {
    await Deno.remove(making, { recursive: true });
    throw thrown;
  }
  return path;
}

/** Remembers where versions were proved, beside what is remembered. */
export async function writeMarks(dir: string, marks: Record<string, Mark>): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  const all = { ...await readMarks(dir), ...marks };
  const path = `${dir}/${PROVED}`;
  await Deno.writeTextFile(`${path}.part`, `${JSON.stringify(all, null, 2)}\n`);
  await Deno.rename(`${path}.part`, path);
}

async function readMarks(dir: string): Promise<z.infer<typeof Marks>> {
  try {
    const parsed = Marks.safeParse(JSON.parse(await Deno.readTextFile(`${dir}/${PROVED}`)));
    return parsed.success ? parsed.data : {};
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}
