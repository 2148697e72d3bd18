/** What is wrong with a template is told at once, by template, node and input. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { checkTemplate } from "@/core/workflow/mod.ts";
import { modelFiles } from "@/core/workflow/models.ts";
import type { Graph, Manifest } from "@/core/template.ts";
import { readShelf, readTemplate } from "@/tests/workflows/shelf.ts";

const ID = "animate/move";

/** Every fault of the move template after a change, as the operator reads them. */
async function faultsOf(change: (graph: Graph, manifest: Manifest) => void): Promise<string[]> {
  const { definitions } = await readShelf();
  const { graph, manifest } = structuredClone(await readTemplate(ID));
  change(graph, manifest);
  const checked = checkTemplate({ name: ID, manifest, graph }, definitions);
  return checked.ok ? [] : checked.problem.map((problem) => problem.operator ?? "");
}

Deno.test("a good template is loaded and frozen all the way down", async () => {
  const template = await readTemplate(ID);
  assert(Object.isFrozen(template.graph.sampler?.inputs));
  assert(Object.isFrozen(template.manifest.inputs.prompt?.bind[0]));
});

Deno.test("[AX20] a map that names a missing node or input fails at load, naming template, node and input", async () => {
  const { definitions } = await readShelf();
  const { graph, manifest } = structuredClone(await readTemplate(ID));
  const { prompt, seed } = manifest.inputs;
  assert(prompt?.bind[0] && seed?.bind[0]);
  prompt.bind[0].node = { title: "Positiv" };
  seed.bind[0].input = "sed";
  const checked = checkTemplate({ name: ID, manifest, graph }, definitions);
  assert(!checked.ok);
  assertEquals(checked.problem.map(({ code, detail, operator }) => ({ code, detail, operator })), [
    {
      code: "template.invalid",
      detail: { template: ID, input: "text" },
      operator:
        'Cannot load template "animate/move": input "prompt" names the node titled "Positiv", which is missing',
    },
    {
      code: "template.invalid",
      detail: { template: ID, node: "sampler", input: "sed" },
      operator:
        'Cannot load template "animate/move": input "seed" is bound to "sed" of node "Sampler" (id "sampler"), which has no such input',
    },
  ]);
});

Deno.test("[LX2] a file in editor format is refused with a sentence on how to export API format", async () => {
  const { definitions } = await readShelf();
  const { manifest } = await readTemplate(ID);
  const checked = checkTemplate(
    { name: ID, manifest, graph: { nodes: [], links: [], version: 0.4 } },
    definitions,
  );
  assert(!checked.ok);
  assertEquals(checked.problem.map((problem) => problem.code), ["template.editor_format"]);
  assertEquals(
    checked.problem[0]?.message,
    "This is an editor file. In ComfyUI choose Export (API) and import that file.",
  );
});

Deno.test("numeric node ids in links become text, which ComfyUI demands", async () => {
  const { definitions } = await readShelf();
  const { manifest, graph } = structuredClone(await readTemplate(ID));
  const renamed: Record<string, unknown> = {};
  for (const [id, node] of Object.entries(graph)) {
    const inputs = Object.entries(node.inputs).map(([input, value]) =>
      Array.isArray(value) && value[0] === "vae" ? [input, [7, value[1]]] : [input, value]
    );
    renamed[id === "vae" ? "7" : id] = { ...node, inputs: Object.fromEntries(inputs) };
  }
  const checked = checkTemplate({ name: ID, manifest, graph: renamed }, definitions);
  assert(checked.ok, JSON.stringify(checked));
  assertEquals(checked.value.graph.chunk?.inputs.vae, ["7", 0]);
});

Deno.test("two bound nodes of one title are refused; titles that nobody binds may repeat", async () => {
  const faults = await faultsOf((graph) => {
    const { pose, face, negative } = graph;
    assert(pose && face && negative?._meta);
    pose._meta = { title: "Same" };
    face._meta = { title: "Same" };
    negative._meta.title = "Positive";
  });
  assert(
    faults.some((fault) => fault.includes('titled "Positive", but nodes "positive" and "negative" both')),
  );
  assert(!faults.some((fault) => fault.includes("Same")));
});

Deno.test("every fault is reported in one go", async () => {
  const faults = await faultsOf((graph, manifest) => {
    const { sampler, clip, keypoints, person, trimmed, pose } = graph;
    assert(sampler && clip && keypoints && person && trimmed && pose);
    sampler.inputs.scheduler = "never";
    sampler.inputs.steps = 0;
    sampler.inputs.positive = ["nowhere", 0];
    clip.inputs.speed = 3;
    keypoints.class_type = "PoseOfTomorrow";
    delete person.inputs.threshold;
    trimmed.inputs.samples = ["vae", 0];
    trimmed.inputs.trim_amount = ["chunk", 9];
    pose.inputs.stick_width = "wide";
    manifest.stages[0] = { title: "Loading", share: 11, nodes: ["Modell"] };
    manifest.defaultPreset = "best";
    manifest.outputs.push({ role: "pose", node: { title: "Pose" }, kind: "images", required: false });
  });
  const expected = [
    'is "never", which is none of "simple"',
    "is 0, less than 1",
    'links to node "nowhere", which is missing',
    'of class "CreateVideo" has no input "speed"',
    'unknown class "PoseOfTomorrow"',
    'lacks its required input "threshold"',
    "needs LATENT, but",
    "links to output 9 of",
    'input "stick_width" of node "Pose" (id "pose") must be a number',
    "shares sum to 101, not to 100",
    'stage "Loading" names the node titled "Modell", which is missing',
    'preset "best" does not exist',
    'output "pose" names node "Pose" (id "pose"), but "SDPoseDrawKeypoints" saves nothing',
  ];
  assertEquals(expected.filter((text) => !faults.some((fault) => fault.includes(text))), []);
});

Deno.test("edits of presets and variants must resolve and leave a valid graph", async () => {
  const faults = await faultsOf((_, manifest) => {
    manifest.presets.fast = {
      title: "Fast",
      edits: [
        { node: { title: "Sampler" }, input: "steps", value: 0 },
        { node: { title: "Nobody" }, input: "x", value: 1 },
        { node: { title: "Sampler" }, input: "cfg" },
      ],
    };
    manifest.variants.next = [{ node: { title: "Chunk" }, input: "positive", remove: true }];
  });
  assert(faults.some((fault) => fault.includes('with preset "fast" with variant "first", input "steps"')));
  assert(faults.some((fault) => fault.includes('an edit names the node titled "Nobody", which is missing')));
  assert(faults.some((fault) => fault.includes("needs exactly one of value, link, remove")));
  assert(
    faults.some((fault) =>
      fault.includes('variant "next"') && fault.includes('lacks its required input "positive"')
    ),
  );
});

Deno.test("a list that is no link, a circle of links and a wrong manifest are told apart", async () => {
  const faults = await faultsOf((graph, manifest) => {
    const { shift, speed } = graph;
    assert(shift && speed);
    speed.inputs.model = ["shift", 0];
    shift.inputs.shift = [1, 2, 3];
    manifest.version = "one";
  });
  assert(faults.some((fault) => fault.includes("run in a circle")));
  assert(faults.some((fault) => fault.includes('wrap it as {"__value__": […]}')));
  assert(faults.some((fault) => fault.includes('the manifest\'s "version" is wrong')));
});

Deno.test("model files are not judged by one server's disk, but each has to be listed, and no other", async () => {
  const faults = await faultsOf((graph, manifest) => {
    const { vae } = graph;
    assert(vae);
    vae.inputs.vae_name = "another_vae.safetensors";
    manifest.requires.models = manifest.requires.models.filter((model) => model.folder !== "clip_vision");
  });
  assertEquals(faults, [
    'Cannot load template "animate/move": the model file "another_vae.safetensors" is loaded, but requires.models does not list it',
    'Cannot load template "animate/move": the model file "clip_vision_h.safetensors" is loaded, but requires.models does not list it',
    'Cannot load template "animate/move": requires.models lists "wan_2.1_vae.safetensors", but no node loads it',
  ]);
});

Deno.test("a prompt that ends like a model file is no model file", async () => {
  const { definitions } = await readShelf();
  const { graph } = structuredClone(await readTemplate(ID));
  const before = modelFiles(graph, definitions).length;
  const { positive } = graph;
  assert(positive);
  positive.inputs.text = "a poster of model.safetensors";
  assertEquals(modelFiles(graph, definitions).length, before);
});
