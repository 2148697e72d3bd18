/** Every template at every preset: valid at its smallest, usual and largest settings, and run to the end with its facts right. */
import { openComfy } from "@/adapters/comfy/client.ts";
import { openMedia } from "@/adapters/media/mod.ts";
import { createWasmEngine } from "@/adapters/media/wasm.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { systemRandom } from "@/adapters/system/random.ts";
import { advanceStage, BEFORE, type StageMap, stageShown, stagesOf } from "@/core/comfy/stages.ts";
import type { Probe } from "@/core/media.ts";
import type { FileRef, Value } from "@/core/plan.ts";
import type { Comfy, Media, PromptNews } from "@/core/ports.ts";
import type { Definitions, Manifest, Template, TemplateInput } from "@/core/template.ts";
import { checkGraph, checkLinks } from "@/core/workflow/check_graph.ts";
import { bind } from "@/core/workflow/mod.ts";
import { inputsOf, isFile } from "@/core/workflow/values.ts";
import { until } from "@/tests/actors/runtime/quiet.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
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
const LEAST = { "8n+1": 9, "4n+1": 5, any: 5 } as const;
const PREFIX = "animatrix";

/** A small file of each kind: what is read from it counts, and not how much of it there is. */
const SAMPLES: Record<"image" | "video" | "audio", [name: string, args: string[]]> = {
  image: ["image.png", ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=8", "-frames:v", "1"]],
  video: ["video.mp4", [
    ...["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=8:duration=1"],
    ...["-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-pix_fmt", "yuv420p", "-shortest"],
  ]],
  audio: ["audio.wav", ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"]],
};

/** The prompts of one piece of work: one, or two of which the second goes on from what the first one left. */
function variantsOf({ variants }: Manifest): string[] {
  const has = (name: string) => Object.hasOwn(variants, name);
  if (has("second_pass") && !has("whole")) return ["first_pass", "second_pass"];
  return [["first", "whole"].find(has) ?? ""];
}

/** The smallest picture and the shortest film, since only facts are looked at; a template's own settings stand at an end. */
function runValues(template: Template, preset: string, variant: string): Record<string, Value> {
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
    start: 0,
    factor: 2,
  };
  const values = valuesAt(template, variant, EXTREME_OF[preset] ?? "usual");
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
  definitions: Definitions;
  names: Map<string, string>;
  media: Media;
  dir: string;
}

interface Run {
  template: Template;
  preset: string;
  variant: string;
}

/** Runs one prompt to its end, judges what it saved, and keeps a latent for the prompt after it. */
async function run({ template, preset, variant }: Run, server: Server): Promise<void> {
  const { comfy, names, media, dir, definitions } = server;
  const values = runValues(template, preset, variant);
  const promptId = crypto.randomUUID();
  const bound = bind({
    template,
    definitions,
    values,
    variant,
    preset,
    files: (ref) => names.get(ref.from === "asset" ? ref.ext : "") ?? "",
    promptId,
    prefix: PREFIX,
  });
  const where = `${template.manifest.id} ${variant} ${preset}`;
  assert(bound.ok, `${where}: ${JSON.stringify(bound)}`);
  const signal = AbortSignal.timeout(180_000);
  const stages = watchStages({ comfy, promptId, map: stagesOf(template, bound.value.graph) });
  await comfy.submit(promptId, bound.value.graph, signal);
  let found = await comfy.find(promptId, signal);
  for (; found.state !== "finished"; found = await comfy.find(promptId, signal)) {
    assert(found.state !== "failed", `${where}: ${JSON.stringify(found)}`);
    await comfy.wait(promptId, { signal });
  }
  await stages.untilLast(where);
  for (const { node, kind, role } of bound.value.outputs) {
    const file = found.outputs.find((output) => output.node === node);
    assert(file, `${where}: no file of ${role}`);
    const path = `${dir}/${file.filename}`;
    if (kind === "latent") {
      await Deno.writeFile(path, await comfy.download(file, signal));
      names.set(
        kind,
        await upload(comfy, `${template.manifest.id.replace("/", "-")}-${preset}.latent`, path),
      );
    } else if (role === "clip" || role === "film" || role === "picture") {
      await Deno.writeFile(path, await comfy.download(file, signal));
      judge(await media.probe(path), { manifest: template.manifest, values, where });
    }
  }
}

/** What a server tells of its nodes leads through the stages of the template to the last one. */
function watchStages({ comfy, promptId, map }: { comfy: Comfy; promptId: string; map: StageMap }) {
  const ending = new AbortController();
  let at = BEFORE;
  const onNews = (news: PromptNews) => {
    at = advanceStage(map, at, news);
  };
  const listen = async () => {
    while (!ending.signal.aborted) {
      await comfy.wait(promptId, { signal: ending.signal, onNews }).catch(() => {});
    }
  };
  const listening = listen();
  return {
    async untilLast(where: string): Promise<void> {
      const isLast = () => stageShown(map, at)?.number === map.titles.length;
      await until(isLast).catch(() =>
        assert(isLast(), `${where}: it was not heard to come to its last stage`)
      );
      ending.abort();
      await listening;
    },
  };
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
  if (rate > 0) assertEquals(video?.rate, { num: rate, den: 1 }, `${where}: rate`);
  const { frames = manifest.frames?.first } = values;
  if (frames !== undefined) assertEquals(video?.frames, frames, `${where}: frames`);
  // A recording or a clip that was given is laid under the film afterwards.
  if (manifest.sound === "own") assert(audio !== null, `${where}: sound`);
  if (manifest.sound === null) assertEquals(audio, null, `${where}: sound`);
  const seconds = (video?.frames ?? 0) / (rate || (video?.rate?.num ?? 1));
  assert(
    Math.abs((audio?.durationS ?? durationS ?? 0) - seconds) <= 1 / (rate || 8) + 0.03,
    `${where}: length of the sound`,
  );
}

async function upload(comfy: Comfy, name: string, path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const open = () => Promise.resolve(new Blob([bytes]).stream());
  return await comfy.upload({ name, bytes: bytes.byteLength, open });
}

async function bringSamples({ comfy, names, dir }: Server): Promise<void> {
  const engine = createWasmEngine({ clock: systemClock(), scratchPath: () => "" });
  for (const [kind, [name, args]] of Object.entries(SAMPLES)) {
    const path = `${dir}/${name}`;
    await engine.run([...args, path]);
    names.set(kind, await upload(comfy, name, path));
  }
}

Deno.test("[LX32] every template runs at every preset to the end, through all its stages, with the size, length, rate and sound that it promises", async () => {
  const dir = await Deno.makeTempDir();
  const draft = await openDraft(`${dir}/draft`, { stepMs: 0 });
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
    const { templates, definitions } = await readShelf();
    const server = { comfy, definitions, names: new Map<string, string>(), media, dir };
    await bringSamples(server);
    for (const template of templates) {
      for (const preset of Object.keys(template.manifest.presets)) {
        for (const variant of variantsOf(template.manifest)) await run({ template, preset, variant }, server);
      }
    }
  } finally {
    await comfy.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});
