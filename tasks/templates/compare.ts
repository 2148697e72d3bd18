/** `templates diff`: what changed between two versions, two templates, or a template and an export. */
import { Manifest, type Template } from "@/core/template.ts";
import { diffGraphs, diffTemplates, readExport } from "@/core/workflow/import/mod.ts";
import { compareVersions } from "@/core/workflow/versions.ts";
import { changeText, type Desk, Misused, openDesk, readArgs, readFile, say } from "./desk.ts";

export async function compare(args: string[]): Promise<number> {
  const { files: [left, right, more] } = readArgs(args, {});
  if (left === undefined || more !== undefined) throw new Misused("Name one or two things to compare.");
  const desk = await openDesk();
  const after = right === undefined ? versionsOf(desk, left)[0] ?? null : await find(desk, right);
  const before = right === undefined ? versionsOf(desk, left)[1] ?? null : await find(desk, left);
  if (!before || !after) throw new Misused(`There is only one version of "${left}" to compare.`);
  const changes = before.manifest && after.manifest
    ? diffTemplates({ manifest: before.manifest, graph: before.graph }, {
      manifest: after.manifest,
      graph: after.graph,
    })
    : diffGraphs(before.graph, after.graph);
  await say(changes.length === 0 ? "Nothing differs." : changes.map(changeText).join("\n"));
  return 0;
}

type Side = { graph: Template["graph"]; manifest: Template["manifest"] | null };

/** Newest first. */
function versionsOf({ shelf }: Desk, id: string): Template[] {
  return shelf.templates.filter(({ manifest }) => manifest.id === id)
    .sort((a, b) => compareVersions(b.manifest.version, a.manifest.version));
}

async function find(desk: Desk, name: string): Promise<Side> {
  const [id = "", version] = name.split("@");
  const known = versionsOf(desk, id).find(({ manifest }) =>
    version === undefined || manifest.version === version
  );
  if (known) return known;
  const isFolder = await Deno.stat(name).then(({ isDirectory }) => isDirectory, () => false);
  const graph = readExport(await readFile(isFolder ? `${name}/graph.json` : name));
  if (!graph.ok) throw new Misused(graph.problem.map(({ text }) => text).join("\n"));
  if (!isFolder) return { graph: graph.value, manifest: null };
  const manifest = Manifest.safeParse(JSON.parse(await readFile(`${name}/manifest.json`)));
  return { graph: graph.value, manifest: manifest.success ? manifest.data : null };
}
