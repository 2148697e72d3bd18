/** The prompt runners' graphs: every edit of every pass, node by node, as the source describes it. */
import { assert, assertEquals } from "@/tests/assert.ts";
import type { Plan, PromptStep } from "@/core/plan.ts";
import { planJob } from "@/core/planners/mod.ts";
import { type JobRequestInput, readJobRequest } from "@/core/request.ts";
import type { Graph, Template } from "@/core/template.ts";
import { bindStep, checkTemplate } from "@/core/workflow/mod.ts";
import { isLink } from "@/core/workflow/graph.ts";
import { readShelf, readTemplate } from "@/tests/workflows/shelf.ts";
import { IDS, makeContext } from "./wish.ts";

const HIGH = {
  model: "Wan2.2-VACE-Fun-A14B-high-noise-Q4_K_M.gguf",
  lora: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
};
const LOW = {
  model: "Wan2.2-VACE-Fun-A14B-low-noise-Q4_K_M.gguf",
  lora: "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors",
};

async function planned(wish: Partial<JobRequestInput> = {}): Promise<Plan> {
  const request = readJobRequest({
    mode: "take",
    template: "long_take/render",
    prompt: "A slow walk",
    assets: { video: IDS.clip },
    settings: { frames: 250, seed: "42" },
    ...wish,
  });
  assert(request.ok, JSON.stringify(request));
  const made = planJob(request.value, await makeContext());
  assert(made.ok, JSON.stringify(made));
  return made.value.plan;
}

async function graphsOf(plan: Plan): Promise<Map<string, Graph>> {
  const { definitions, templates } = await readShelf();
  const graphs = new Map<string, Graph>();
  for (const step of plan.steps.filter((step): step is PromptStep => step.kind === "prompt")) {
    const template = templates.find(({ manifest }) => manifest.id === step.template.id);
    assert(template);
    const files = (ref: { from: string; step?: string; role?: string }) =>
      ref.from === "step" ? `${ref.step}.${ref.role} [output]` : "asset";
    const bound = bindStep(step, { template, definitions, files, promptId: "p", prefix: "a" });
    assert(bound.ok, JSON.stringify(bound));
    graphs.set(step.id, bound.value.graph);
  }
  return graphs;
}

Deno.test("[PR15] the high passes have the high LoRA and model, the low ones the low, and other names can be chosen", async () => {
  for (const [id, graph] of await graphsOf(await planned())) {
    const wanted = id.startsWith("high") ? HIGH : LOW;
    assertEquals([graph["309:298"]?.inputs.lora, graph["4"]?.inputs.model], [wanted.lora, wanted.model], id);
  }
  const options = { highLora: "mine_high.safetensors", lowModel: "mine_low.gguf" };
  const own = await graphsOf(await planned({ settings: { frames: 50, options } }));
  assertEquals(own.get("high-001")?.["309:298"]?.inputs.lora, options.highLora);
  assertEquals(own.get("low-002")?.["4"]?.inputs.model, options.lowModel);
});

Deno.test("[PR16] a high pass takes no latent, decodes nothing and saves one; a low pass loads its own and saves none", async () => {
  for (const [id, graph] of await graphsOf(await planned())) {
    const inputs: Record<string, unknown> = graph["54"]?.inputs ?? {};
    if (id.startsWith("high")) {
      assertEquals(inputs.samples, undefined);
      assertEquals(["338", "341", "340", "343", "344"].filter((node) => graph[node]), []);
      assertEquals(graph["365"]?.inputs.latent, ["54", 0]);
      assertEquals([inputs.start_step, inputs.end_step], [0, ["289", 0]]);
    } else {
      const high = `high-${String(Number(id.slice(4)) - 1).padStart(3, "0")}`;
      assertEquals(graph["365"], undefined);
      assertEquals([inputs.samples, graph["338"]?.inputs.latent], [["338", 0], `${high}.latent [output]`]);
      assertEquals([inputs.start_step, inputs.end_step], [["289", 0], -1]);
      assertEquals(graph["341"]?.inputs.samples, ["54", 0]);
      assert(graph["340"] && graph["344"]);
    }
    assertEquals([graph["288"]?.inputs.value, graph["289"]?.inputs.value, graph["293"]?.inputs.value], [
      8,
      4,
      42,
    ]);
  }
});

Deno.test("[PR17] node 19 has the frames and node 348 the start of the piece, in every pass", async () => {
  const graphs = await graphsOf(await planned());
  const found = [...graphs].map(([id, graph]) => [id, graph["19"]?.inputs.value, graph["348"]?.inputs.value]);
  assertEquals(found, [
    ["high-001", 100, 0],
    ["low-002", 100, 0],
    ["high-003", 100, 100],
    ["low-004", 100, 100],
    ["high-005", 50, 200],
    ["low-006", 50, 200],
  ]);
  for (const graph of graphs.values()) {
    assertEquals([graph["149"]?.inputs.frame_load_cap, graph["149"]?.inputs.skip_first_frames], [["19", 0], [
      "348",
      0,
    ]]);
  }
});

Deno.test("the reference of later pairs reaches node 144 by node 358, as a path of the server", async () => {
  const found = [...await graphsOf(await planned())].map(([id, graph]) => [
    id,
    graph["144"]?.inputs.ref_images,
    graph["358"]?.inputs.image,
  ]);
  assertEquals(found.slice(0, 4), [
    ["high-001", undefined, undefined],
    ["low-002", undefined, undefined],
    ["high-003", ["358", 0], "output/piece-002.reference"],
    ["low-004", ["358", 0], "output/piece-002.reference"],
  ]);
});

Deno.test("[PR18] [PR20] after the edits no node links to one that is gone, something is saved, and the base graph is as before", async () => {
  const template = await readTemplate("long_take/render");
  const before = JSON.stringify(template.graph);
  const plans = [
    await planned(),
    await planned({ assets: {} }),
    await planned({ take: { joins: "server" } }),
  ];
  for (const plan of plans) {
    for (const [id, graph] of await graphsOf(plan)) {
      for (const { inputs } of Object.values(graph)) {
        for (const value of Object.values(inputs)) {
          if (isLink(value)) assert(graph[value[0]], `${id} ${value[0]}`);
        }
      }
      assert(Object.values(graph).some(({ inputs }) => typeof inputs.filename_prefix === "string"), id);
    }
  }
  assertEquals(JSON.stringify(template.graph), before);
});

Deno.test("[PR19] [PR25] a graph that lacks nodes is refused with all of them at once, and numeric links become text", async () => {
  const { definitions } = await readShelf();
  const { manifest, graph } = await readTemplate("long_take/combine");
  const parts = (change: (graph: Record<string, { inputs: Record<string, unknown> }>) => void) => {
    const copy = structuredClone(graph);
    change(copy);
    return checkTemplate({ name: "own", manifest, graph: copy }, definitions);
  };
  const numeric = parts((copy) => {
    copy["14"]!.inputs.images = [30, 0];
    copy["30"]!.inputs.image_2 = [33, 0];
  });
  assert(numeric.ok);
  const { graph: read }: Template = numeric.value;
  assertEquals([read["14"]?.inputs.images, read["30"]?.inputs.image_2], [["30", 0], ["33", 0]]);
  const lacking = parts((copy) => {
    delete copy["25"];
    delete copy["40"];
  });
  assert(!lacking.ok);
  const told = lacking.problem.map(({ operator }) => operator).join("\n");
  assert(told.includes('"25"') && told.includes('"40"'), told);
});

Deno.test("[PR23] the first join has its piece alone and 14 takes from 33; every later one the low pass's piece and the film before it", async () => {
  const plan = await planned({ take: { joins: "server" } });
  const combines = plan.steps.filter(({ id }) => id.startsWith("combine-"));
  assertEquals(combines.map(({ id, needs }) => [id, needs]), [
    ["combine-001", ["low-002"]],
    ["combine-002", ["low-004", "combine-001"]],
    ["combine-003", ["low-006", "combine-002"]],
  ]);
  const graphs = await graphsOf(plan);
  const first = graphs.get("combine-001");
  assertEquals([first?.["14"]?.inputs.images, first?.["30"], first?.["40"]], [
    ["33", 0],
    undefined,
    undefined,
  ]);
  const third = graphs.get("combine-003");
  assertEquals(third?.["14"]?.inputs.images, ["30", 0]);
  assertEquals([third?.["30"]?.inputs.image_1, third?.["30"]?.inputs.image_2], [["40", 0], ["33", 0]]);
  assertEquals([third?.["25"]?.inputs.video, third?.["40"]?.inputs.video], [
    "output/low-006.clip",
    "output/combine-002.film",
  ]);
});

Deno.test("joining by the server is refused where pieces are cut or overlap", async () => {
  for (
    const wish of [{ template: "long_take/vace_core" }, { take: { joins: "server" as const, overlap: 10 } }]
  ) {
    const request = readJobRequest({
      mode: "take",
      template: "long_take/render",
      prompt: "x",
      settings: { frames: 50 },
      take: { joins: "server" },
      ...wish,
    });
    assert(request.ok);
    const made = planJob(request.value, await makeContext());
    assert(!made.ok);
    assertEquals(made.problem[0]?.fields?.map(({ path }) => path), ["take.joins"]);
  }
});
