/** A tiny graph runner and sample material for tests of the draft nodes. */
import type { NodeContext } from "@/draft/contract.ts";
import { draftNodes } from "@/draft/nodes/mod.ts";
import type { Media } from "@/core/ports.ts";
import { fillEllipse, fillRect } from "@/draft/nodes/pixels.ts";
import { Sound } from "@/draft/nodes/values.ts";
import { type Clip, MemoryMedia } from "./memory_media.ts";

export type Nodes = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

export interface Ran {
  /** Output values by node. */
  outputs: Map<string, unknown[]>;
  ui: Map<string, Record<string, unknown[]>>;
  progress: [number, number][];
  previews: Uint8Array[];
}

/** A server's folders in a temporary place, with the media that reads them. */
export class Studio<M extends Media = MemoryMedia> {
  constructor(readonly root: string, readonly media: M) {}

  get folders() {
    return { input: `${this.root}/input`, output: `${this.root}/output`, temp: `${this.root}/temp` };
  }

  /** Runs every node of a graph, each once, in the order of their links. */
  async run(graph: Nodes, options: { signal?: AbortSignal; now?: number } = {}): Promise<Ran> {
    const ran: Ran = { outputs: new Map(), ui: new Map(), progress: [], previews: [] };
    const context = (nodeId: string): NodeContext => ({
      promptId: "prompt",
      nodeId,
      folders: this.folders,
      media: this.media,
      signal: options.signal ?? new AbortController().signal,
      progress: (value, max) => void ran.progress.push([value, max]),
      preview: (bytes) => void ran.previews.push(bytes),
      sleep: () => Promise.resolve(),
      stepMs: 0,
      now: () => options.now ?? 0,
    });
    const visit = async (id: string): Promise<unknown[]> => {
      const known = ran.outputs.get(id);
      if (known !== undefined) return known;
      const node = graph[id];
      const kind = draftNodes.kinds[node?.class_type ?? ""];
      if (node === undefined || kind === undefined) throw new Error(`No node ${id} ${node?.class_type}.`);
      const inputs: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(node.inputs)) {
        const linked = Array.isArray(value) && typeof value[0] === "string";
        inputs[name] = linked ? (await visit(value[0]))[Number(value[1])] : value;
      }
      const result = await kind.run(inputs, context(id));
      if (result.ui !== undefined) ran.ui.set(id, result.ui);
      ran.outputs.set(id, result.outputs);
      return result.outputs;
    };
    for (const id of Object.keys(graph)) await visit(id);
    return ran;
  }

  /** The path of a file that a save node told of. */
  saved(ran: Ran, options: { node: string; key: string; at?: number }): string {
    const file = ran.ui.get(options.node)?.[options.key]?.[options.at ?? 0];
    if (file === null || typeof file !== "object" || !("filename" in file) || !("subfolder" in file)) {
      throw new Error(`Node ${options.node} saved nothing under ${options.key}.`);
    }
    return [this.folders.output, file.subfolder, file.filename].filter((part) => part !== "").join("/");
  }
}

/** Opens a studio for one test and removes it afterwards. */
export async function withStudio(use: (studio: Studio) => Promise<void>): Promise<void> {
  await withFolders(async (root) => await use(new Studio(root, new MemoryMedia())));
}

export async function withFolders(use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const name of ["input", "output", "temp"]) await Deno.mkdir(`${root}/${name}`);
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** A driving frame: a moving figure, and its number as sixteen cells along the top edge. */
export function drivingFrame(size: { width: number; height: number }, index: number): Uint8Array {
  const { width, height } = size;
  const rgb = new Uint8Array(width * height * 3).fill(60);
  const x = width * (0.3 + 0.2 * Math.sin(index / 9));
  const figure = {
    x,
    y: height * 0.3,
    width: width * 0.25,
    height: height * (0.5 + 0.1 * Math.cos(index / 7)),
  };
  fillEllipse(rgb, size, { to: figure, colour: 0xe0a040 });
  const cell = width / 16;
  const deep = Math.max(2, Math.round(width / 40));
  for (let bit = 0; bit < 16; bit++) {
    const colour = (index >> (15 - bit) & 1) === 1 ? 0xffffff : 0x000000;
    fillRect(rgb, size, { to: { x: bit * cell, y: 0, width: cell, height: deep }, colour });
  }
  return rgb;
}

export function drivingClip(options: { width: number; height: number; count: number; first?: number }): Clip {
  const { width, height, count, first = 0 } = options;
  return {
    kind: "video",
    width,
    height,
    count,
    rate: { num: 16, den: 1 },
    frame: (index) => drivingFrame({ width, height }, index + first),
    sound: null,
  };
}

/** A picture with a gradient and a square in one colour. */
export function portrait(options: { width: number; height: number; colour: number }): Clip {
  const { width, height, colour } = options;
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = (i / 3 % width) / width * 200;
  const to = { x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
  fillRect(rgb, { width, height }, { to, colour });
  const rate = { num: 25, den: 1 };
  return { kind: "image", width, height, count: 1, rate, frame: () => rgb, sound: null };
}

/** RMS of the sixteenth of a second `k` of the sample voice: steps that do not repeat within ten seconds. */
export function voiceLevel(k: number): number {
  return 0.05 + (k * 37 % 97) / 97 * 0.4;
}

/** A square wave whose loudness is `voiceLevel` in each sixteenth of a second. */
export function voice(durationS: number, gain = 1): Clip {
  const sampleRate = 16000;
  const samples = Int16Array.from({ length: Math.round(durationS * sampleRate) }, (_, i) => {
    const level = voiceLevel(Math.floor(i * 16 / sampleRate)) * gain;
    return Math.round((i % 40 < 20 ? level : -level) * 32767);
  });
  const rate = { num: 1, den: 1 };
  const sound = new Sound(sampleRate, 1, samples);
  return { kind: "audio", width: 1, height: 1, count: 0, rate, frame: () => new Uint8Array(), sound };
}
