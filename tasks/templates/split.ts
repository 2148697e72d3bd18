/** `templates split`: a master export of all modes of a family becomes the next version of each mode that changed. */
import type { Template } from "@/core/template.ts";
import {
  bring,
  type Change,
  diffTemplates,
  type Part,
  type Proposal,
  readExport,
  splitMaster,
} from "@/core/workflow/import/mod.ts";
import { newest } from "@/core/workflow/versions.ts";
import {
  changeText,
  type Desk,
  faultText,
  keep,
  Misused,
  openDesk,
  proposalText,
  readArgs,
  readFile,
  say,
} from "./desk.ts";

const OPTIONS = {
  family: { type: "string", default: "ltx" },
  map: { type: "string", multiple: true },
  "dry-run": { type: "boolean" },
} as const;

interface Outcome {
  proposal: Proposal;
  changes: Change[];
}

export async function split(args: string[]): Promise<number> {
  const read = readArgs(args, OPTIONS);
  const [file, more] = read.files;
  if (file === undefined || more !== undefined) throw new Misused("Name one file to split.");
  const text = await readFile(file);
  const desk = await openDesk();
  const family = read.text("family") ?? "";
  const known = newest(desk.shelf.templates).filter(({ manifest }) => manifest.id.startsWith(`${family}/`));
  if (known.length === 0) throw new Misused(`There is no template of the family "${family}".`);
  const graph = readExport(text);
  const parts = graph.ok
    ? splitMaster(graph.value, {
      names: known.map(({ manifest }) => manifest.id.slice(family.length + 1)),
      definitions: desk.shelf.definitions,
      chosen: readMap(read.texts("map")),
    })
    : graph;
  if (!parts.ok) {
    await say(`${parts.problem.map(faultText).join("\n")}\nNothing was written.`);
    return 1;
  }
  const outcomes = parts.value.map((part) => outcomeOf(desk, known, { family, part }));
  for (const outcome of outcomes) await say(outcomeText(outcome));
  if (outcomes.some(({ proposal }) => proposal.template === null)) {
    await say("Nothing was written.");
    return 1;
  }
  for (const { proposal: { template }, changes } of outcomes) {
    if (template && changes.length > 0 && !read.has("dry-run")) {
      await say(`Written to ${await keep(desk, template)}.`);
    }
  }
  return 0;
}

function readMap(texts: string[]): Map<string, string> {
  return new Map(texts.map((text) => {
    const [mode = "", ...node] = text.split("=");
    if (mode === "" || node.join("=") === "") throw new Misused(`"${text}" is no map: write mode=node.`);
    return [mode, node.join("=")];
  }));
}

/** A mode whose version number alone would change has not changed. */
function outcomeOf(desk: Desk, known: Template[], { family, part }: { family: string; part: Part }): Outcome {
  const id = `${family}/${part.name}`;
  const proposal = bring({ text: JSON.stringify(part.graph), id, bind: [] }, desk.shelf);
  const before = known.find(({ manifest }) => manifest.id === id);
  const changes = before && proposal.template ? diffTemplates(before, proposal.template) : [];
  return { proposal, changes: changes.some(({ where }) => where !== "version") ? changes : [] };
}

function outcomeText({ proposal, changes }: Outcome): string {
  if (proposal.template === null) return proposalText(proposal);
  if (changes.length === 0) return `${proposal.id}: nothing changed.`;
  return `${proposal.id} ${proposal.version}\n${
    changes.map((change) => `  ${changeText(change)}`).join("\n")
  }`;
}
