/** `deno task papers`: writes the tables of README.md and THIRD_PARTY.md that follow from code, between their marks. */
import { z } from "zod";
import { readDefinitions, readWorkflows } from "@/adapters/workflows/mod.ts";
import { type Variable, VARIABLES } from "@/core/config.ts";
import type { Template } from "@/core/template.ts";
import { listSupplies, type Supply } from "@/core/workflow/mod.ts";
import { MADE, modelTable, templatePaper } from "@/core/workflow/paper.ts";

const Package = z.looseObject({ version: z.string(), license: z.string() });
const Imports = z.looseObject({ imports: z.record(z.string(), z.string()) });

/** Each paper with its generated parts filled in, by file name. */
export async function writePapers(): Promise<Record<string, string>> {
  const readme = await Deno.readTextFile("README.md");
  const parts = await Deno.readTextFile("THIRD_PARTY.md");
  const definitions = await readDefinitions("draft/nodes/definitions");
  const { templates } = await readWorkflows("workflows", definitions);
  const supplies = listSupplies(templates);
  const shared = await Deno.readTextFile("workflows/shared/README.md");
  return {
    "README.md": fill(fill(readme, "models", supplyTable(supplies)), "settings", settingsTable()),
    "THIRD_PARTY.md": fill(parts, "packages", await packageTable()),
    "workflows/shared/README.md": fill(shared, "models", modelTable(supplies)),
    "workflows/shared/models.json": `${
      JSON.stringify({ models: supplies.map(({ templates: _, ...model }) => model) }, null, 2)
    }\n`,
    ...Object.fromEntries((await Promise.all(templates.map(madePaper))).flat()),
  };
}

/** The paper of a template, unless it was written by hand. */
async function madePaper(template: Template): Promise<[string, string][]> {
  const path = `workflows/${template.manifest.id}/README.md`;
  const old = await Deno.readTextFile(path).catch(() => MADE);
  return old.includes(MADE) ? [[path, templatePaper(template)]] : [];
}

/** Puts text between `<!-- name -->` and `<!-- /name -->`. */
function fill(paper: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = paper.indexOf(begin);
  const to = paper.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The marks of "${name}" are not in the paper`);
  return `${paper.slice(0, from + begin.length)}\n${text}\n${paper.slice(to)}`;
}

function settingsTable(): string {
  const rows: string[] = [];
  let group = "";
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    if (variable.group !== group) rows.push(`| **${group = variable.group}** | | |`);
    const also = (variable.aliases ?? []).map((alias) => `\`${alias}\``).join(", ");
    const about = variable.about.replaceAll("|", "\\|");
    const fallback = variable.fallback === "" ? "" : `\`${variable.fallback}\``;
    rows.push(`| \`${name}\` | ${fallback} | ${about}${also === "" ? "" : ` Also read as ${also}.`} |`);
  }
  return ["| Variable | Default | What it does |", "|---|---|---|", ...rows].join("\n");
}

function supplyTable(supplies: Supply[]): string {
  const rows = supplies.map(({ folder, file, source, licence, sizeGb, templates }) => {
    const size = sizeGb === null ? "not established" : `${sizeGb} GB`;
    return `| \`${folder}/${file}\` | ${size} | ${templates.join(", ")} | ${licence} | <${source}> |`;
  });
  return ["| File | Size | For | Licence | Source |", "|---|---|---|---|---|", ...rows].join("\n");
}

async function packageTable(): Promise<string> {
  const { imports } = Imports.parse(JSON.parse(await Deno.readTextFile("deno.json")));
  const names = Object.entries(imports).filter(([, target]) => target.startsWith("npm:")).map(([name]) =>
    name
  );
  const rows = await Promise.all(
    names.sort().map(async (name) => {
      const text = await Deno.readTextFile(`node_modules/${name}/package.json`);
      const { version, license } = Package.parse(JSON.parse(text));
      return `| ${name} | ${version} | ${license} |`;
    }),
  );
  return ["| Package | Version | Licence |", "|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await writePapers())) await Deno.writeTextFile(path, text);
}
