/** Graphs of one's own: what is found in them, how people and other tools mark nodes, what is refused, what follows. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { bind, checkTemplate } from "@/core/workflow/mod.ts";
import {
  bring,
  type Brought,
  type Change,
  diffGraphs,
  nameFor,
  type Proposal,
  readExport,
  splitMaster,
} from "@/core/workflow/import/mod.ts";
import { readPlaceholder, readTag } from "@/core/workflow/import/roles.ts";
import { compareVersions, newerVersion, newest, nextVersion } from "@/core/workflow/versions.ts";
import type { Graph } from "@/core/template.ts";
import { makeMaster, SIX } from "@/tests/fixtures/master.ts";
import { readShelf, readTemplate, root } from "@/tests/workflows/shelf.ts";

async function readGraph(name: string): Promise<Graph> {
  const read = readExport(await Deno.readTextFile(`${root}tests/fixtures/graphs/${name}.json`));
  assert(read.ok);
  return read.value;
}

async function bringGraph(graph: Graph | string, more: Partial<Brought> = {}): Promise<Proposal> {
  const text = typeof graph === "string" ? graph : JSON.stringify(graph);
  return bring({ text, id: "custom/own", bind: [], ...more }, await readShelf());
}

/** `role: places`, of what is bound. */
function bound({ rows }: Proposal): Record<string, string[]> {
  return Object.fromEntries(
    rows.filter(({ state }) => state === "bound").map((
      row,
    ) => [row.role, row.places.map(({ node, input }) => `${node}.${input}`)]),
  );
}

const texts = ({ faults }: Proposal) => faults.map(({ text }) => text);

Deno.test("titles of this project and of other tools name roles; plain words name none", () => {
  const table: [string, string | null, string?][] = [
    ["Positive", "prompt"],
    ["positive_prompt", "prompt"],
    ["Negative prompt", "negativePrompt"],
    ["input_image", "image"],
    ["lastImage", "lastImage"],
    ["%prompt%", "prompt"],
    ["[prompt] CLIP Text Encode", "prompt"],
    ["{{seed}}", "seed"],
    ["${width}", "width"],
    ["$prompt.text", "prompt", "text"],
    ["Load Image $input_image", "image"],
    ["ARCREEL:first_frame", "image"],
    ["VC_BASIC negative", "negativePrompt"],
    ["PARAM_INT_frames", "frames"],
    ["$output.background", "output"],
    ["Save", "output"],
    ["CLIP Text Encode (Prompt)", null],
    ["Load Image", null],
    ["KSampler", null],
    ["", null],
  ];
  for (const [title, role, input] of table) {
    assertEquals(
      readTag(title),
      role === null ? null : input === undefined ? { role } : { role, input },
      title,
    );
  }
  const values: [unknown, string | null][] = [
    ["%prompt%", "prompt"],
    ["%negative_prompt%", "negativePrompt"],
    ["PARAM_PROMPT", "prompt"],
    ["{{ seed }}", "seed"],
    ["positive", null],
    ["prompt", null],
    ["a lighthouse [prompt] in fog", null],
    ["%output%", null],
    [7, null],
  ];
  for (const [value, role] of values) assertEquals(readPlaceholder(value), role, String(value));
});

Deno.test("the roles of recorded graphs are found by their links and classes", async () => {
  const table: [string, Record<string, string[]>][] = [
    ["c1_wan22_vace_two_pass", {
      prompt: ["pos.text"],
      negativePrompt: ["neg.text"],
      image: ["ref.image"],
      width: ["vace.width"],
      height: ["vace.height"],
      frames: ["vace.length"],
      seed: ["ks_high.noise_seed"],
      output: ["save.filename_prefix"],
    }],
    ["d_ltx23_i2v", {
      prompt: ["pos.text"],
      negativePrompt: ["neg.text"],
      image: ["img.image"],
      width: ["fit.resize_type.width"],
      height: ["fit.resize_type.height"],
      halfWidth: ["vlat.width"],
      halfHeight: ["vlat.height"],
      frames: ["vlat.length", "alat.frames_number"],
      rate: ["cond.frame_rate", "alat.frame_rate", "video.fps"],
      seed: ["noise1.noise_seed", "noise2.noise_seed"],
      output: ["save.filename_prefix"],
    }],
    ["d_ltx23_a2v", {
      prompt: ["pos.text"],
      negativePrompt: ["neg.text"],
      audio: ["audio.audio"],
      halfWidth: ["vlat.width"],
      halfHeight: ["vlat.height"],
      frames: ["vlat.length"],
      seconds: ["acut.duration"],
      rate: ["cond.frame_rate", "video.fps"],
      seed: ["noise1.noise_seed", "noise2.noise_seed"],
      output: ["save.filename_prefix"],
    }],
    ["e2_sdxl_illustrious_ipadapter_controlnet", {
      prompt: ["pos.text"],
      negativePrompt: ["neg.text"],
      image: ["ref.image"],
      poseSheet: ["poseimg.image"],
      width: ["lat.width"],
      height: ["lat.height"],
      seed: ["ks.seed"],
      output: ["save.filename_prefix"],
    }],
  ];
  for (const [name, roles] of table) {
    const proposal = await bringGraph(await readGraph(name));
    assertEquals(texts(proposal), [], name);
    assertEquals(bound(proposal), roles, name);
  }
});

Deno.test("what follows from a graph: film or still, sound, length, rate, size, models and packs", async () => {
  const made = async (name: string) => (await bringGraph(await readGraph(name))).template?.manifest;
  const wan = await made("c1_wan22_vace_two_pass");
  assertEquals([wan?.delivers, wan?.sound, wan?.frames?.rule, wan?.frames?.rate, wan?.length?.seconds], [
    "film",
    null,
    "4n+1",
    16,
    5.1,
  ]);
  assertEquals([wan?.mode, wan?.submode, wan?.state, wan?.size.follows], [
    "custom",
    "own",
    "unverified",
    "image",
  ]);
  const ltx = await made("d_ltx23_i2v");
  assertEquals([ltx?.sound, ltx?.frames?.rule, ltx?.size.multiple, ltx?.size.width, ltx?.size.height], [
    "own",
    "8n+1",
    64,
    1280,
    704,
  ]);
  const song = await made("d_ltx23_a2v");
  assertEquals([song?.sound, song?.length?.follows, song?.inputs.audio?.prepare], [
    "audio",
    "audio",
    "sound",
  ]);
  const still = await made("e2_sdxl_illustrious_ipadapter_controlnet");
  assertEquals([still?.delivers, still?.frames, still?.length], ["still", null, null]);
  assertEquals(still?.requires.packs.map(({ name, classes }) => [name, classes.length > 0]), [[
    "ComfyUI_IPAdapter_plus",
    true,
  ]]);
  const loop = await made("f1_animatediff_16_frame_closed_loop");
  assertEquals([loop?.frames?.first, loop?.frames?.rate, loop?.length], [16, 8, null]);
  assert(wan?.requires.models.every(({ folder, source }) => folder !== "" && source !== ""));
});

Deno.test("[LX3] an imported graph is kept as it came: its nodes, its links, its titles", async () => {
  const text = await Deno.readTextFile(`${root}tests/fixtures/graphs/d_ltx23_i2v.json`);
  const { template } = await bringGraph(text);
  assertEquals(template?.graph, JSON.parse(text));
  const { definitions } = await readShelf();
  const checked = checkTemplate(
    { name: "x", manifest: template?.manifest, graph: template?.graph },
    definitions,
  );
  assert(checked.ok && template);
  const before = JSON.stringify(template);
  const made = bind({
    template,
    definitions,
    values: {
      prompt: "words",
      seed: "7",
      width: 512,
      height: 512,
      halfWidth: 256,
      halfHeight: 256,
      frames: 9,
      rate: 8,
      image: { file: { from: "asset", sha256: "a".repeat(64), ext: "png" } },
    },
    variant: "",
    preset: "as_made",
    files: () => "animatrix/file.png",
    promptId: "0190b6f0-0000-4000-8000-000000000001",
    prefix: "animatrix",
  });
  assert(made.ok, JSON.stringify(made));
  assertEquals(Object.keys(made.value.graph), Object.keys(JSON.parse(text)));
  assertEquals(JSON.stringify(template), before);
});

Deno.test("marks go before finding: in titles, as placeholders in values, and on nodes of plain value", async () => {
  const graph = await readGraph("c1_wan22_vace_two_pass");
  const { pos, neg, vace } = graph;
  assert(pos && neg && vace);
  neg._meta = { title: "[prompt]" };
  pos.inputs.text = "%negative_prompt%";
  graph.size = { class_type: "PrimitiveInt", inputs: { value: 640 }, _meta: { title: "Width" } };
  vace.inputs.width = ["size", 0];
  const roles = bound(await bringGraph(graph));
  assertEquals([roles.prompt, roles.negativePrompt, roles.width], [["neg.text"], ["pos.text"], [
    "size.value",
  ]]);
});

Deno.test("node families of other tools are read, and told as missing where no server has them", async () => {
  const graph = await readGraph("c1_wan22_vace_two_pass");
  graph.said = {
    class_type: "ComfyUIDeployExternalText",
    inputs: { input_id: "prompt", default_value: "fog" },
  };
  assert(graph.pos);
  graph.pos.inputs.text = ["said", 0];
  const missing = await bringGraph(graph);
  assertEquals(missing.faults.map(({ node }) => node), ["said"]);
  const { templates, definitions } = await readShelf();
  const live = {
    ComfyUIDeployExternalText: {
      input: { required: { input_id: ["STRING", {}], default_value: ["STRING", {}] } },
      output: ["STRING"],
      python_module: "custom_nodes.deploy",
    },
  };
  const known = { templates, definitions: { ...definitions, ...live } };
  const proposal = bring({ text: JSON.stringify(graph), id: "custom/own", bind: [] }, known);
  assertEquals(texts(proposal), []);
  assertEquals(bound(proposal).prompt, ["said.default_value"]);
  assertEquals(proposal.template?.manifest.requires.packs.map(({ name }) => name), ["deploy"]);
});

Deno.test("a person binds by hand: by id or title, several places, nowhere, and settings of their own", async () => {
  const graph = await readGraph("c1_wan22_vace_two_pass");
  const proposal = await bringGraph(graph, {
    bind: [
      "steps=ks_high.steps",
      "steps=ks_low.steps",
      "sampler=ks_high.sampler_name",
      "negativePrompt=none",
      "prompt=pos.text",
    ],
  });
  assertEquals(texts(proposal), []);
  const inputs = proposal.template?.manifest.inputs;
  assertEquals(
    [inputs?.steps?.kind, inputs?.steps?.default, inputs?.steps?.bind.length, inputs?.steps?.min],
    ["int", 4, 2, 1],
  );
  assertEquals([inputs?.sampler?.kind, inputs?.sampler?.default, inputs?.negativePrompt], [
    "choice",
    "euler",
    undefined,
  ]);
  assert(inputs?.sampler?.options?.includes("euler"));
  for (const wrong of ["prompt", "=a.b", "prompt=nothing.text", "9lives=pos.text", "prompt=pos.nothing"]) {
    assertEquals((await bringGraph(graph, { bind: [wrong] })).template, null, wrong);
  }
  const linked = await bringGraph(graph, { bind: ["prompt=pos.clip"] });
  assert(texts(linked)[0]?.includes("another node fills it"), texts(linked)[0]);
});

Deno.test("[LX2] bad input is refused in a sentence with its place, and gives no template", async () => {
  const graph = await readGraph("c1_wan22_vace_two_pass");
  const changed = (change: (graph: Graph) => void) => {
    const copy = structuredClone(graph);
    change(copy);
    return JSON.stringify(copy);
  };
  const chain = await readGraph("a2_wan_animate_mix_2chunks_core");
  const latent = await readGraph("c3_wan22_vace_high_pass_save_latent");
  const deep = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, n) => [`n${n}`, { class_type: "X", inputs: { a: [`n${n + 1}`, 0] } }]),
  );
  const table: [string, string, string | undefined, string?][] = [
    ["", "not JSON", undefined],
    ["not json", "not JSON", undefined],
    ["null", "no nodes by name", undefined],
    ["[]", "no nodes by name", undefined],
    ["{}", "has no nodes", undefined],
    ['{"nodes":[],"links":[]}', "Export (API)", undefined],
    [JSON.stringify({ workflow: 1 }), "not in API format", "workflow"],
    [JSON.stringify(deep), "20000 nodes", undefined],
    [" ".repeat(20_000_000), "20 MB", undefined],
    ['{"constructor":{"class_type":"SaveImage","inputs":{}}}', "no id that ComfyUI gives", undefined],
    ['{"__proto__":{"class_type":"SaveImage","inputs":{}}}', "no id that ComfyUI gives", undefined],
    ['{"1":{"class_type":"constructor","inputs":{}}}', "does not exist", "1"],
    [changed(({ save }) => save && Object.assign(save, { class_type: "Wizardry" })), "Wizardry", "save"],
    [changed((all) => delete all.save), "no output node", undefined],
    [JSON.stringify(latent), "neither a film nor a picture", undefined],
    [JSON.stringify(chain), "several parts", undefined],
    [changed(({ vae }) => vae && (vae.inputs.vae_name = ["dec", 0])), "needs itself", undefined],
    [changed(({ dec }) => dec && (dec.inputs.samples = ["gone", 0])), "is missing", "dec", "samples"],
    [changed(({ dec }) => dec && (dec.inputs.samples = [1, 2, 3])), "is a list", "dec", "samples"],
    [changed(({ dec }) => dec && delete dec.inputs.vae), "lacks its required input", "dec", "vae"],
    [changed(({ vace }) => vace && (vace.inputs.width = -5)), "less than", "vace", "width"],
    [
      changed((all) => {
        all.more = { class_type: "LoadImage", inputs: { image: "x.png" } };
        if (all.vace) all.vace.inputs.control_video = ["more", 0];
      }),
      "nothing fills it",
      "more",
      "image",
    ],
  ];
  for (const [text, sentence, node, input] of table) {
    const proposal = await bringGraph(text);
    const fault = proposal.faults.find(({ text }) => text.includes(sentence));
    assert(fault, `${text.slice(0, 60)}: ${texts(proposal).join(" | ")}`);
    assertEquals([proposal.template, fault.node, fault.input], [
      null,
      fault.node && (node ?? fault.node),
      input ?? fault.input,
    ]);
    if (node !== undefined) assertEquals(fault.node, node);
  }
});

Deno.test("names, modes and submodes are judged, and modes of many prompts are not for exports", async () => {
  const graph = await readGraph("c1_wan22_vace_two_pass");
  for (
    const wrong of [
      { id: "../up/x" },
      { id: "Film" },
      { id: "a/b/c" },
      { mode: "animate" },
      { mode: "nowhere" },
      { submode: "A B" },
      { title: "x".repeat(81) },
    ]
  ) {
    const proposal = await bringGraph(graph, wrong);
    assertEquals(proposal.template, null, JSON.stringify(wrong));
    assert(proposal.faults.length > 0);
  }
  const named = (await bringGraph(graph, { id: "custom/rain", mode: "wan", submode: "vace" })).template
    ?.manifest;
  assertEquals([named?.mode, named?.submode, named?.chosen], ["wan", "vace", "by_name"]);
  assertEquals(nameFor("C:\\films\\My film (API).json"), "custom/my_film_api");
  assertEquals(nameFor("…"), "custom/film");
});

Deno.test("a template of the same name gets its next version, with its presets and bounds", async () => {
  const { graph, manifest } = structuredClone(await readTemplate("wan/vace"));
  assert(graph.ks_high);
  graph.ks_high.inputs.cfg = 1.5;
  const proposal = await bringGraph(graph, { id: "wan/vace" });
  assertEquals(texts(proposal), []);
  assertEquals([proposal.version, proposal.basis], [nextVersion(manifest.version), manifest.version]);
  assertEquals(proposal.template?.manifest.presets, manifest.presets);
  delete graph.ref;
  assert(graph.vace);
  delete graph.vace.inputs.reference_image;
  const less = await bringGraph(graph, { id: "wan/vace" });
  assert(texts(less).some((text) => text.includes('"Reference"')), texts(less).join());
  const anew = await bringGraph(graph, { id: "wan/vace", fresh: true });
  assertEquals([anew.basis, anew.version, texts(anew)], [null, "1.1.0", []]);
});

Deno.test("an export that numbers its nodes anew is bound to the right ones again", async () => {
  const graph = await readGraph("c1_wan22_vace_two_pass");
  const { templates, definitions } = await readShelf();
  const first = bring({ text: JSON.stringify(graph), id: "custom/own", bind: ["steps=ks_high.steps"] }, {
    templates,
    definitions,
  });
  assert(first.template);
  const names = new Map([["pos", "neg"], ["neg", "pos"], ["ref", "11"], ["save", "12"]]);
  const renamed = Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [names.get(id) ?? id, {
      ...node,
      inputs: Object.fromEntries(
        Object.entries(node.inputs).map(([input, value]) => [
          input,
          Array.isArray(value) ? [names.get(String(value[0])) ?? value[0], value[1]] : value,
        ]),
      ),
    }]),
  );
  const second = bring({ text: JSON.stringify(renamed), id: "custom/own", bind: [] }, {
    templates: [...templates, first.template],
    definitions,
  });
  assertEquals(texts(second), []);
  const roles = bound(second);
  assertEquals([roles.prompt, roles.negativePrompt, roles.image, roles.output, roles.steps], [
    ["neg.text"],
    ["pos.text"],
    ["11.image"],
    ["12.filename_prefix"],
    ["ks_high.steps"],
  ]);
  assertEquals(second.template?.manifest.outputs[0]?.node, { id: "12" });
});

Deno.test("versions are compared by number, the newest of each is found, and an old one knows of a newer", async () => {
  assert(compareVersions("1.10.0", "1.9.9") > 0 && compareVersions("2.0.0", "2.0.0") === 0);
  assertEquals([nextVersion("1.0.0"), nextVersion("2.9.4")], ["1.1.0", "2.10.0"]);
  const old = await readTemplate("wan/vace");
  const now = { ...old, manifest: { ...old.manifest, version: "1.10.0" } };
  const mid = { ...old, manifest: { ...old.manifest, version: "1.9.0" } };
  assertEquals(newest([mid, now, old]).map(({ manifest }) => manifest.version), ["1.10.0"]);
  assertEquals(newerVersion([old, now, mid], { name: "wan/vace", version: "1.9.0" }), "1.10.0");
  assertEquals(newerVersion([old, now, mid], { name: "wan/vace", version: "1.10.0" }), null);
  assertEquals(newerVersion([old], { name: "gone/away", version: "1.0.0" }), null);
});

Deno.test("a diff names nodes by title whatever their ids are, and tells inputs, links and classes apart", async () => {
  const { graph } = await readTemplate("wan/vace");
  const after = structuredClone(graph);
  const { ks_high, dec, save } = after;
  assert(ks_high && dec && save);
  ks_high.inputs.cfg = 2;
  delete ks_high.inputs.steps;
  dec.class_type = "VAEDecodeTiled";
  after["99"] = save;
  delete after.save;
  after.more = { class_type: "PreviewImage", inputs: { images: ["dec", 0] }, _meta: { title: "Look" } };
  const tell = ({ part, change, where, input, before, after }: Change) =>
    [part, change, where, input, before, after].filter((word) => word !== undefined).join(" ");
  assertEquals(diffGraphs(graph, after).map(tell).sort(), [
    "input changed First pass cfg 1 2",
    "input removed First pass steps 4",
    "node added Look PreviewImage",
    "node changed Frames VAEDecode VAEDecodeTiled",
  ]);
  assertEquals(diffGraphs(graph, structuredClone(graph)), []);
});

Deno.test("[LX25] a master export is taken apart into its six modes, each as it was", async () => {
  const shelf = await readShelf();
  const { definitions } = shelf;
  const master = await makeMaster();
  const parts = splitMaster(master, { names: SIX, definitions, chosen: new Map() });
  assert(parts.ok, JSON.stringify(parts));
  for (const { name, graph } of parts.value) {
    const { graph: shipped, manifest } = await readTemplate(`ltx/${name}`);
    assertEquals(diffGraphs(shipped, graph), [], name);
    assertEquals(bring({ text: JSON.stringify(graph), id: manifest.id, bind: [] }, shelf).faults, []);
  }
  delete master["t2v:save"];
  const five = splitMaster(master, { names: SIX, definitions, chosen: new Map() });
  assertEquals(five.ok ? [] : five.problem.map(({ text }) => text), [
    'Nothing saves "t2v": the export holds 5 of 6 modes.',
  ]);
  const save = master["i2v:save"];
  assert(save);
  save._meta = { title: "Save" };
  save.inputs.filename_prefix = "film";
  const unnamed = splitMaster(master, { names: SIX, definitions, chosen: new Map() });
  assert(!unnamed.ok && unnamed.problem.some(({ node }) => node === "i2v:save"));
  const mapped = splitMaster(master, {
    names: SIX.slice(0, 5),
    definitions,
    chosen: new Map([["i2v", "i2v:save"]]),
  });
  assert(mapped.ok);
});
