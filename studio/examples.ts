/** One picture of each mode for the shelf: the draft renderer makes it once, when somebody looks and nobody waits for a draft. */
import { sha256 } from "@/adapters/system/hash.ts";
import { digestOf } from "@/core/canonical.ts";
import type { FileRef, Value } from "@/core/plan.ts";
import { fail, problemOf } from "@/core/problem.ts";
import type { Clock, Comfy, Ids, Log, Media, Storage } from "@/core/ports.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Definitions, Manifest, Template, TemplateInput } from "@/core/template.ts";
import { bind, type BoundOutput, leastValues } from "@/core/workflow/mod.ts";
import { inputsOf } from "@/core/workflow/values.ts";
import { PREFIX } from "./graphs.ts";

export interface ExampleParts {
  /** Where the pictures lie. */
  dir: string;
  templates: Template[];
  definitions: Definitions;
  store: Pick<Store, "backends" | "slots">;
  storage: Pick<Storage, "scratch">;
  media: Pick<Media, "thumbnail">;
  comfyFor(backend: BackendRow): Comfy;
  clock: Clock;
  ids: Ids;
  log: Log;
  closing: AbortSignal;
}

export interface Examples {
  /** Changes with the template; null while there is no picture. */
  of(template: Template): string | null;
  read(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Begins to make what is missing; does nothing while that goes on, or where it failed since the start. */
  want(): void;
}

const EDGE = 640;
const SIDE = 512;
const LIMIT_MS = 120_000;
const AGAIN_MS = 2000;
const PROMPT = "A harbour at dawn";
const SAMPLES = { image: "character.png", video: "drive.mp4", audio: "voice.mp3" };

export async function openExamples(parts: ExampleParts): Promise<Examples> {
  const { dir, templates, log, closing } = parts;
  const there = new Set<string>();
  await Deno.mkdir(dir, { recursive: true });
  for await (const { name } of Deno.readDir(dir)) there.add(name.replace(/\.webp$/, ""));
  const tried = new Set<string>();
  let busy = false;
  const work = async () => {
    for (const template of templates) {
      const key = keyOf(template);
      if (there.has(key) || tried.has(key)) continue;
      const backend = await idleDraft(parts);
      if (backend === null) return;
      tried.add(key);
      try {
        await make(template, { key, backend, parts });
        there.add(key);
      } catch (thrown) {
        closing.throwIfAborted();
        const error = problemOf(thrown);
        log.warn("no example for the shelf", { template: template.manifest.id, error: error.operator });
      }
    }
  };
  return {
    of: (template) => there.has(keyOf(template)) ? keyOf(template) : null,
    read: async (key) => there.has(key) ? await Deno.readFile(`${dir}/${key}.webp`) : null,
    want() {
      if (busy || closing.aborted) return;
      busy = true;
      work().catch((thrown) => {
        if (!closing.aborted) log.warn("examples stopped", { error: problemOf(thrown).operator });
      }).finally(() => busy = false);
    },
  };
}

function keyOf({ manifest, graph }: Template): string {
  return `${manifest.id.replace("/", "-")}-${digestOf({ manifest, graph }, sha256).slice(0, 12)}`;
}

/** People's drafts come first: waits until none is under way. Null where there is no draft renderer. */
async function idleDraft({ store, clock, closing }: ExampleParts): Promise<BackendRow | null> {
  for (;;) {
    const row = (await store.backends()).find(({ engine }) => engine === "draft");
    if (!row || row.status === "drain") return null;
    const held = (await store.slots()).some(({ backendId }) => backendId === row.id);
    if (row.status === "up" && !held) return row;
    await clock.sleep(AGAIN_MS, closing);
  }
}

interface Making {
  key: string;
  backend: BackendRow;
  parts: ExampleParts;
}

async function make(template: Template, { key, backend, parts }: Making): Promise<void> {
  const { dir, definitions, storage, media, ids, closing } = parts;
  const comfy = parts.comfyFor(backend);
  const signal = AbortSignal.any([closing, AbortSignal.timeout(LIMIT_MS)]);
  const names = new Map<string, string>();
  for (const kind of Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]) {
    names.set(kind, await bring(comfy, SAMPLES[kind], signal));
  }
  const { manifest } = template;
  const promptId = ids.uuid4();
  const bound = bind({
    template,
    definitions,
    variant: variantOf(manifest),
    preset: manifest.defaultPreset,
    values: valuesOf(manifest),
    files: (ref) => names.get(ref.from === "asset" ? ref.ext : "") ?? "",
    promptId,
    prefix: PREFIX,
  });
  if (!bound.ok) {
    const operator = bound.problem.map((found) => found.operator ?? found.message).join("; ");
    throw fail("template.bind_failed", { operator });
  }
  await comfy.submit(promptId, bound.value.graph, signal);
  const file = await finish(comfy, { promptId, outputs: bound.value.outputs, signal });
  const scratch = await storage.scratch("example");
  try {
    const path = scratch.path(file.filename.replaceAll(/[^A-Za-z0-9._-]/g, "_"));
    await Deno.writeFile(path, await comfy.download(file, signal));
    const output = scratch.path("example.webp");
    await media.thumbnail({ path, edge: EDGE, output }, { signal });
    await Deno.copyFile(output, `${dir}/${key}.part`);
    await Deno.rename(`${dir}/${key}.part`, `${dir}/${key}.webp`);
  } finally {
    await scratch.release();
  }
}

async function finish(
  comfy: Comfy,
  { promptId, outputs, signal }: { promptId: string; outputs: BoundOutput[]; signal: AbortSignal },
) {
  for (;;) {
    const found = await comfy.find(promptId, signal);
    if (found.state === "failed") throw fail(found.problem.code, { operator: found.problem.operator });
    if (found.state === "finished") {
      const shown = outputs.find(({ kind }) => kind === "video" || kind === "image");
      const file = found.outputs.find(({ node }) => node === shown?.node);
      if (!file) throw fail("comfy.output_missing");
      return file;
    }
    await comfy.wait(promptId, { signal });
  }
}

async function bring(comfy: Comfy, name: string, signal: AbortSignal): Promise<string> {
  const bytes = await Deno.readFile(new URL(`../static/samples/${name}`, import.meta.url));
  const ext = name.split(".").at(-1) ?? "";
  return await comfy.upload({
    name: `${sha256(bytes)}.${ext}`,
    bytes: bytes.byteLength,
    open: () => Promise.resolve(new Blob([bytes]).stream()),
  }, signal);
}

/** The least that the template takes, of a size that is quickly made, in its own shape. */
function valuesOf(manifest: Manifest): Record<string, Value> {
  const { multiple, min, width, height } = manifest.size;
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const side = (pixels: number) => Math.max(min, Math.round(pixels * scale / multiple) * multiple);
  const given: Record<string, Value> = {
    width: side(width),
    height: side(height),
    halfWidth: side(width) / 2,
    halfHeight: side(height) / 2,
    rate: manifest.frames?.rate ?? 16,
    prompt: PROMPT,
  };
  const bring = (_: string, { kind }: TemplateInput): FileRef => ({
    from: "asset",
    sha256: "0".repeat(64),
    ext: kind === "images" ? "image" : kind,
  });
  const values = leastValues(manifest, variantOf(manifest), bring);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, given[name] ?? value]));
}

/** The variant that shows something and needs nothing that another step would have made. */
function variantOf(manifest: Manifest): string {
  const names = ["first", "whole", "", ...Object.keys(manifest.variants)];
  const known = names.filter((name) => name === "" || Object.hasOwn(manifest.variants, name));
  return known.find((name) => shows(manifest, name) && !continues(manifest, name)) ?? "";
}

function shows({ outputs }: Manifest, variant: string): boolean {
  return outputs.some(({ kind, required, variants }) =>
    required && (kind === "video" || kind === "image") && (variants?.includes(variant) ?? true)
  );
}

function continues(manifest: Manifest, variant: string): boolean {
  return inputsOf(manifest, variant).some(([, { kind, role, required, variants }]) =>
    role === "plan" && (required || (variants?.includes(variant) ?? false)) &&
    /^(latents?|images)$/.test(kind)
  );
}
