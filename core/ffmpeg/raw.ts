/** Argument lists between files and raw pictures. */
import type { FrameRate } from "../media.ts";
import { fileInput, filmContainer, rateText, timescaleOf, videoCodec } from "./inputs.ts";

/** Frames as rgb24 of exactly `width`×`height`. Every frame of the file is given once, whatever its time stamp. */
export function decodeArgs(
  input: {
    path: string;
    width: number;
    height: number;
    start?: number;
    frames?: number;
    turn: string | null;
    target: string;
  },
): string[] {
  const start = input.start ?? 0;
  const end = input.frames === undefined ? "" : `:end_frame=${start + input.frames}`;
  const filters = [
    ...(start > 0 || input.frames !== undefined ? [`trim=start_frame=${start}${end}`] : []),
    // One time stamp per frame keeps ffmpeg from repeating or dropping frames of a variable rate.
    "settb=1/25",
    "setpts=N",
    "fps=25",
    ...(input.turn === null ? [] : [input.turn]),
    `scale=${input.width}:${input.height}:flags=area`,
    "setsar=1",
    "format=rgb24",
  ];
  return [
    ...fileInput(input.path, input.turn === null ? [] : ["-noautorotate"]),
    ...["-map", "0:v:0", "-an", "-vf", filters.join(","), "-r", "25"],
    ...["-c:v", "rawvideo", "-f", "rawvideo", input.target],
  ];
}

/** What a file made from raw frames is, by its ending. */
export type EncodedFormat = "mp4" | "png" | "webp";

export function encodeArgs(
  input: {
    source: string;
    width: number;
    height: number;
    rate: FrameRate;
    crf: number;
    comment?: string;
    format: EncodedFormat;
    output: string;
  },
): string[] {
  const raw = [
    ...["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", `${input.width}x${input.height}`],
    ...["-framerate", rateText(input.rate), "-i", input.source],
  ];
  if (input.format === "png") {
    return [...raw, ...["-frames:v", "1", "-c:v", "png", "-update", "1", "-f", "image2", input.output]];
  }
  if (input.format === "webp") {
    return [
      ...raw,
      ...["-c:v", "libwebp_anim", "-quality", "80", "-loop", "0", "-f", "webp", input.output],
    ];
  }
  return [
    ...raw,
    ...[
      "-map",
      "0:v:0",
      "-vf",
      "scale='trunc(iw/2)*2':'trunc(ih/2)*2':out_color_matrix=bt709:out_range=tv,format=yuv420p",
    ],
    "-an",
    ...videoCodec({ crf: input.crf, timescale: timescaleOf(input.rate) }),
    ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ...filmContainer(input),
    ...["-f", "mp4", input.output],
  ];
}
