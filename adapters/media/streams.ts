/** Raw pictures and samples in and out of files, with bounded memory. */
import { decodeArgs, encodeArgs, type EncodedFormat } from "@/core/ffmpeg/raw.ts";
import { joinCopyArgs } from "@/core/ffmpeg/clips.ts";
import { concatList } from "@/core/ffmpeg/inputs.ts";
import { samplesArgs } from "@/core/ffmpeg/sounds.ts";
import { createEnvelope } from "@/core/ffmpeg/waveform.ts";
import type { Media, RunOptions } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import type { Gate } from "./gate.ts";
import { type Bench, countFrames, createParts, removeQuietly } from "./bench.ts";

const WAVEFORM_RATE = 8000;
const ENCODE_CRF = 18;

/**
 * Decoding and encoding streams do not wait at the gate: a caller who reads one and feeds the other at the same time
 * would otherwise wait for itself.
 */
export function createStreams(
  bench: Bench,
  gate: Gate,
): Pick<Media, "waveform" | "samples" | "decode" | "encode"> {
  const { engine } = bench;
  return {
    async waveform({ path, buckets }, options) {
      const envelope = createEnvelope();
      await gate(async () => {
        for await (const samples of readSamples(bench, { path, sampleRate: WAVEFORM_RATE, options })) {
          envelope.add(samples);
        }
      }, options?.signal);
      return envelope.buckets(buckets);
    },
    async samples({ path, sampleRate }, options) {
      const parts: Float32Array[] = [];
      await gate(async () => {
        for await (const samples of readSamples(bench, { path, sampleRate, options })) parts.push(samples);
      }, options?.signal);
      const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    },
    async decode({ path, width, height, start, frames }, options) {
      const { video } = await bench.probe(path, options);
      const turn = await bench.turnOf(path);
      if (video === null) throw fail("asset.wrong_kind", { operator: "no picture to decode" });
      const size = fit(video, { width, height });
      const content = engine.read(
        (target) => decodeArgs({ path, ...size, start, frames, turn, target }),
        options,
      );
      return { ...size, frames: cutFrames(content, size.width * size.height * 3) };
    },
    async encode({ raw, rate, sound = null, output, crf = ENCODE_CRF, comment }, options) {
      const format = formatOf(output);
      const withSound = sound !== null && format === "mp4";
      const parts = createParts(output);
      const picture = withSound ? parts.name("mp4") : output;
      const shape = { width: raw.width, height: raw.height, rate, crf, comment, format };
      try {
        await engine.write(
          (source) => encodeArgs({ source, ...shape, output: picture }),
          raw.frames,
          options,
        );
        if (!withSound) return;
        // Only now is the number of frames known, and with it where the sound has to end.
        const frames = await countFrames(bench, { path: picture, options });
        const list = await parts.write(concatList([picture]));
        const args = joinCopyArgs({ list, frames, rate, sound, comment, output });
        await bench.make(args, { output, options: { ...options, onProgress: undefined } });
      } catch (error) {
        await removeQuietly(output);
        throw error;
      } finally {
        await parts.clear();
      }
    },
  };
}

function formatOf(output: string): EncodedFormat {
  return output.endsWith(".png") ? "png" : output.endsWith(".webp") ? "webp" : "mp4";
}

/** The largest size of the same shape within the box; without a box the size itself. */
function fit(
  video: { width: number; height: number },
  box: { width?: number; height?: number },
): { width: number; height: number } {
  if (box.width === undefined && box.height === undefined) {
    return { width: video.width, height: video.height };
  }
  const share = Math.min((box.width ?? Infinity) / video.width, (box.height ?? Infinity) / video.height);
  return {
    width: Math.max(1, Math.round(video.width * share)),
    height: Math.max(1, Math.round(video.height * share)),
  };
}

/** Cuts a byte stream into frames; each frame is a buffer of its own. */
async function* cutFrames(
  content: AsyncIterable<Uint8Array>,
  frameBytes: number,
): AsyncGenerator<Uint8Array> {
  let frame = new Uint8Array(frameBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + frameBytes - filled);
      frame.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < frameBytes) continue;
      yield frame;
      frame = new Uint8Array(frameBytes);
      filled = 0;
    }
  }
  if (filled > 0) {
    throw fail("media.failed", { operator: `the last frame has ${filled} of ${frameBytes} bytes` });
  }
}

async function* readSamples(
  bench: Bench,
  { path, sampleRate, options }: { path: string; sampleRate: number; options?: RunOptions },
): AsyncGenerator<Float32Array> {
  let rest = new Uint8Array(0);
  const content = bench.engine.read((target) => samplesArgs({ path, sampleRate, target }), options);
  for await (const chunk of content) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const whole = bytes.length - bytes.length % 4;
    rest = bytes.slice(whole);
    yield new Float32Array(bytes.buffer, 0, whole / 4);
  }
}
