/** What templates and graphs want of a server, what it lacks, and what a person is told. */
import { assert, assertEquals } from "@/tests/assert.ts";
import {
  isWhole,
  lacksOf,
  linesOf,
  lowPreset,
  outOfMemory,
  refusalOf,
  type ServerFacts,
  standingFor,
  unlistedFiles,
  type Wants,
  wantsOf,
  wantsOfGraph,
} from "@/core/preflight.ts";
import type { Definitions, Graph, Template } from "@/core/template.ts";
import { graphOf, leastValues, nameModels } from "@/core/workflow/mod.ts";
import { readShelf, readTemplate } from "@/tests/workflows/shelf.ts";

const GB = 1e9;

async function wants(id: string): Promise<{ template: Template; wants: Wants; definitions: Definitions }> {
  const { definitions } = await readShelf();
  const template = await readTemplate(id);
  return { template, wants: wantsOf(template, definitions), definitions };
}

/** These definitions with other choices at one input of one class. */
function offering(definitions: Definitions, name: string, input: string, choices: string[]): Definitions {
  const definition = definitions[name];
  assert(definition);
  const required = { ...definition.input.required, [input]: [choices] };
  return { ...definitions, [name]: { ...definition, input: { ...definition.input, required } } };
}

const combo = (choices: string[]) => ({
  input: { required: { lora_name: [choices], model: ["MODEL"] } },
  output: ["MODEL"],
});

const facts = (definitions: Definitions, gb: number | null = 24): ServerFacts => ({
  definitions,
  vramBytes: gb === null ? null : gb * GB,
});

Deno.test("[LX13] the walker finds every model file that a template lists, and says which answer alone needs it", async () => {
  for (const { manifest } of (await readShelf()).templates) {
    const { wants: { models, classes } } = await wants(manifest.id);
    assertEquals(
      models.map(({ file }) => file).sort(),
      manifest.requires.models.map(({ file }) => file).sort(),
      manifest.id,
    );
    const graph = (await readTemplate(manifest.id)).graph;
    assertEquals(
      classes.map(({ name }) => name).sort(),
      [...new Set(Object.values(graph).map((node) => node.class_type))].sort(),
      manifest.id,
    );
  }
  const { models, classes } = (await wants("ltx/i2v")).wants;
  const only = (part: string) => models.find(({ file }) => file.includes(part))?.only;
  assertEquals([only("dev-fp8"), only("dolly-left"), only("detailer"), only("sdpose")], [
    null,
    "Camera: dolly left",
    "Detailer",
    "Control: poses",
  ]);
  assertEquals(classes.find(({ name }) => name === "GetICLoRAParameters")?.only, "Control");
  assertEquals(classes.find(({ name }) => name === "LTXVScheduler")?.only, "the preset Quality");
  const still = (await wants("anime/still")).wants;
  assertEquals(still.models.find(({ file }) => file.includes("union"))?.only, "Pose picture");
});

Deno.test("[LX13] files that people bring are no models, and a LoRA row that is switched off loads nothing", async () => {
  const { definitions } = await readShelf();
  const { manifest } = await readTemplate("wan/t2v");
  const graph: Graph = {
    picture: { class_type: "LoadImage", inputs: { image: "me.safetensors" } },
    clip: { class_type: "VHS_LoadVideo", inputs: { video: "clip.bin" } },
    voice: { class_type: "VHS_LoadAudioUpload", inputs: { audio: "voice.pt" } },
    words: { class_type: "CLIPTextEncode", inputs: { text: "a.safetensors", clip: ["x", 0] } },
    rows: {
      class_type: "Power Lora Loader (rgthree)",
      inputs: {
        model: ["x", 0],
        lora_1: { on: true, lora: "on.safetensors", strength: 1 },
        lora_2: { on: false, lora: "off.safetensors", strength: 1 },
        more: { "__value__": [{ lora: "deep.gguf" }] },
      },
    },
    vae: { class_type: "VAELoader", inputs: { vae_name: "wan_2.1_vae.safetensors" } },
  };
  const walked = wantsOfGraph(graph, { manifest, preset: "fast", definitions });
  assertEquals(walked.models.map(({ file }) => file), [
    "on.safetensors",
    "deep.gguf",
    "wan_2.1_vae.safetensors",
  ]);
});

Deno.test("[LX14] a file that no list knows is a warning; a known one that the server lacks is named with folder and source", async () => {
  const { template: { manifest }, definitions } = await wants("wan/t2v");
  const graph: Graph = {
    own: { class_type: "MyLoader", inputs: { lora_name: "own.safetensors" } },
    vae: { class_type: "VAELoader", inputs: { vae_name: "wan_2.1_vae.safetensors" } },
  };
  const walked = wantsOfGraph(graph, { manifest, preset: "fast", definitions });
  const here = offering({ ...definitions, MyLoader: combo(["own.safetensors"]) }, "VAELoader", "vae_name", [
    "other.safetensors",
  ]);
  assertEquals(unlistedFiles(walked), ["own.safetensors"]);
  const lacks = lacksOf(walked, facts(here));
  assertEquals(lacks.models.map(({ file, folder }) => [file, folder]), [["wan_2.1_vae.safetensors", "vae"]]);
  const [line] = linesOf(lacks, manifest);
  assert(line?.source?.startsWith("https://") && line.remedy.includes("models/vae"), line?.remedy);
  const gone = lacksOf(walked, facts({ ...here, MyLoader: combo([]) }));
  assertEquals(gone.models.map(({ file, folder, source }) => [file, folder, source])[0], [
    "own.safetensors",
    "loras",
    null,
  ]);
});

Deno.test("[LX15] what is there is what the server's own loaders offer, also in folders of its own", async () => {
  const { wants: all, definitions } = await wants("wan/t2v");
  assertEquals(isWhole(lacksOf(all, facts(definitions))), true);
  const nested = offering(definitions, "VAELoader", "vae_name", ["wan\\wan_2.1_vae.safetensors"]);
  assertEquals(isWhole(lacksOf(all, facts(nested))), true);
  const elsewhere = offering(definitions, "VAELoader", "vae_name", []);
  assertEquals(lacksOf(all, facts(elsewhere)).models.length, 1, "another loader's list does not count");
  assertEquals(isWhole(lacksOf(all, { definitions: null, vramBytes: null })), true, "nothing is assumed");
  const graph: Graph = { v: { class_type: "VAELoader", inputs: { vae_name: "wan_2.1_vae.safetensors" } } };
  nameModels(graph, nested);
  assertEquals(graph.v?.inputs.vae_name, "wan\\wan_2.1_vae.safetensors", "sent by the server's name for it");
});

Deno.test("[LX16] a missing class is named with the pack that brings it and its pinned commit, or with ComfyUI itself", async () => {
  const { template: { manifest }, wants: all, definitions } = await wants("anime/loop");
  const { ADE_UseEvolvedSampling: _, KSampler: __, ...bare } = definitions;
  const lines = linesOf(lacksOf(all, facts(bare)), manifest).map(({ text, remedy }) => `${text} ${remedy}`);
  assertEquals(lines.length, 2);
  const [pack] = manifest.requires.packs;
  assert(pack);
  assert(
    lines.some((line) => line.includes("ADE_UseEvolvedSampling") && line.includes(pack.commit)),
    lines[0],
  );
  assert(lines.some((line) => line.includes("KSampler") && line.includes("ComfyUI")), lines[1]);
});

Deno.test("a server stands whole, with enough, low, poor or unknown", async () => {
  const { wants: all, definitions } = await wants("ltx/t2v");
  const camera = all.models.filter(({ only }) => only !== null).map(({ file }) => file);
  const loras = all.models.filter(({ class: name, only }) => name.startsWith("Lora") && only === null);
  const noCamera = offering(definitions, "LoraLoaderModelOnly", "lora_name", loras.map(({ file }) => file));
  assert(camera.length > 0 && loras.length > 0);
  const noModel = offering(definitions, "CheckpointLoaderSimple", "ckpt_name", []);
  const stand = (given: ServerFacts) => standingFor(all, given);
  assertEquals([
    stand(facts(definitions)),
    stand(facts(definitions, null)),
    stand(facts(noCamera)),
    stand(facts(definitions, 12.9)),
    stand(facts(noModel)),
    stand({ definitions: null, vramBytes: 24 * GB }),
  ], ["whole", "whole", "enough", "low", "poor", "unknown"]);
});

Deno.test("[TA54] a small card gets the preset made for it, or the refusal says that there is none", async () => {
  const { template: { manifest }, wants: all, definitions } = await wants("wan/t2v");
  const [low] = manifest.lowVram;
  assert(low);
  const at = (gb: number) => lowPreset(manifest, gb * GB);
  assertEquals([at(12), at(16.9), at(20), at(23.6), at(80), lowPreset(manifest, null)], [
    low.preset,
    low.preset,
    low.preset,
    null,
    null,
    null,
  ]);
  const small = facts(definitions, 12);
  assertEquals(lacksOf(all, small).vram, { wants: 24, has: 12, preset: low.preset });
  assertEquals(lacksOf({ ...all, preset: low.preset }, small).vram, null);
  const bare = { ...manifest, lowVram: [] };
  const lacks = lacksOf({ ...all, manifest: bare }, small);
  const refused = refusalOf([{ server: "http://gpu", lacks, manifest: bare }], null);
  assertEquals(refused.code, "comfy.no_memory");
  assert(refused.message.includes("24 GB") && refused.message.includes("12 GB"), refused.message);
  assert(refused.message.includes("no variant"), refused.message);
});

Deno.test("a refusal tells the person in plain words and the operator everything, and carries the offer", async () => {
  const { template: { manifest }, wants: all, definitions } = await wants("anime/loop");
  const { ADE_UseEvolvedSampling: _, ...bare } = definitions;
  const noModel = offering(definitions, "CheckpointLoaderSimple", "ckpt_name", []);
  const judged = (given: Definitions, server = "http://one") => ({
    server,
    lacks: lacksOf(all, facts(given)),
    manifest,
  });
  const node = refusalOf([judged(bare)], null);
  assertEquals([node.code, node.retry, node.fields?.[0]?.path], ["comfy.missing_node", "never", "mode"]);
  assert(!/ADE_|node|pack/i.test(node.message) && node.message.includes("operator"), node.message);
  assert(node.operator?.includes("ADE_UseEvolvedSampling"), node.operator);
  const offer = { field: "settings.preset", sentence: "The preset Fast works.", preset: "fast" };
  const both = refusalOf([judged(bare), judged(noModel, "http://two")], offer);
  assertEquals([both.code, both.detail?.preset], ["comfy.missing_model", "fast"]);
  assert(both.message.includes("any render server") && both.message.endsWith("The preset Fast works."));
  assert(both.operator?.includes("http://two: Model file dreamshaper_8.safetensors"), both.operator);
});

Deno.test("[LX19] after running out of memory the preset for little memory is offered, unless it was that one", async () => {
  const { template: { manifest } } = await wants("ltx/t2v");
  const [low] = manifest.lowVram;
  assert(low);
  const title = manifest.presets[low.preset]?.title ?? "";
  assert(outOfMemory(manifest, "quality").includes(`the preset ${title}`));
  const again = outOfMemory(manifest, low.preset);
  assert(!again.includes("preset") && again.includes("smaller size"), again);
});

Deno.test("every model file of this repository's templates has its source and its licence, and no odd size", async () => {
  for (const { manifest: { id, requires } } of (await readShelf()).templates) {
    for (const { file, source, licence, sizeGb } of requires.models) {
      assert(source.startsWith("https://") && licence !== "", `${id} ${file}`);
      assert(sizeGb === null || (sizeGb > 0.01 && sizeGb < 50), `${id} ${file}`);
    }
  }
});

Deno.test("[TA54] the preset for little memory really asks for less: its pictures are decoded in smaller tiles", async () => {
  const { templates, definitions } = await readShelf();
  for (const template of templates) {
    const { manifest } = template;
    const variants = Object.keys(manifest.variants);
    const tiles = (preset: string) =>
      Math.min(
        ...(variants.length > 0 ? variants : [""]).flatMap((variant) => {
          const values = leastValues(manifest, variant, () => ({ from: "asset", sha256: "0", ext: "png" }));
          const graph = graphOf({ template, definitions, variant, preset, values });
          assert(graph.ok, manifest.id);
          return Object.values(graph.value).filter(({ class_type }) => class_type === "VAEDecodeTiled")
            .map(({ inputs }) => Number(inputs.tile_size));
        }),
      );
    // Weights of four bits are the other way.
    if (manifest.requires.models.some(({ file }) => file.endsWith(".gguf"))) continue;
    for (const { preset } of manifest.lowVram) {
      assert(tiles(preset) < tiles(manifest.defaultPreset), `${manifest.id} ${preset}`);
    }
  }
});
