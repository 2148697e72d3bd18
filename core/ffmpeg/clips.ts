/** Argument lists that make clips from clips: cutting, normalising, joining, dissolving, moving over a still. */
import type { FrameRate } from "../media.ts";
import type { MoveView } from "../ports.ts";
import {
  concatInput,
  EVEN_SIZE,
  fileInput,
  FILM_SAMPLE_RATE,
  FILM_SOUND,
  FILM_SOUND_FORMAT,
  filmContainer,
  rateText,
  samplesOf,
  secondsOf,
  timescaleOf,
  videoCodec,
} from "./inputs.ts";

const PART_CRF = 16;
export const FILM_CRF = 18;

/** Transfer curves that need tone mapping before the picture looks right on an ordinary screen. */
export function isHdr(transfer: string): boolean {
  return transfer === "smpte2084" || transfer === "arib-std-b67";
}

const TONE_MAP = [
  "zscale=t=linear:npl=100",
  "format=gbrpf32le",
  "zscale=p=bt709",
  "tonemap=tonemap=hable:desat=0",
  "zscale=t=bt709:m=bt709:r=tv",
].join(",");

/** Exactly `frames` frames from frame `start`, counted at the given rate. */
export function trimArgs(
  input: { path: string; start: number; frames: number; rate: FrameRate; output: string },
): string[] {
  const filters = [
    `fps=${rateText(input.rate)}:start_time=0`,
    `trim=start_frame=${input.start}:end_frame=${input.start + input.frames}`,
    "setpts=PTS-STARTPTS",
    EVEN_SIZE,
    "format=yuv420p",
  ];
  return [
    ...fileInput(input.path),
    ...["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", filters.join(",")],
    ...["-r", rateText(input.rate), "-frames:v", String(input.frames)],
    ...videoCodec({ crf: PART_CRF, timescale: timescaleOf(input.rate) }),
    ...["-movflags", "+faststart", "-f", "mp4", input.output],
  ];
}

/**
 * Constant rate, upright (ffmpeg turns by the display matrix itself), square pixels, even size, SDR, no sound.
 * `start_time=0` repeats the first frame where the picture starts after the sound, so that both stay together.
 */
export function normaliseArgs(
  input: { path: string; rate: FrameRate; framesMax?: number; hdr: boolean; output: string },
): string[] {
  const filters = [
    `fps=${rateText(input.rate)}:start_time=0`,
    // A container whose sound outlasts its picture plans more frames than there are: the last one is held.
    ...(input.framesMax === undefined ? [] : ["tpad=stop_mode=clone:stop=-1"]),
    ...(input.hdr ? [TONE_MAP] : []),
    EVEN_SIZE,
    "format=yuv420p",
  ];
  return [
    ...fileInput(input.path),
    ...["-map", "0:v:0", "-an", "-sn", "-dn", "-map_metadata", "-1", "-vf", filters.join(",")],
    ...["-r", rateText(input.rate)],
    ...(input.framesMax === undefined ? [] : ["-frames:v", String(input.framesMax)]),
    ...videoCodec({ crf: PART_CRF, timescale: timescaleOf(input.rate) }),
    ...["-movflags", "+faststart", "-f", "mp4", input.output],
  ];
}

/** Takes the sound away; the picture is copied, or encoded like other parts, every frame once. */
export function silenceArgs(input: { path: string; copy: boolean; output: string }): string[] {
  const picture = input.copy
    ? ["-c:v", "copy"]
    : ["-vf", "settb=1/25,setpts=N,fps=25,format=yuv420p", "-r", "25", ...videoCodec({ crf: PART_CRF })];
  return [
    ...fileInput(input.path),
    ...["-map", "0:v:0", "-an", "-sn", "-dn", ...picture, "-f", "mp4", input.output],
  ];
}

export interface FilmParts {
  /** The concat list of clips of one codec and size, without sound. */
  list: string;
  /** Frame ranges of the joined clips to keep, first and last included; without it all are kept. */
  keep?: { first: number; last: number }[];
  /** Filters that change the colours of the frames that are kept. */
  colours?: string[];
  frames: number;
  rate: FrameRate;
  sound: string | null;
  title?: string;
  comment?: string;
  output: string;
}

/**
 * Joins clips and cuts to exactly `frames`. Time stamps are counted anew frame by frame, so a clip whose container
 * gives a wrong length cannot open a gap.
 */
export function joinArgs(input: FilmParts): string[] {
  const tick = `${input.rate.den}/${input.rate.num}`;
  const ranges = (input.keep ?? []).map(({ first, last }) => `between(n\\,${first}\\,${last})`);
  const filters = [
    ...(ranges.length === 0 ? [] : [`select=${ranges.join("+")}`]),
    `settb=${tick}`,
    "setpts=N",
    `fps=${rateText(input.rate)}`,
    // Not `-frames:v`: at its limit ffmpeg closes the sound as well, wherever that stands.
    `trim=end_frame=${input.frames}`,
    ...(input.colours ?? []),
    EVEN_SIZE,
    "format=yuv420p",
  ];
  return [
    ...concatInput(input.list),
    ...(input.sound === null ? [] : fileInput(input.sound)),
    ...["-map", "0:v:0", ...soundUnder(input), "-vf", filters.join(",")],
    ...["-r", rateText(input.rate)],
    ...videoCodec({ crf: FILM_CRF, timescale: timescaleOf(input.rate) }),
    ...filmContainer(input),
    ...["-f", "mp4", input.output],
  ];
}

/** Joins segments that were encoded alike without encoding them again. */
export function joinCopyArgs(input: FilmParts): string[] {
  return [
    ...concatInput(input.list),
    ...(input.sound === null ? [] : fileInput(input.sound)),
    ...["-map", "0:v:0", ...soundUnder(input), "-c:v", "copy"],
    ...["-video_track_timescale", String(timescaleOf(input.rate))],
    ...filmContainer(input),
    ...["-f", "mp4", input.output],
  ];
}

/** The second input's sound, cut or filled with silence to the very sample where the picture ends. */
function soundUnder(input: { frames: number; rate: FrameRate; sound: string | null }): string[] {
  if (input.sound === null) return ["-an"];
  const samples = samplesOf(input.frames, { rate: input.rate, sampleRate: FILM_SAMPLE_RATE });
  return [
    ...["-map", "1:a:0", "-af"],
    `aresample=${FILM_SAMPLE_RATE}:async=1:first_pts=0,${FILM_SOUND_FORMAT},apad,atrim=end_sample=${samples}`,
    ...FILM_SOUND,
  ];
}

/** One stretch of an assembled film. Frames are counted at the film's rate. */
export interface Stretch {
  path: string;
  start: number;
  frames: number;
  /** Filters that its frames go through first. */
  look?: string[];
}

interface Frame {
  rate: FrameRate;
  width: number;
  height: number;
  output: string;
}

function sameShape(frame: Frame): string {
  const { width, height } = frame;
  return [
    `fps=${rateText(frame.rate)}:start_time=0`,
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bicubic`,
    `pad=${width}:${height}:-1:-1`,
    "setsar=1",
    "format=yuv420p",
  ].join(",");
}

function cutOut({ start, frames, look = [] }: Stretch): string {
  return [`trim=start_frame=${start}:end_frame=${start + frames}`, "setpts=PTS-STARTPTS", ...look].join(",");
}

function segmentOutput(frames: number, frame: Frame): string[] {
  return [
    ...["-r", rateText(frame.rate), "-frames:v", String(frames)],
    ...videoCodec({ crf: FILM_CRF, timescale: timescaleOf(frame.rate) }),
    ...["-an", "-f", "mp4", frame.output],
  ];
}

/** The part of a stretch between its dissolves. */
export function bodyArgs(stretch: Stretch, frame: Frame): string[] {
  return [
    ...fileInput(stretch.path),
    ...["-map", "0:v:0", "-vf", `${sameShape(frame)},${cutOut(stretch)}`],
    ...segmentOutput(stretch.frames, frame),
  ];
}

/** The frames in which one stretch dissolves into the next; both stretches have the same number of frames. */
export function dissolveArgs(pair: { from: Stretch; to: Stretch }, frame: Frame): string[] {
  const { from, to } = pair;
  const seconds = secondsOf(from.frames, frame.rate).toFixed(6);
  const shape = sameShape(frame);
  const graph = [
    `[0:v:0]${shape},${cutOut(from)},settb=AVTB[a]`,
    `[1:v:0]${shape},${cutOut(to)},settb=AVTB[b]`,
    `[a][b]xfade=transition=fade:duration=${seconds}:offset=0,format=yuv420p[v]`,
  ];
  return [
    ...fileInput(from.path),
    ...fileInput(to.path),
    ...["-filter_complex", graph.join(";"), "-map", "[v]"],
    ...segmentOutput(from.frames, frame),
  ];
}

/**
 * A slow move over a still. `perspective` works in 1/256 pixel, which is 50 times steadier than `zoompan`;
 * the still is scaled once to the largest size the move needs. The move starts and stops softly (smoothstep).
 */
export function kenBurnsArgs(
  input: { path: string; frames: number; from: MoveView; to: MoveView } & Frame,
): string[] {
  const zoomMax = Math.max(1, input.from.zoom, input.to.zoom);
  const width = Math.ceil(input.width * zoomMax / 2) * 2;
  const height = Math.ceil(input.height * zoomMax / 2) * 2;
  // `on` counts output frames from 1. `st(0, …)` keeps the eased time in [0, 1] for the rest of the expression.
  const time = `st(1,clip((on-1)/${Math.max(1, input.frames - 1)},0,1));st(0,ld(1)*ld(1)*(3-2*ld(1)))`;
  const between = (from: number, to: number) => `(${from}+(${to - from})*ld(0))`;
  const zoom = between(input.from.zoom, input.to.zoom);
  const left = `(W-W/${zoom})*${between(input.from.x, input.to.x)}`;
  const top = `(H-H/${zoom})*${between(input.from.y, input.to.y)}`;
  const corner = (right: boolean, bottom: boolean, axis: "x" | "y") =>
    axis === "x"
      ? `${time};${left}${right ? `+W/${zoom}` : ""}`
      : `${time};${top}${bottom ? `+H/${zoom}` : ""}`;
  const corners = [[false, false], [true, false], [false, true], [true, true]] as const;
  const points = corners.map(([right, bottom], index) =>
    `x${index}='${corner(right, bottom, "x")}':y${index}='${corner(right, bottom, "y")}'`
  ).join(":");
  const filters = [
    `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=lanczos`,
    `crop=${width}:${height}`,
    "setsar=1",
    "format=yuv420p",
    "loop=loop=-1:size=1",
    `fps=${rateText(input.rate)}`,
    `perspective=${points}:sense=source:eval=frame:interpolation=linear`,
    `scale=${input.width}:${input.height}:flags=bicubic`,
    "setsar=1",
  ];
  return [
    ...fileInput(input.path),
    ...["-map", "0:v:0", "-vf", filters.join(",")],
    ...segmentOutput(input.frames, input),
  ];
}
