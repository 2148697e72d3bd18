/** Preflight names everything that a server lacks, to operators in full and to creators in plain words. */
import { isComplete, lackProblem, lacksOf } from "@/core/comfy/preflight.ts";
import type { Definitions, Graph, Manifest } from "@/core/template.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

const DEFINITIONS: Definitions = {
  CheckpointLoaderSimple: {
    input: { required: { ckpt_name: [["sd_xl_base_1.0.safetensors"]] } },
    output: ["MODEL"],
  },
  UNETLoader: {
    input: {
      required: {
        unet_name: ["COMBO", { options: ["wan/a.safetensors"] }],
        weight_dtype: ["COMBO", { options: ["default", "fp8"] }],
      },
    },
    output: ["MODEL"],
  },
  KSampler: {
    input: {
      required: {
        model: ["MODEL"],
        seed: ["INT", { min: 0, max: 18446744073709551615 }],
        steps: ["INT", { min: 1, max: 10000 }],
        cfg: ["FLOAT", { min: 0, max: 100 }],
      },
    },
    output: ["LATENT"],
  },
  LoadImage: { input: { required: { image: [[], { image_upload: true }] } }, output: ["IMAGE"] },
  LoadLatent: { input: { required: { latent: [[]] } }, output: ["LATENT"] },
  SaveVideo: {
    input: { required: { video: ["VIDEO"], format: ["COMFY_DYNAMICCOMBO_V3", { options: [] }] } },
    output: [],
  },
};

const REQUIRES: Manifest["requires"] = {
  comfyui: "0.3.45",
  vramGb: 12,
  packs: [{
    name: "ComfyUI-GGUF",
    source: "https://example.org/gguf",
    commit: "795e451",
    classes: ["UnetLoaderGGUF"],
  }],
  models: [
    {
      folder: "diffusion_models",
      file: "b.safetensors",
      source: "https://example.org/b",
      licence: "Apache-2.0",
      sizeGb: 14,
    },
  ],
};

const sampler = (inputs: Record<string, unknown>): Graph => ({
  "3": { class_type: "KSampler", inputs: { model: ["1", 0], seed: 1, steps: 20, cfg: 7, ...inputs } },
});
const valuesOf = (graph: Graph) =>
  lacksOf(graph, DEFINITIONS).values.map(({ input, reason }) => `${input} ${reason}`);

Deno.test("preflight: a graph that the server can run lacks nothing", () => {
  const graph: Graph = {
    "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "sd_xl_base_1.0.safetensors" } },
    ...sampler({ seed: "18446744073709551615", "unknown.extra": true }),
    "5": { class_type: "LoadImage", inputs: { image: "animatrix/x.png" } },
    "6": { class_type: "LoadLatent", inputs: { latent: "a.latent [output]" } },
    "7": { class_type: "SaveVideo", inputs: { video: ["3", 0] } },
  };
  const lacks = lacksOf(graph, DEFINITIONS);
  assertEquals(lacks, { classes: [], models: [], values: [] });
  assert(isComplete(lacks));
  assertEquals(lackProblem(lacks), null);
});

Deno.test("preflight: missing classes come with their pack, all nodes at once", () => {
  const loader = { class_type: "UnetLoaderGGUF", inputs: { unet_name: "x.gguf" } };
  const graph: Graph = { "1": loader, "2": loader, "3": { class_type: "toString", inputs: {} } };
  const lacks = lacksOf(graph, DEFINITIONS, REQUIRES);
  assertEquals(lacks.classes, [
    {
      name: "UnetLoaderGGUF",
      nodes: ["1", "2"],
      pack: "ComfyUI-GGUF",
      source: "https://example.org/gguf",
      commit: "795e451",
    },
    { name: "toString", nodes: ["3"], pack: null, source: null, commit: null },
  ]);
});

Deno.test("preflight: a missing model is named with folder and source for operators, in plain words for creators [AX36]", () => {
  const inputs = { unet_name: "wan/b.safetensors", weight_dtype: "default" };
  const lacks = lacksOf({ "4": { class_type: "UNETLoader", inputs } }, DEFINITIONS, REQUIRES);
  assertEquals(lacks.models, [
    {
      file: "wan/b.safetensors",
      folder: "diffusion_models",
      source: "https://example.org/b",
      node: "4",
      input: "unet_name",
    },
  ]);
  const found = lackProblem(lacks);
  assert(found !== null);
  assertEquals([found.code, found.retry, found.detail], ["comfy.missing_model", "never", { missing: 1 }]);
  assertMatch(found.message, /a model that is not installed/);
  assert(!/UNETLoader|safetensors|unet_name/.test(found.message));
  assertMatch(
    found.operator ?? "",
    /wan\/b\.safetensors.*models\/diffusion_models.*https:\/\/example\.org\/b/,
  );
});

Deno.test("preflight: a model that no manifest names is known by the look of its list", () => {
  const graph: Graph = { "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "mine.ckpt" } } };
  assertEquals(lacksOf(graph, DEFINITIONS).models.map(({ file, folder }) => [file, folder]), [[
    "mine.ckpt",
    null,
  ]]);
});

Deno.test("preflight: values out of range, of the wrong kind, out of a list or absent are told", () => {
  assertEquals(valuesOf(sampler({ steps: 0 })), ["steps is smaller than 1"]);
  assertEquals(valuesOf(sampler({ steps: 10_001 })), ["steps is bigger than 10000"]);
  assertEquals(valuesOf(sampler({ steps: "many" })), ["steps is not a whole number"]);
  assertEquals(valuesOf(sampler({ cfg: "high" })), ["cfg is not a number"]);
  const dtype = {
    class_type: "UNETLoader",
    inputs: { unet_name: "wan/a.safetensors", weight_dtype: "fp99" },
  };
  assertEquals(valuesOf({ "1": dtype }), ["weight_dtype is not among 2 choices"]);
  assertEquals(valuesOf({ "1": { class_type: "UNETLoader", inputs: { unet_name: "wan/a.safetensors" } } }), [
    "weight_dtype is required and absent",
  ]);
  assertEquals(lackProblem(lacksOf({ "1": dtype }, DEFINITIONS))?.code, "comfy.rejected");
});
