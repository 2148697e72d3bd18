/** Node classes of the recordings that only exist to fail, to wait and to talk. */
import type { Definitions } from "@/core/template.ts";
import { Blocked, NodeFailure, type NodeKind, type NodeLibrary } from "@/draft/contract.ts";
import { draftNodes } from "@/draft/nodes/mod.ts";

/** Smallest bytes that a client takes for a JPEG. */
const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46]);

const kinds: Record<string, NodeKind> = {
  RecPreview: {
    async run(inputs, context) {
      const steps = Number(inputs.steps);
      for (let step = 1; step <= steps; step++) {
        await context.sleep(Number(inputs.delay) * 1000);
        context.progress(step, steps);
        context.preview(JPEG, "image/jpeg");
      }
      return { outputs: [inputs.image] };
    },
  },
  RecText: {
    run(inputs, context) {
      context.text?.("hello");
      return Promise.resolve({ outputs: [inputs.image] });
    },
  },
  RecOOM: {
    run: () =>
      Promise.reject(
        new NodeFailure(
          "Allocation on device 0 would exceed allowed memory. (out of memory)",
          "torch.OutOfMemoryError",
        ),
      ),
  },
  /** Sits there whatever happens until the test lets it go. */
  RecNoInterrupt: {
    async run(inputs) {
      await gates.get(String(inputs.seconds));
      return { outputs: [inputs.image] };
    },
  },
  TestSyncError: { run: () => Promise.reject(new Error("Intentional sync execution error for testing")) },
  TestExecutionBlocker: { run: () => Promise.resolve({ outputs: [new Blocked("Blocked Execution")] }) },
  CheckpointLoaderSimple: {
    run: () =>
      Promise.reject(
        new NodeFailure(
          "Error while deserializing header: header too small",
          "safetensors._safetensors_rust.SafetensorError",
        ),
      ),
  },
  RecOutputs: {
    run: () => {
      const item = (filename: string) => ({ filename, subfolder: "", type: "output" });
      return Promise.resolve({
        outputs: [],
        ui: {
          gifs: [{ ...item("vhs_00001.mp4"), format: "video/h264-mp4", frame_rate: 8 }],
          audio: [item("a_00001.flac")],
          latents: [item("l_00001_.latent")],
          text: ["hi"],
        },
      });
    },
  },
  RecSeed: {
    run: (inputs) => Promise.resolve({ outputs: [], ui: { text: [String(inputs.seed)] } }),
  },
  RecLazy: {
    needs: (inputs) => [inputs.second ? "b" : "a"],
    run: (inputs) => Promise.resolve({ outputs: [inputs.second ? inputs.b : inputs.a] }),
  },
};

/** Gates of RecNoInterrupt by their `seconds`. */
export const gates = new Map<string, Promise<void>>();

const image = { image: ["IMAGE", {}] };
const definitions: Definitions = {
  RecPreview: {
    input: { required: { ...image, steps: ["INT", {}], delay: ["FLOAT", {}] } },
    output: ["IMAGE"],
    output_node: false,
  },
  RecText: { input: { required: image }, output: ["IMAGE"], output_node: false },
  RecOOM: { input: { required: image }, output: ["IMAGE"], output_node: false },
  RecNoInterrupt: {
    input: { required: { ...image, seconds: ["FLOAT", {}] } },
    output: ["IMAGE"],
    output_node: false,
  },
  TestSyncError: { input: { required: { value: ["*", {}] } }, output: ["IMAGE"], output_node: false },
  TestExecutionBlocker: {
    input: { required: { input: ["*", {}] }, optional: { block: ["BOOLEAN", {}], verbose: ["BOOLEAN", {}] } },
    output: ["*"],
    output_node: false,
  },
  RecOutputs: { input: { required: {} }, output: [], output_node: true },
  RecSeed: {
    input: { required: { seed: ["INT", { min: 0, max: 2 ** 64 }] } },
    output: [],
    output_node: true,
  },
  RecLazy: {
    input: {
      required: { second: ["BOOLEAN", {}], a: ["IMAGE", { lazy: true }], b: ["IMAGE", { lazy: true }] },
    },
    output: ["IMAGE"],
    output_node: false,
  },
};

export const testLibrary: NodeLibrary = {
  kinds: { ...draftNodes.kinds, ...kinds },
  definitions: { ...draftNodes.definitions, ...definitions },
};

/** The models that the recorded server had. */
export function recordedModels(): Record<string, string[]> {
  const entry = draftNodes.definitions.CheckpointLoaderSimple?.input.required?.ckpt_name;
  const names: unknown = Array.isArray(entry) ? entry[0] : [];
  return { checkpoints: Array.isArray(names) ? names.map(String) : [] };
}
