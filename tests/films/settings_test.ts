/** Every template at every preset: valid at its smallest, usual and largest settings, and run to the end with its facts right. */
import { openComfy } from "@/adapters/comfy/client.ts";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { systemRandom } from "@/adapters/system/random.ts";
import type { Probe } from "@/core/media.ts";
import type { FileRef, Value } from "@/core/plan.ts";
import type { Comfy, Media } from "@/core/ports.ts";
import type { Manifest, Template, TemplateInput } from "@/core/template.ts";
import { checkGraph, checkLinks } from "@/core/workflow/check_graph.ts";
import { bind } from "@/core/workflow/mod.ts";
import { inputsOf, isFile } from "@/core/workflow/values.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { readSample } from "@/tests/rig/person.ts";
import { openDraft, silent } from "@/tests/rig/rig.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";

const EXTREMES = ["smallest", "usual", "largest"] as const;
type Extreme = typeof EXTREMES[number];

const FILE: FileRef = { from: "asset", sha256: "a".repeat(64), ext: "png" };

/** A setting at one of its ends; without bounds and default, any fitting value. */
function settingAt(input: TemplateInput, extreme: Extreme): Value {
  const { kind, options = [], min, max, default: usual } = input;
  switch (kind) {
    case "bool":
      return extreme === "largest" || (extreme === "usual" && usual === true);
    case "choice":
      return extreme === "smallest"
        ? options[0] ?? ""
        : extreme === "largest"
        ? options.at(-1) ?? ""
        : usual ?? options[0] ?? "";
    case "seed":
      return extreme === "largest" ? "18446744073709551615" : "0";
    case "int":
    case "number":
      return (extreme === "smallest" ? min : extreme === "largest" ? max : usual) ?? min ?? max ?? 1;
    default:
      return usual ?? (extreme === "largest" ? "words ".repeat(1300) : "words");
  }
}

/** Every input that takes part; the smallest wish brings no file that is not needed, the largest brings many. */
function valuesAt({ manifest }: Template, variant: string, extreme: Extreme): Record<string, Value> {
  return Object.fromEntries(
    inputsOf(manifest, variant).flatMap(([name, input]): [string, Value][] => {
      if (!isFile(input)) return [[name, settingAt(input, extreme)]];
      if (extreme === "smallest" && !input.required && !input.variants?.includes(variant)) return [];
      const several = input.kind === "images" || input.kind === "latents";
      return [[name, several ? { files: Array(extreme === "largest" ? 3 : 1).fill(FILE) } : { file: FILE }]];
    }),
  );
}

Deno.test("[LX9] every template binds at every preset, with its smallest, usual and largest settings, into a graph that is valid", async () => {
  const { templates, definitions } = await readShelf();
  let graphs = 0;
  for (const template of templates) {
    const { manifest } = template;
    const before = JSON.stringify(template);
    const variants = Object.keys(manifest.variants);
    for (const variant of variants.length > 0 ? variants : [""]) {
      for (const preset of Object.keys(manifest.presets)) {
        for (const extreme of EXTREMES) {
          const bound = bind({
            template,
            definitions,
            values: valuesAt(template, variant, extreme),
            variant,
            preset,
            files: () => "animatrix/file.png",
            promptId: "0190b6f0-0000-4000-8000-000000000001",
            prefix: "animatrix",
          });
          const where = `${manifest.id} ${variant} ${preset} ${extreme}`;
          assert(bound.ok, `${where}: ${JSON.stringify(bound)}`);
          const { graph } = bound.value;
          assertEquals(
            [...checkLinks(graph), ...checkGraph(graph, definitions)].map(({ text }) => text),
            [],
            where,
          );
          graphs++;
        }
      }
    }
    assertEquals(JSON.stringify(template), before, manifest.id);
  }
  assert(graphs >= 3 * 3 * 15, String(graphs));
});

/** What each preset of a run has its own settings at: all three ends are run. */
const EXTREME_OF: Record<string, Extreme> = { fast: "smallest", balanced: "usual", quality: "largest" };
const SAMPLES = { image: "character.png", video: "drive.mp4", audio: "voice.mp3" } as const;
const LEAST = { "8n+1": 9, "4n+1": 5, any: 1 } as const;
const PREFIX = "animatrix";
/** Modes whose prompts cannot be short, or that work on whole films: the tests of the studio make their films. */
const LONG = ["animate", "audio", "take", "finish"];

/** The variant that needs nothing of a prompt before it. */
function variantOf({ variants }: Manifest): string {
  return ["first", "whole", "first_look"].find((name) => Object.hasOwn(variants, name)) ?? "";
}

/** The smallest picture and the shortest film, since only facts are looked at; a template's own settings stand at an end. */
function runValues(template: Template, preset: string): Record<string, Value> {
  const { manifest } = template;
  const { min } = manifest.size;
  const rate = manifest.inputs.rate ? 8 : manifest.frames?.rate ?? 1;
  const frames = LEAST[manifest.frames?.rule ?? "any"];
  const given: Record<string, Value> = {
    prompt: "A lighthouse in the storm",
    width: min,
    height: min,
    halfWidth: min / 2,
    halfHeight: min / 2,
    rate,
    frames,
    seconds: frames / rate,
    seed: "7",
    offset: 0,
    factor: 2,
  };
  const values = valuesAt(template, variantOf(manifest), EXTREME_OF[preset] ?? "usual");
  return Object.fromEntries(
    Object.entries(values).map((
      [name, value],
    ) => [name, fileNamed(manifest.inputs[name]) ?? given[name] ?? value]),
  );
}

/** A sample of an input's kind; its kind stands in the name, for `files` below. */
function fileNamed(input: TemplateInput | undefined): Value | null {
  if (!input || !isFile(input)) return null;
  const several = input.kind === "images";
  const file: FileRef = { from: "asset", sha256: "0".repeat(64), ext: several ? "image" : input.kind };
  return several ? { files: [file] } : { file };
}

interface Server {
  comfy: Comfy;
  names: Map<string, string>;
  media: Media;
  dir: string;
}

async function run(template: Template, preset: string, { comfy, names, media, dir }: Server): Promise<void> {
  const { manifest } = template;
  const values = runValues(template, preset);
  const promptId = crypto.randomUUID();
  const bound = bind({
    template,
    definitions: (await readShelf()).definitions,
    values,
    variant: variantOf(manifest),
    preset,
    files: (ref) => names.get(ref.from === "asset" ? ref.ext : "") ?? "",
    promptId,
    prefix: PREFIX,
  });
  const where = `${manifest.id} ${preset}`;
  assert(bound.ok, `${where}: ${JSON.stringify(bound)}`);
  const signal = AbortSignal.timeout(180_000);
  await comfy.submit(promptId, bound.value.graph, signal);
  let found = await comfy.find(promptId, signal);
  for (; found.state !== "finished"; found = await comfy.find(promptId, signal)) {
    assert(found.state !== "failed", `${where}: ${JSON.stringify(found)}`);
    await comfy.wait(promptId, { signal });
  }
  for (const { node, kind, role } of bound.value.outputs) {
    const file = found.outputs.find((output) => output.node === node);
    assert(file, `${where}: no file of ${role}`);
    if (kind !== "video" && kind !== "image") continue;
    const path = `${dir}/${file.filename}`;
    await Deno.writeFile(path, await comfy.download(file, signal));
    judge(await media.probe(path), { manifest, values, where });
  }
}

function judge(
  { video, audio, durationS }: Probe,
  { manifest, values, where }: { manifest: Manifest; values: Record<string, Value>; where: string },
): void {
  const { min } = manifest.size;
  const isFree = values.width === undefined && values.halfWidth === undefined;
  if (!isFree) assertEquals([video?.width, video?.height], [min, min], `${where}: size`);
  if (manifest.delivers === "still") return assertEquals([audio, video?.rate ?? null], [null, null], where);
  const rate = typeof values.rate === "number" ? values.rate : manifest.frames?.rate ?? 0;
  assertEquals(video?.rate, { num: rate, den: 1 }, `${where}: rate`);
  const { frames = manifest.frames?.first } = values;
  if (manifest.mode !== "finish") assertEquals(video?.frames, frames, `${where}: frames`);
  // A recording or a clip that was given is laid under the film afterwards.
  if (manifest.sound === "own") assert(audio !== null, `${where}: sound`);
  if (manifest.sound === null) assertEquals(audio, null, `${where}: sound`);
  const seconds = (video?.frames ?? 0) / rate;
  assert(
    Math.abs((audio?.durationS ?? durationS ?? 0) - seconds) <= 1 / rate + 0.03,
    `${where}: length of the sound`,
  );
}

Deno.test("[LX32] every template of one prompt runs at every preset to the end, with the size, length, rate and sound that it promises", async () => {
  const dir = await Deno.makeTempDir();
  const draft = await openDraft(`${dir}/draft`);
  const comfy = openComfy({
    id: "draft",
    url: draft.url,
    clock: systemClock(),
    ids: systemIds(),
    random: systemRandom,
    log: silent,
    authHeader: null,
  });
  try {
    const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
    const names = new Map<string, string>();
    for (const [kind, sample] of Object.entries(SAMPLES)) {
      const bytes = await readSample(sample);
      const name = `${sha256(bytes)}.${sample.split(".").at(-1)}`;
      names.set(
        kind,
        await comfy.upload({
          name,
          bytes: bytes.byteLength,
          open: () => Promise.resolve(new Blob([bytes]).stream()),
        }),
      );
    }
    for (
      const template of (await readShelf()).templates.filter(({ manifest }) => !LONG.includes(manifest.mode))
    ) {
      for (const preset of Object.keys(template.manifest.presets)) {
        await run(template, preset, { comfy, names, media, dir });
      }
    }
  } finally {
    await comfy.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});
