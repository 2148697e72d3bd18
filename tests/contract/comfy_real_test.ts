/** The ComfyUI client keeps its contract with a real server: `CONTRACT_COMFY_URL=http://… deno test -A tests/contract`. */
import { openComfy } from "@/adapters/comfy/client.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { Secret } from "@/core/config.ts";
import type { Comfy } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";
import type { Bench, Control, Make } from "./comfy_bench.ts";
import { comfySuite } from "./comfy_suite.ts";
import { Relay } from "./relay.ts";
import { emptyGraph, quietLog, SHORT } from "./stub_bench.ts";

const address = Deno.env.get("CONTRACT_COMFY_URL") ?? "";

/** Colours of this run alone: a server that runs for long has much in its cache. */
const OWN = crypto.getRandomValues(new Uint16Array(1))[0]! * 128;

/** Core nodes have no sampler without a model: a chain of blurs takes its time, one node after the other. */
function blurGraph(promptId: string, steps: number): Graph {
  const graph = emptyGraph(promptId);
  const picture = graph["1"];
  const color = OWN + steps;
  if (picture !== undefined) picture.inputs = { ...picture.inputs, width: 128, height: 128, color };
  let last = "1";
  for (let step = 0; step < Math.ceil(steps / 8); step++) {
    const id = `blur${step}`;
    const inputs = {
      image: [last, 0],
      blur_radius: 31,
      sigma: 10,
      ...(step === 0 ? { seed: 1, steps } : {}),
    };
    graph[id] = { class_type: "ImageBlur", inputs, _meta: { title: "Blur" } };
    last = id;
  }
  const save = graph["9"];
  if (save !== undefined) save.inputs.images = [last, 0];
  return graph;
}

function relayControl(relay: Relay) {
  const does = <A extends unknown[]>(act: (...args: A) => unknown) => async (...args: A) => {
    await act(...args);
  };
  return {
    down: does(() => relay.stop()),
    up: does(() => relay.start()),
    dropSockets: does(() => relay.dropSockets()),
    muteSockets: does((on: boolean) => relay.muted = on),
    refuseSockets: does((on: boolean) => {
      relay.refusesSockets = on;
    }),
    interruptOther: does(() => relay.post("interrupt")),
    eventsBeforeReply: does((on: boolean) => {
      relay.replyDelayMs = on ? 300 : 0;
    }),
    loseReply: does((path: string) => relay.once(path, "lose")),
    hang: does((path: string) => relay.once(path, "hang")),
    answer: does((path: string, reply: { status: number; type: string; text: string }) =>
      relay.once(path, reply)
    ),
    cutDownload: does((bytes: number) => relay.cuts.push(bytes)),
    validation: () => Promise.resolve(),
    seen: () => Promise.resolve(relay.seen),
    connected: () => Promise.resolve(relay.connected),
  } satisfies Partial<Control>;
}

const makeRealBench: Make = (setup = {}) => {
  const relay = new Relay(address, setup.prefix);
  relay.start();
  const clients: Comfy[] = [];
  const clock = systemClock();
  const open = () => {
    const comfy = openComfy({
      id: "real",
      url: relay.url,
      authHeader: setup.auth === undefined ? null : new Secret(`Authorization: ${setup.auth}`),
      clock,
      ids: systemIds(),
      random: () => 0.5,
      log: quietLog,
      limits: { ...SHORT, ...setup.limits },
    });
    clients.push(comfy);
    return comfy;
  };
  const bench: Bench = {
    comfy: open(),
    control: relayControl(relay),
    open,
    nextId: () => crypto.randomUUID(),
    quick: emptyGraph,
    slow: blurGraph,
    tick: () => new Promise((resolve) => setTimeout(resolve, 2)),
    now: () => clock.monotonic(),
    limitMs: 60_000,
    async close() {
      await Promise.all(clients.map((comfy) => comfy.close()));
      await relay.stop();
    },
  };
  return Promise.resolve(bench);
};

if (address === "") {
  Deno.test({ name: "real: CONTRACT_COMFY_URL names no server", ignore: true, fn: () => undefined });
} else {
  comfySuite({
    label: "real",
    make: makeRealBench,
    controls: [
      "down",
      "up",
      "dropSockets",
      "muteSockets",
      "refuseSockets",
      "interruptOther",
      "eventsBeforeReply",
      "loseReply",
      "hang",
      "answer",
      "cutDownload",
      "validation",
      "seen",
      "connected",
    ],
    setups: true,
  });
}
