/** A Media for tests that keeps films in memory: a file on disk only names what it would hold. */
import type { FrameRate, Probe } from "@/core/media.ts";
import type { Media } from "@/core/ports.ts";
import { scaleArea } from "@/draft/nodes/pixels.ts";
import { Sound } from "@/draft/nodes/values.ts";
import { readWav, writeWav } from "@/draft/nodes/wav.ts";

export interface Clip {
  width: number;
  height: number;
  count: number;
  rate: FrameRate;
  frame: (index: number) => Uint8Array;
  sound: Sound | null;
  kind: "image" | "video" | "audio";
}

function unused(): never {
  throw new Error("This part of Media is not used by the draft nodes.");
}

export class MemoryMedia implements Media {
  readonly engine = "native";
  readonly version = "memory";
  /** Clips by the text that their files hold. */
  readonly clips = new Map<string, Clip>();
  #written = 0;

  readonly concatAudio = unused;
  readonly kenBurns = unused;
  readonly assemble = unused;

  /** Puts a file into a folder that stands for a clip. */
  async put(path: string, clip: Clip): Promise<void> {
    const text = `clip ${this.clips.size} ${path.split("/").at(-1)}`;
    this.clips.set(text, clip);
    await Deno.writeTextFile(path, text);
  }

  async open(path: string): Promise<Clip> {
    const clip = this.clips.get(await Deno.readTextFile(path));
    if (clip === undefined) throw new Error(`${path} holds no clip.`);
    return clip;
  }

  async probe(path: string): Promise<Probe> {
    const { kind, width, height, rate, count, sound } = await this.open(path);
    const video = {
      codec: "h264",
      width,
      height,
      rate,
      frames: count,
      rotation: 0,
      variableRate: false,
      pixelFormat: "yuv420p",
      transfer: "",
    };
    const audio = sound === null ? null : {
      codec: "pcm",
      sampleRate: sound.sampleRate,
      channels: sound.channels,
      durationS: sound.durationS,
    };
    return { kind, container: "memory", durationS: null, video: kind === "audio" ? null : video, audio };
  }

  async decode(input: { path: string; width?: number; height?: number; start?: number; frames?: number }) {
    const clip = await this.open(input.path);
    const to = { width: input.width ?? clip.width, height: input.height ?? clip.height };
    const start = input.start ?? 0;
    const end = Math.min(clip.count, start + (input.frames ?? Infinity));
    async function* read(): AsyncGenerator<Uint8Array> {
      for (let i = start; i < end; i++) {
        yield await Promise.resolve(scaleArea(clip.frame(i), { from: clip, to, depth: 3 }));
      }
    }
    return { ...to, frames: read() };
  }

  async sound(input: { path: string; output: string }): Promise<void> {
    const { sound } = await this.open(input.path);
    await Deno.writeFile(input.output, writeWav(sound ?? new Sound(48000, 2, new Int16Array())));
  }

  async encode(input: Parameters<Media["encode"]>[0]): Promise<void> {
    const { raw: { width, height, frames }, rate } = input;
    const kept: Uint8Array[] = [];
    for await (const frame of frames) kept.push(frame.slice());
    const sound = typeof input.sound === "string" ? readWav(await Deno.readFile(input.sound)) : null;
    const text = `film ${this.#written++}`;
    this.clips.set(text, {
      kind: "video",
      width,
      height,
      count: kept.length,
      rate,
      frame: (i) => kept[i]!,
      sound,
    });
    await Deno.writeTextFile(input.output, text);
  }

  poster = unused;
  thumbnail = unused;
  trim = unused;
  normalise = unused;
  join = unused;
  joinPieces = unused;
  joinAlike = unused;
  preview = unused;
  frame = unused;
  waveform = unused;
  loudness = unused;
  change = unused;
  level = unused;
  samples = unused;
}
