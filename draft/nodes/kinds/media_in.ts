/** Loaders of pictures, clips and sound from the server's folders. */
import type { FrameRate, Probe } from "@/core/media.ts";
import type { Folders, NodeContext, NodeKind } from "../../contract.ts";
import { stillFrames, videoFrames } from "../frames.ts";
import { digest, hashFile } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { fingerprintOf, inputPath } from "../naming.ts";
import { Film, type Frames, Mask, refuse, type Sound } from "../values.ts";
import { readWav } from "../wav.ts";

const NO_RATE: FrameRate = { num: 25, den: 1 };

function videoOf(probe: Probe, name: string): NonNullable<Probe["video"]> {
  if (probe.video === null) throw refuse(`${name} holds no picture.`);
  return probe.video;
}

export async function loadImage(inputs: Inputs, context: NodeContext): Promise<[Frames, Mask]> {
  const name = inputs.text("image");
  const path = inputPath(name, context.folders);
  const { width, height } = videoOf(await context.media.probe(path, { signal: context.signal }), name);
  const raw = await context.media.decode({ path, width, height, frames: 1 }, { signal: context.signal });
  let rgb: Uint8Array | null = null;
  for await (const frame of raw.frames) rgb ??= frame;
  if (rgb === null) throw refuse(`${name} holds no picture.`);
  const by = await hashFile(path);
  const size = { width: raw.width, height: raw.height };
  const image = stillFrames(size, { rgb, count: 1, digest: by });
  // ComfyUI gives an all-zero mask of 64 by 64 for a picture without alpha.
  const mask = new Mask({
    count: 1,
    width: 64,
    height: 64,
    digest: digest([by, "mask"]),
    read: () => Promise.resolve(new Uint8Array(64 * 64)),
  });
  return [image, mask];
}

/** Frames of a clip: the container's own count, or one that is counted by decoding it small. */
async function countFrames(
  video: NonNullable<Probe["video"]>,
  options: { path: string; context: NodeContext },
): Promise<number> {
  if (video.frames !== null && video.frames > 0) return video.frames;
  const { path, context } = options;
  const raw = await context.media.decode({ path, width: 16, height: 16 }, { signal: context.signal });
  let count = 0;
  for await (const _ of raw.frames) count += 1;
  return count;
}

/** A clip as frames, rate and sound; nothing is decoded yet. */
export async function openFilm(name: string, context: NodeContext): Promise<Film> {
  const path = inputPath(name, context.folders);
  const probe = await context.media.probe(path, { signal: context.signal });
  const video = videoOf(probe, name);
  const frames = videoFrames({
    media: context.media,
    path,
    size: { width: video.width, height: video.height },
    count: await countFrames(video, { path, context }),
    digest: await hashFile(path),
  });
  const sound = probe.audio === null ? null : (reader: NodeContext) => readSound(path, reader);
  return new Film(frames, video.rate ?? NO_RATE, sound);
}

/** The sound of any file at its own rate; more than two channels are mixed down to two. */
export async function readSound(path: string, context: NodeContext): Promise<Sound> {
  const { audio } = await context.media.probe(path, { signal: context.signal });
  if (audio === null) throw refuse("The file holds no sound.");
  // A single channel stays one: spreading it over two would make it quieter.
  const channels = audio.channels > 1 ? 2 : 1;
  await Deno.mkdir(context.folders.temp, { recursive: true });
  const output = await Deno.makeTempFile({ dir: context.folders.temp, prefix: "sound-", suffix: ".wav" });
  try {
    await context.media.sound({ path, sampleRate: audio.sampleRate, channels, output }, {
      signal: context.signal,
    });
    return readWav(await Deno.readFile(output));
  } finally {
    await Deno.remove(output).catch(() => {});
  }
}

async function components(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const film = inputs.film("video");
  const sound = film.sound === null ? null : await film.sound(context);
  return [film.frames, sound, film.rate.num / film.rate.den, 8, "sRGB"];
}

function file(input: string) {
  return (inputs: Inputs, folders: Folders) => fingerprintOf(inputs.text(input), folders);
}

export const mediaInKinds: Record<string, NodeKind> = {
  LoadImage: kind(loadImage, file("image")),
  LoadVideo: kind(async (inputs, context) => [await openFilm(inputs.text("file"), context)], file("file")),
  LoadAudio: kind(
    async (inputs, context) => [await readSound(inputPath(inputs.text("audio"), context.folders), context)],
    file("audio"),
  ),
  GetVideoComponents: kind(components),
};
