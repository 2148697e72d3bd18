/** Collects the files that a finished prompt left, by their shape and never by node class or key. */
import { z } from "zod";
import type { ComfyOutput } from "../ports.ts";

/** `outputs` of a history entry or job: node id → key → items. Items that are no files stay unread. */
export const RawOutputs = z.record(z.string(), z.record(z.string(), z.unknown()).nullable());
export type RawOutputs = z.infer<typeof RawOutputs>;

/** `meta` of a history entry: maps nodes of expanded sub-graphs to the node that the graph shows. */
export const RawMeta = z.record(z.string(), z.looseObject({ display_node: z.string().nullish() }));
export type RawMeta = z.infer<typeof RawMeta>;

const Item = z.looseObject({
  filename: z.string().min(1),
  subfolder: z.string().nullish(),
  type: z.enum(["output", "temp", "input"]).nullish(),
});

/**
 * SaveVideo puts videos under `images`, VHS under `gifs`, audio under `audio`: so every list item that is an object
 * with a file name counts. `ord` counts the files of one node. Temporary files are left out unless asked for.
 */
export function collectOutputs(
  outputs: RawOutputs,
  options: { meta?: RawMeta; temp?: boolean } = {},
): ComfyOutput[] {
  const found: ComfyOutput[] = [];
  const counts = new Map<string, number>();
  for (const [id, keys] of Object.entries(outputs)) {
    const node = options.meta?.[id]?.display_node ?? displayNode(id);
    for (const [key, items] of Object.entries(keys ?? {})) {
      if (!Array.isArray(items)) continue;
      for (const raw of items) {
        const item = Item.safeParse(raw);
        if (!item.success) continue;
        const { filename, subfolder, type } = item.data;
        if (type === "temp" && options.temp !== true) continue;
        const ord = counts.get(node) ?? 0;
        counts.set(node, ord + 1);
        found.push({ node, key, ord, filename, subfolder: subfolder ?? "", type: type ?? "output" });
      }
    }
  }
  return found;
}

/** Run-time expansion names nodes `{node}.0.0.{n}`: the part before the first dot is the node of the graph. */
export function displayNode(id: string): string {
  const dot = id.indexOf(".");
  return dot > 0 ? id.slice(0, dot) : id;
}

/** Save prefixes that do not carry the prompt's id: their files could be mixed up with those of another prompt. */
export function foreignPrefixes(
  graph: Record<string, { inputs: Record<string, unknown> }>,
  promptId: string,
): string[] {
  return Object.entries(graph).flatMap(([node, { inputs }]) => {
    const prefix = inputs.filename_prefix;
    return typeof prefix === "string" && !prefix.includes(promptId) ? [node] : [];
  });
}
