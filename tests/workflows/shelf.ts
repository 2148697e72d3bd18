/** The templates of this repository and the recorded node definitions, read once for all tests that need them. */
import { createHash } from "node:crypto";
import { readDefinitions, readWorkflows, type Workflows } from "@/adapters/workflows/mod.ts";
import type { Hash } from "@/core/ports.ts";
import type { Definitions, Template } from "@/core/template.ts";

export const root = new URL("../../", import.meta.url).pathname;

export const hash: Hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

let shelf: Promise<Workflows & { definitions: Definitions }> | undefined;

export function readShelf(): Promise<Workflows & { definitions: Definitions }> {
  shelf ??= read();
  return shelf;
}

async function read() {
  const definitions = await readDefinitions(`${root}draft/nodes/definitions`);
  return { ...await readWorkflows(`${root}workflows`, definitions), definitions };
}

export async function readTemplate(id: string): Promise<Template> {
  const found = (await readShelf()).templates.find((template) => template.manifest.id === id);
  if (!found) throw new Error(`Cannot find template "${id}"`);
  return found;
}
