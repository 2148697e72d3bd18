/** The ComfyUI client keeps its contract with the draft renderer, and the draft renderer speaks as a ComfyUI does. */
import { openComfy } from "@/adapters/comfy/client.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Comfy } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";
import type { NodeKind, NodeLibrary } from "@/draft/contract.ts";
import type { Order } from "@/draft/faults.ts";
import { draftNodes } from "@/draft/nodes/mod.ts";
import { type Draft, startDraft } from "@/draft/server.ts";
import { isVersion, type Version } from "@/draft/versions.ts";
import { MemoryMedia } from "@/tests/draft/nodes/memory_media.ts";
import type { Bench, Control, Make } from "./comfy_bench.ts";
import { comfySuite } from "./comfy_suite.ts";
import { emptyGraph, quietLog, SHORT } from "./stub_bench.ts";

/** Goes through its steps one by one and passes its picture on. */
const StepByStep: NodeKind = {
  async run(inputs, context) {
    const steps = Number(inputs.steps);
    for (let step = 1; step <= steps; step++) {
      await context.sleep(1);
      context.progress(step, steps);
      context.preview(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), "image/jpeg");
    }
    return { outputs: [inputs.image] };
  },
};

const library: NodeLibrary = {
  kinds: { ...draftNodes.kinds, StepSampler: StepByStep },
  definitions: {
    ...draftNodes.definitions,
    StepSampler: {
      input: {
        required: {
          image: ["IMAGE", {}],
          steps: ["INT", { min: 1, max: 10_000 }],
          seed: ["INT", { min: 0, max: 2 ** 64 }],
        },
      },
      output: ["IMAGE"],
      output_node: false,
    },
  },
};

function stepGraph(promptId: string, steps: number): Graph {
  const graph = emptyGraph(promptId);
  const save = graph["9"];
  if (save !== undefined) save.inputs.images = ["2", 0];
  const sampler = { class_type: "StepSampler", inputs: { image: ["1", 0], steps, seed: 1 } };
  return { ...graph, "2": { ...sampler, _meta: { title: "Sampler" } } };
}

function draftControl(draft: Draft) {
  const order = (make: Order) => () => draft.obey(make);
  const next = (fault: Extract<Order, { do: "next" }>["fault"]) => order({ do: "next", fault, count: 1 });
  return {
    restart: order({ do: "restart", downMs: 0 }),
    dropSockets: order({ do: "drop_sockets" }),
    muteSockets: (on: boolean) => draft.obey({ do: "set", settings: { mute: on } }),
    killWorker: order({ do: "kill_worker" }),
    deleteOutput: ({ filename, subfolder, type }) =>
      draft.obey({ do: "delete_file", filename, subfolder, type }),
    nextNodeErrors200: next("node_errors"),
    nextOom: next("oom"),
    nextError: next("error"),
    nextFalseSuccess: next("success_with_error"),
    interruptOther: order({ do: "interrupt_running" }),
    historyGapMs: (ms: number) => draft.obey({ do: "set", settings: { historyGapMs: ms } }),
    eventsBeforeReply: (on: boolean) =>
      on ? draft.obey({ do: "next", fault: "late_response", value: 300, count: 1 }) : Promise.resolve(),
    loseReply: next("lose_response"),
    answer: (path: string, { status, type, text }) =>
      draft.obey({ do: "answer", path: `/${path}`, status, contentType: type, body: text, count: 1 }),
    version: () => Promise.resolve(),
    noise: (on: boolean) => draft.obey({ do: "set", settings: { unknownMessages: on } }),
    validation: () => Promise.resolve(),
    previews: () => Promise.resolve(),
  } satisfies Partial<Control>;
}

/** The oldest and newest releases that the draft renderer can be; the contract names others of the same age. */
const AGE: Record<string, Version> = { "0.3.45": "0.3.64", "0.38.1": "0.38.0" };

const makeDraftBench: Make = async (setup = {}) => {
  const dir = await Deno.makeTempDir();
  const clock = systemClock();
  const ids = {
    uuid7: () => crypto.randomUUID(),
    uuid4: () => crypto.randomUUID(),
    token: () => crypto.randomUUID(),
  };
  const wanted = AGE[setup.version ?? ""] ?? setup.version ?? "0.33.0";
  const version = isVersion(wanted) ? wanted : "0.33.0";
  const draft = await startDraft({
    port: 0,
    dir,
    library,
    media: new MemoryMedia(),
    // Only models that are listed exist, as on a real server.
    models: { checkpoints: ["sd_xl_base_1.0.safetensors"] },
    version,
    log: quietLog,
    clock,
    ids,
  });
  const clients: Comfy[] = [];
  const open = () => {
    const comfy = openComfy({
      id: "draft",
      url: draft.url,
      authHeader: null,
      clock,
      ids,
      random: () => 0.5,
      log: quietLog,
      limits: { ...SHORT, ...setup.limits },
    });
    clients.push(comfy);
    return comfy;
  };
  const bench: Bench = {
    comfy: open(),
    control: draftControl(draft),
    open,
    nextId: () => crypto.randomUUID(),
    quick: emptyGraph,
    slow: stepGraph,
    tick: () => new Promise((resolve) => setTimeout(resolve, 2)),
    now: () => clock.monotonic(),
    limitMs: 8000,
    async close() {
      await Promise.all(clients.map((comfy) => comfy.close()));
      await draft.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
  return bench;
};

comfySuite({
  label: "draft",
  make: makeDraftBench,
  controls: [
    "restart",
    "dropSockets",
    "muteSockets",
    "killWorker",
    "deleteOutput",
    "nextNodeErrors200",
    "nextOom",
    "nextError",
    "nextFalseSuccess",
    "interruptOther",
    "historyGapMs",
    "eventsBeforeReply",
    "loseReply",
    "answer",
    "version",
    "noise",
    "validation",
    "previews",
  ],
  setups: true,
});
