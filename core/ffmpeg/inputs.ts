/** Pieces that every ffmpeg argument list is put together from. */
import type { FrameRate } from "../media.ts";

/** A local file as input. Only files may be opened, so that a crafted playlist cannot reach the network. */
export function fileInput(path: string, before: string[] = []): string[] {
  return ["-protocol_whitelist", "file,pipe", ...before, "-i", path];
}

export function rateText(rate: FrameRate): string {
  return `${rate.num}/${rate.den}`;
}

/** Seconds that `frames` frames last. */
export function secondsOf(frames: number, rate: FrameRate): number {
  return frames * rate.den / rate.num;
}

/** Samples that lie under `frames` frames, rounded to the nearest. */
export function samplesOf(
  frames: number,
  { rate, sampleRate }: { rate: FrameRate; sampleRate: number },
): number {
  return Math.round(frames * rate.den * sampleRate / rate.num);
}

/** Seconds as ffmpeg reads them: plain decimals, never an exponent. */
export function secondsText(seconds: number): string {
  return seconds.toFixed(6).replace(/\.?0+$/, "");
}

/** The picture's size at square pixels with even sides, as H.264 with 4:2:0 colour needs. */
export const EVEN_SIZE = "scale='max(2,trunc(iw*sar/2)*2)':'max(2,trunc(ih/2)*2)',setsar=1";

/** Shrinks to at most `edge` pixels on the longer side and never enlarges. */
export function fitEdge(edge: number): string {
  return `scale='if(gte(iw*sar,ih),min(${edge},iw*sar),-1)':'if(gte(iw*sar,ih),-1,min(${edge},ih))',setsar=1`;
}

/**
 * H.264 settings of every file the studio makes. All segments of one film share them, and one time scale, so that they
 * can be joined without encoding again. `crf`: 16 for parts that are encoded once more, 18 for what is delivered.
 */
export function videoCodec({ crf, timescale }: { crf: number; timescale?: number }): string[] {
  return [
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", String(crf), "-pix_fmt", "yuv420p"],
    ...(timescale === undefined ? [] : ["-video_track_timescale", String(timescale)]),
  ];
}

/** A time scale that holds the duration of one frame exactly. */
export function timescaleOf(rate: FrameRate): number {
  let scale = rate.num;
  while (scale < 10_000) scale *= 2;
  return scale;
}

/** What an MP4 says of itself; it starts to play before it is fully loaded. */
export function filmContainer({ title, comment }: { title?: string; comment?: string }): string[] {
  return [
    ...(title === undefined ? [] : ["-metadata", `title=${title}`]),
    ...(comment === undefined ? [] : ["-metadata", `comment=${comment}`]),
    ...["-movflags", "+faststart"],
  ];
}

/** Sound as films carry it. */
export const FILM_SOUND = ["-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2"];
export const FILM_SAMPLE_RATE = 48_000;
export const FILM_SOUND_FORMAT = "aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo";

/** The list file of the concat demuxer. */
export function concatList(paths: string[]): string {
  return "ffconcat version 1.0\n" + paths.map((path) => `file '${path.replaceAll("'", "'\\''")}'\n`).join("");
}

/** The concat demuxer as input; the files must have the same streams, codec and size. */
export function concatInput(list: string): string[] {
  return ["-protocol_whitelist", "file,pipe", "-f", "concat", "-safe", "0", "-i", list];
}
