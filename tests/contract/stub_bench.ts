/** The real client in front of the stub ComfyUI, with short times. */
import { openComfy } from "@/adapters/comfy/client.ts";
import type { Limits } from "@/adapters/comfy/limits.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { Secret } from "@/core/config.ts";
import type { Comfy, Log } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";
import type { Bench, Control, Make, Setup } from "./comfy_bench.ts";
import { StubComfy } from "./stub_comfy.ts";

/** Times for a server on the same machine that runs a prompt in milliseconds. */
export const SHORT: Partial<Limits> = {
  connectMs: 1000,
  jsonMs: 1500,
  chunkMs: 1000,
  backoffMs: { first: 10, most: 50 },
  pollMs: { least: 10, most: 20 },
  pollDownMs: 10,
  pollEndMs: 5,
  idleStuckMs: 40,
  newsMs: 0,
};

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function emptyGraph(promptId: string, color = 0): Graph {
  return {
    "1": {
      class_type: "EmptyImage",
      inputs: { width: 8, height: 8, batch_size: 1, color },
      _meta: { title: "Picture" },
    },
    "9": {
      class_type: "SaveImage",
      inputs: { images: ["1", 0], filename_prefix: `animatrix/${promptId}` },
      _meta: { title: "Save" },
    },
  };
}

export function samplerGraph(promptId: string, steps: number): Graph {
  const graph = emptyGraph(promptId);
  const sampler = { class_type: "KSampler", inputs: { image: ["1", 0], steps, seed: 1 } };
  const save = graph["9"];
  if (save !== undefined) save.inputs.images = ["2", 0];
  return { ...graph, "2": { ...sampler, _meta: { title: "Sampler" } } };
}

export function stubControl(stub: StubComfy): Control {
  const does = <A extends unknown[]>(act: (...args: A) => unknown) => async (...args: A) => {
    await act(...args);
  };
  return {
    restart: does(() => stub.restart()),
    down: does(() => stub.down()),
    up: does(() => stub.start()),
    dropSockets: does(() => stub.dropSockets()),
    muteSockets: does((on: boolean) => stub.muted = on),
    refuseSockets: does((on: boolean) => {
      stub.refusesSockets = on;
    }),
    killWorker: does(() => stub.worker.kill()),
    deleteOutput: does(({ type, subfolder, filename }) =>
      stub.files.delete([type, subfolder, filename].filter((part) => part !== "").join("/"))
    ),
    nextNodeErrors200: does(() => stub.nextNodeErrors200()),
    nextOom: does(() => stub.nextEnd("oom")),
    nextError: does(() => stub.nextEnd("error")),
    nextFalseSuccess: does(() => stub.nextEnd("success_with_error")),
    interruptOther: does(() => stub.worker.interrupt()),
    historyGapMs: does((ms: number) => stub.faults.historyGapMs = ms),
    eventsBeforeReply: does((on: boolean) => stub.repliesLate = on),
    loseReply: does((path: string) => stub.once(path, "lose")),
    hang: does((path: string) => stub.once(path, "hang")),
    answer: does((path: string, { status, type, text }) =>
      stub.once(path, new Response(text, { status, headers: { "content-type": type } }))
    ),
    cutDownload: does((bytes: number) => stub.cutDownload(bytes)),
    uploadMax: does((bytes: number) => stub.uploadMax = bytes),
    version: does((version: string) => stub.setVersion(version)),
    noise: does((on: boolean) => stub.faults.noise = on),
    addModel: does((file: string) => stub.models.push(file)),
    validation: () => Promise.resolve(),
    previews: () => Promise.resolve(),
    saves: () => Promise.resolve(),
    seen: () => Promise.resolve(stub.seen),
    connected: () => Promise.resolve(stub.connected),
  };
}

export const makeStubBench: Make = (setup: Setup = {}) => Promise.resolve(stubBench(setup).bench);

export function stubBench(setup: Setup = {}): { bench: Bench; stub: StubComfy } {
  const stub = new StubComfy(setup);
  stub.start();
  const clients: Comfy[] = [];
  const clock = systemClock();
  const open = () => {
    const comfy = openComfy({
      id: "stub",
      url: stub.url,
      authHeader: setup.auth === undefined ? null : new Secret(`Authorization: ${setup.auth}`),
      clock,
      ids: {
        uuid7: () => crypto.randomUUID(),
        uuid4: () => crypto.randomUUID(),
        token: () => crypto.randomUUID(),
      },
      random: () => 0.5,
      log: quietLog,
      limits: { ...SHORT, ...setup.limits },
      parts: setup.parts,
    });
    clients.push(comfy);
    return comfy;
  };
  const bench: Bench = {
    comfy: open(),
    control: stubControl(stub),
    open,
    nextId: () => crypto.randomUUID(),
    quick: emptyGraph,
    slow: samplerGraph,
    tick: () => new Promise((resolve) => setTimeout(resolve, 2)),
    now: () => clock.monotonic(),
    limitMs: 8000,
    async close() {
      await Promise.all(clients.map((comfy) => comfy.close()));
      await stub.close();
    },
  };
  return { bench, stub };
}
