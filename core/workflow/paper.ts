/** The README of a template folder, from its manifest and graph: what it takes, what to supply, what stands in the graph. */
import type { Graph, Manifest, Template, TemplateInput } from "../template.ts";
import type { Supply } from "./supplies.ts";

/** The last line of a paper that is made: a paper without it was written by hand and is left alone. */
export const MADE = "Made by `deno task papers` from `manifest.json` and `graph.json`.";

export function templatePaper({ manifest, graph }: Template): string {
  return [
    `# ${manifest.title} (\`${manifest.id}\`)`,
    `${manifest.description} Version ${manifest.version}. State: **${manifest.state}**.`,
    manifest.notes.map((note) => `- ${note}`).join("\n"),
    "## What it takes",
    inputTable(manifest),
    lengthOf(manifest),
    "## To be supplied",
    `Model files, in ComfyUI's own folders. ComfyUI ${manifest.requires.comfyui} or newer; ${
      packsOf(manifest)
    }.`,
    modelTable(manifest.requires.models),
    "## Presets",
    Object.entries(manifest.presets).map(([name, { title }]) => `- **${title}** (\`${name}\`)`).join("\n"),
    "## Graph",
    "`graph.json` in API format:",
    nodeTable(graph),
    MADE,
  ].filter((part) => part !== "").join("\n\n") + "\n";
}

function inputTable({ inputs }: Manifest): string {
  const rows = Object.entries(inputs).filter(([, input]) => input.role !== "plan").map(([name, input]) =>
    `| ${input.title} | \`${input.role === "asset" ? input.place ?? name : name}\` | ${boundsOf(input)} | ${
      input.required ? "yes" : "no"
    } | ${input.effect === null ? "Not used by this model." : input.effect ?? ""} |`
  );
  return ["| What | Name | Bounds | Needed | What it changes |", "|---|---|---|---|---|", ...rows].join("\n");
}

function boundsOf({ kind, min, max, multiple, options, default: usual }: TemplateInput): string {
  const parts = [
    options ? options.join(", ") : kind,
    min !== undefined && max !== undefined ? `${min} to ${max}` : "",
    multiple === undefined ? "" : `in steps of ${multiple}`,
    usual === undefined || kind === "text" ? "" : `usually ${usual}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function lengthOf({ length, frames, size }: Manifest): string {
  const shape =
    `Size: ${size.width} × ${size.height} unless said otherwise, ${size.min} to ${size.max} in steps of ${size.multiple}.`;
  if (!frames) return shape;
  const rule = frames.rule === "any" ? "" : ` Frames are ${frames.rule}.`;
  const seconds = length
    ? `Length: ${length.min} to ${length.max} seconds, usually ${
      length.follows ? `as long as the ${length.follows}` : `${length.seconds}`
    }; the film is cut to the frame.`
    : `Length: parts of ${frames.first} frames.`;
  return `${shape} ${seconds}${rule} ${frames.rate} frames per second.`;
}

function packsOf({ requires: { packs } }: Manifest): string {
  if (packs.length === 0) return "no node packs";
  return `node packs: ${
    packs.map(({ name, source, commit }) => `${name} (${source} at \`${commit}\`)`).join(", ")
  }`;
}

/** Rows of model files, in the order given. */
export function modelTable(models: Omit<Supply, "templates">[]): string {
  const rows = models.map(({ folder, file, source, licence, sizeGb }) =>
    `| \`models/${folder}/\` | \`${file}\` | ${source} | ${licence} | ${
      sizeGb === null ? "not established" : `${sizeGb} GB`
    } |`
  );
  return ["| Folder | File | Source | Licence | Size |", "|---|---|---|---|---|", ...rows].join("\n");
}

function nodeTable(graph: Graph): string {
  const rows = Object.values(graph).map(({ class_type, _meta }) =>
    `| ${_meta?.title ?? ""} | \`${class_type}\` |`
  );
  return ["| Node | Class |", "|---|---|", ...rows].join("\n");
}
