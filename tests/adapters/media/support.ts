/** What the media tests share: a clock, a log, clips whose frames carry their number, and sounds of known loudness. */
import { createWasmEngine } from "@/adapters/media/wasm.ts";
import type { Clock, Log, Media, RawFrames, Scratch } from "@/core/ports.ts";
import type { FrameRate } from "@/core/media.ts";
import { type ProblemCode, problemOf } from "@/core/problem.ts";
import { assertEquals } from "@/tests/assert.ts";

export const RATE_16: FrameRate = { num: 16, den: 1 };
export const SIZE = { width: 96, height: 64 } as const;
const CELLS = 8;

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

/** A clock whose sleepers wake when the test says so. */
export function createHandClock(): { clock: Clock; wakeAll: () => void } {
  const sleepers = new Set<() => void>();
  const clock: Clock = {
    ...realClock,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        sleepers.add(resolve);
        signal?.addEventListener("abort", () => {
          sleepers.delete(resolve);
          reject(signal.reason);
        }, { once: true });
      }),
  };
  return { clock, wakeAll: () => sleepers.forEach((wake) => wake()) };
}

export const quietLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function sample(name: string): string {
  return new URL(`../../../static/samples/${name}`, import.meta.url).pathname;
}

/** A folder that goes when the test ends. */
export async function createScratch(): Promise<Scratch & AsyncDisposable> {
  const dir = await Deno.makeTempDir();
  const release = () => Deno.remove(dir, { recursive: true });
  return { dir, path: (name) => `${dir}/${name}`, release, [Symbol.asyncDispose]: release };
}

export async function assertFails(run: () => Promise<unknown>, code: ProblemCode): Promise<void> {
  let thrown: unknown = null;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  assertEquals(thrown === null ? "no problem" : problemOf(thrown).code, code);
}

/** Frames that show their number, counted from `first`, as 8 upright bars: white is 1, most significant bit first. */
export function numberedFrames(count: number, first = 0): RawFrames {
  async function* frames() {
    for (let index = 0; index < count; index++) yield await Promise.resolve(drawNumber(first + index));
  }
  return { ...SIZE, frames: frames() };
}

function drawNumber(number: number): Uint8Array {
  const frame = new Uint8Array(SIZE.width * SIZE.height * 3);
  for (let pixel = 0; pixel < SIZE.width * SIZE.height; pixel++) {
    const cell = Math.floor(pixel % SIZE.width / (SIZE.width / CELLS));
    frame.fill(number >> (CELLS - 1 - cell) & 1 ? 235 : 20, pixel * 3, pixel * 3 + 3);
  }
  return frame;
}

/** Reads the numbers back from a clip, in order. */
export async function readNumbers(media: Media, path: string): Promise<number[]> {
  const raw = await media.decode({ path });
  const numbers: number[] = [];
  for await (const frame of raw.frames) {
    numbers.push(readCells(frame, { width: raw.width, row: raw.height / 2, cells: CELLS }));
  }
  return numbers;
}

export function readCells(
  frame: Uint8Array,
  { width, row, cells }: { width: number; row: number; cells: number },
): number {
  let number = 0;
  for (let cell = 0; cell < cells; cell++) {
    const x = Math.floor((cell + 0.5) * width / cells);
    number = number * 2 + ((frame[(row * width + x) * 3] ?? 0) > 128 ? 1 : 0);
  }
  return number;
}

export async function makeNumbered(
  media: Media,
  clip: { path: string; frames: number; first?: number; sound?: string },
): Promise<string> {
  const raw = numberedFrames(clip.frames, clip.first);
  await media.encode({ raw, rate: RATE_16, sound: clip.sound, output: clip.path, crf: 12 });
  return clip.path;
}

/** Two grey frames in the PQ transfer of HDR10; made by the wasm core, which is always there. */
export async function makeHdr(path: string): Promise<void> {
  const engine = createWasmEngine({ clock: realClock, scratchPath: () => "" });
  const colours = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
  const grey = "color=c=0x808080:s=96x64:r=16:d=0.125,format=yuv420p";
  await engine.run(["-f", "lavfi", "-i", grey, ...colours, "-c:v", "libx264", path]);
}

export function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** A sine at 48 kHz, mono. */
export function sine(
  { hertz, level, seconds }: { hertz: number; level: number; seconds: number },
): Float32Array {
  return Float32Array.from(
    { length: 48_000 * seconds },
    (_, index) => level * Math.sin(2 * Math.PI * hertz * index / 48_000),
  );
}
