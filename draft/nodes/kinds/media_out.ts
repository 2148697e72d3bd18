/** Save and preview nodes: films, pictures and sound as real files with ComfyUI's names. */
import type { FrameRate } from "@/core/media.ts";
import type { NodeContext, NodeKind, NodeResult } from "../../contract.ts";
import { writeFlac } from "../flac.ts";
import { type Inputs, kind } from "../kind.ts";
import {
  numbered,
  previewPrefix,
  saveAs,
  type SavedFile,
  type SaveTarget,
  saveTarget,
  withWav,
} from "../naming.ts";
import { writePng } from "../png.ts";
import { Film, type Frames, refuse, Sound } from "../values.ts";
import { cutSound } from "../wav.ts";

/** Written into every file: players and the studio can tell a draft without looking at the picture. */
export const DRAFT_NOTE = "DRAFT: made without a model";

/** Frames per second as a fraction; film rates such as 23.976 keep their exact form. */
export function rateOf(fps: number): FrameRate {
  const whole = Math.round(fps);
  if (Math.abs(fps - whole) < 1e-6) return { num: whole, den: 1 };
  const ntsc = Math.ceil(fps);
  if (Math.abs(fps - ntsc * 1000 / 1001) < 1e-3) return { num: ntsc * 1000, den: 1001 };
  return { num: Math.round(fps * 1000), den: 1000 };
}

function createVideo(inputs: Inputs): Film[] {
  const frames = inputs.frames("images");
  const rate = rateOf(inputs.number("fps"));
  const sound = inputs.maybe("audio", Sound);
  if (sound === null) return [new Film(frames, rate, null)];
  // Sound past the last frame is cut off; sound that is too short just ends early.
  const durationS = frames.count * rate.den / rate.num;
  return [new Film(frames, rate, () => Promise.resolve(cutSound(sound, { startS: 0, durationS })))];
}

/** One level of a dynamic choice: dotted keys as they travel, or nested objects as a server may hand them on. */
function choice(inputs: Inputs, path: string[]): unknown {
  const dotted = inputs.raw[path.join(".")];
  if (dotted !== undefined && (dotted === null || typeof dotted !== "object")) return dotted;
  let level: unknown = inputs.raw;
  for (const name of path) {
    level = level !== null && typeof level === "object"
      ? Object.entries(level).find(([key]) => key === name)?.[1]
      : undefined;
  }
  const own = level !== null && typeof level === "object"
    ? Object.entries(level).find(([key]) => key === path.at(-1))?.[1]
    : level;
  return own;
}

/** Every form that SaveVideo took over the years: `format` with `codec`, `format.codec`, and its encoding children. */
export function formatOf(inputs: Inputs): { ending: string; crf: number } {
  const format = choice(inputs, ["format"]);
  if (format === undefined) {
    throw refuse("SaveVideo.execute() missing 1 required positional argument: 'format'");
  }
  const codec = choice(inputs, ["format", "codec"]) ?? choice(inputs, ["codec"]) ?? "auto";
  const crf = choice(inputs, ["format", "codec", "encoding", "crf"]) ??
    choice(inputs, ["codec", "encoding", "crf"]);
  if (format === "webm" || format === "mkv" || codec === "av1") {
    throw refuse("The draft renderer writes H.264 in MP4 only.");
  }
  if (format !== "auto" && format !== "mp4") throw refuse(`Unknown format ${String(format)}.`);
  return { ending: ".mp4", crf: typeof crf === "number" ? crf : 20 };
}

async function* readAll(
  frames: Frames,
  { signal, drift }: { signal: AbortSignal; drift: number },
): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < frames.count; index++) {
    signal.throwIfAborted();
    const frame = await frames.get(index);
    yield drift === 1 ? frame : drifted(frame, drift);
  }
}

/** So many times the brightness, and the distance from grey. */
export function drifted(rgb: Uint8Array, times: number): Uint8Array {
  const made = new Uint8ClampedArray(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const [r = 0, g = 0, b = 0] = [rgb[at], rgb[at + 1], rgb[at + 2]];
    const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    made[at] = (grey + (r - grey) * times) * times;
    made[at + 1] = (grey + (g - grey) * times) * times;
    made[at + 2] = (grey + (b - grey) * times) * times;
  }
  return new Uint8Array(made.buffer);
}

/** Encodes a film under the next free name. */
export async function writeFilm(
  film: Film,
  options: { context: NodeContext; target: SaveTarget; name: string; crf: number },
): Promise<SavedFile> {
  const { context, target, name, crf } = options;
  const { frames, rate } = film;
  const { signal } = context;
  const drift = context.drift?.() ?? 1;
  const encode = (output: string, sound: string | null) =>
    context.media.encode({
      raw: { width: frames.width, height: frames.height, frames: readAll(frames, { signal, drift }) },
      rate,
      sound,
      output,
      crf,
      comment: DRAFT_NOTE,
    }, { signal });
  const sound = film.sound === null ? null : await film.sound(context);
  return await saveAs(target, {
    name,
    write: (path) =>
      sound === null || sound.samples.length === 0
        ? encode(path, null)
        : withWav(context, { sound, use: (wav) => encode(path, wav) }),
  });
}

async function saveVideo(inputs: Inputs, context: NodeContext): Promise<NodeResult> {
  const film = inputs.film("video");
  const { ending, crf } = formatOf(inputs);
  const { width, height } = film.frames;
  const target = await saveTarget(context, { prefix: inputs.text("filename_prefix"), width, height });
  const file = await writeFilm(film, {
    context,
    target,
    name: numbered(target, { ending: `_${ending}` }),
    crf,
  });
  return { outputs: [film], ui: { images: [file], animated: [true] } };
}

async function writeImages(
  frames: Frames,
  options: { context: NodeContext; prefix: string; type: "output" | "temp" },
): Promise<NodeResult> {
  const { context, prefix, type } = options;
  const { width, height } = frames;
  const target = await saveTarget(context, { prefix, width, height, type });
  const images: SavedFile[] = [];
  for (let index = 0; index < frames.count; index++) {
    context.signal.throwIfAborted();
    const png = await writePng({ width, height, rgb: await frames.get(index) }, { Comment: DRAFT_NOTE });
    const stem = target.stem.replaceAll("%batch_num%", String(index));
    const name = numbered({ ...target, stem }, { ahead: index, ending: "_.png" });
    images.push(await saveAs(target, { name, write: (path) => Deno.writeFile(path, png) }));
  }
  return { outputs: [frames], ui: { images } };
}

async function writeSound(
  sound: Sound,
  options: { context: NodeContext; prefix: string; type: "output" | "temp" },
): Promise<NodeResult> {
  const { context, prefix, type } = options;
  const target = await saveTarget(context, { prefix, type });
  const name = numbered(target, { ending: ".flac" });
  const file = await saveAs(target, { name, write: (path) => Deno.writeFile(path, writeFlac(sound)) });
  return { outputs: [sound], ui: { audio: [file] } };
}

export const mediaOutKinds: Record<string, NodeKind> = {
  CreateVideo: kind(createVideo),
  SaveVideo: kind(saveVideo),
  SaveImage: kind((inputs, context) =>
    writeImages(inputs.frames("images"), { context, prefix: inputs.text("filename_prefix"), type: "output" })
  ),
  PreviewImage: kind((inputs, context) =>
    writeImages(inputs.frames("images"), { context, prefix: previewPrefix(context), type: "temp" })
  ),
  SaveAudio: kind((inputs, context) =>
    writeSound(inputs.sound("audio"), { context, prefix: inputs.text("filename_prefix"), type: "output" })
  ),
  PreviewAudio: kind((inputs, context) =>
    writeSound(inputs.sound("audio"), { context, prefix: previewPrefix(context), type: "temp" })
  ),
};
