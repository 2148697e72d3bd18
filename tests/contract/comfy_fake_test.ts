/** The fake ComfyUI of the simulation keeps the part of the contract that the studio sees. */
import { createHash } from "node:crypto";
import type { Comfy } from "@/core/ports.ts";
import { FakeServer } from "@/tests/sim/fake_comfy.ts";
import type { Bench, Control, Make } from "./comfy_bench.ts";
import { comfySuite } from "./comfy_suite.ts";
import { ManualClock } from "./manual_clock.ts";
import { emptyGraph, samplerGraph } from "./stub_bench.ts";

function fakeControl(server: FakeServer) {
  const does = <A extends unknown[]>(act: (...args: A) => unknown) => (...args: A) => {
    act(...args);
    return Promise.resolve();
  };
  return {
    restart: does(() => server.restart()),
    muteSockets: does((on: boolean) => {
      server.muted = on;
    }),
    killWorker: does(() => server.killWorker()),
    deleteOutput: does(({ type, subfolder, filename }) =>
      server.files.delete([type, subfolder, filename].filter((part) => part !== "").join("/"))
    ),
    nextOom: does(() => server.plan("oom")),
    nextError: does(() => server.plan("error")),
    interruptOther: does(() => server.interruptRunning()),
  } satisfies Partial<Control>;
}

const makeFakeBench: Make = (setup = {}) => {
  const clock = new ManualClock();
  const server = new FakeServer({
    clock,
    random: () => 0.5,
    hash: (bytes) => createHash("sha256").update(bytes).digest("hex"),
    pollMs: setup.limits?.pollMs?.least ?? 10,
    durationMs: (graph) => {
      const steps = graph["2"]?.inputs.steps;
      return typeof steps === "number" ? steps * 2 : 1;
    },
  });
  const clients: Comfy[] = [];
  const open = () => {
    const comfy = server.client(`client ${clients.length}`);
    clients.push(comfy);
    return comfy;
  };
  const bench: Bench = {
    comfy: open(),
    control: fakeControl(server),
    open,
    nextId: () => crypto.randomUUID(),
    quick: emptyGraph,
    slow: samplerGraph,
    async tick() {
      await clock.advance(2);
      server.pump();
    },
    now: () => clock.monotonic(),
    limitMs: 8000,
    async close() {
      await Promise.all(clients.map((comfy) => comfy.close()));
    },
  };
  return Promise.resolve(bench);
};

comfySuite({
  label: "fake",
  make: makeFakeBench,
  controls: [
    "restart",
    "muteSockets",
    "killWorker",
    "deleteOutput",
    "nextOom",
    "nextError",
    "interruptOther",
  ],
  setups: false,
});
