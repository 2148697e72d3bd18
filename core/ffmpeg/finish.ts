/** Argument lists for work on a finished film: cut out, more frames per second, more pixels, another loudness. */
import { FILM_CRF } from "./clips.ts";
import type { FilmChange, FrameRate } from "../media.ts";
import {
  fileInput,
  FILM_SAMPLE_RATE,
  FILM_SOUND,
  FILM_SOUND_FORMAT,
  filmContainer,
  rateText,
  samplesOf,
  timescaleOf,
  videoCodec,
} from "./inputs.ts";

/** Frames that motion estimation looks at on either side; the film's ends are held for it. */
const [BEFORE, AFTER] = [2, 3];

export interface ChangedFilm {
  path: string;
  change: FilmChange;
  /** Of the result. */
  frames: number;
  rate: FrameRate;
  hasSound: boolean;
  output: string;
}

/** Exactly `frames` frames at `rate`, with the film's own words; its sound is copied, or cut to the very sample. */
export function changeArgs(film: ChangedFilm): string[] {
  const { path, change, frames, rate, output } = film;
  const other = change.kind === "replace";
  const filters = [
    ...pictureFilters(film),
    `settb=${rate.den}/${rate.num}`,
    "setpts=N",
    // Not `-frames:v`: at its limit ffmpeg closes the sound as well, wherever that stands.
    `trim=end_frame=${frames}`,
    "setsar=1",
    "format=yuv420p",
  ];
  return [
    ...fileInput(path),
    ...(other ? fileInput(change.by) : []),
    ...["-map", other ? "1:v:0" : "0:v:0", ...(film.hasSound ? ["-map", "0:a:0"] : [])],
    ...["-vf", filters.join(",")],
    ...["-r", rateText(rate)],
    ...videoCodec({ crf: FILM_CRF, timescale: timescaleOf(rate) }),
    ...(film.hasSound ? soundOf(film) : ["-an"]),
    ...filmContainer({}),
    ...["-f", "mp4", output],
  ];
}

function pictureFilters({ change, frames, rate }: ChangedFilm): string[] {
  if (change.kind === "trim") return [`trim=start_frame=${change.start}:end_frame=${change.start + frames}`];
  if (change.kind === "scale") return [`scale=${change.width}:${change.height}:flags=lanczos`];
  if (change.kind === "replace") return ["tpad=stop_mode=clone:stop=-1"];
  const { factor } = change;
  const before = rateText({ num: rate.den * factor, den: rate.num });
  const from = BEFORE * factor;
  return [
    `tpad=start=${BEFORE}:start_mode=clone:stop=${AFTER}:stop_mode=clone`,
    `settb=${before}`,
    "setpts=N",
    `minterpolate=fps=${rateText(rate)}:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1`,
    `trim=start_pts=${from}:end_pts=${from + frames}`,
  ];
}

function soundOf({ change, frames, rate }: ChangedFilm): string[] {
  if (change.kind !== "trim") return ["-c:a", "copy"];
  const at = { rate, sampleRate: FILM_SAMPLE_RATE };
  const start = samplesOf(change.start, at);
  const length = samplesOf(frames, at);
  return [
    "-af",
    `aresample=${FILM_SAMPLE_RATE}:async=1:first_pts=0,atrim=start_sample=${start},asetpts=PTS-STARTPTS,${FILM_SOUND_FORMAT},apad,atrim=end_sample=${length}`,
    ...FILM_SOUND,
  ];
}

export const LOUDNESS_LUFS = -14;
const TRUE_PEAK_DB = -1.5;
const RANGE_LU = 11;
const TARGET = `loudnorm=I=${LOUDNESS_LUFS}:TP=${TRUE_PEAK_DB}:LRA=${RANGE_LU}`;

/** What the first pass of `loudnorm` finds, as it prints it. */
export interface Levels {
  input_i: string;
  input_tp: string;
  input_lra: string;
  input_thresh: string;
  target_offset: string;
}

/** The first pass: measures only. */
export function levelMeasureArgs(path: string): string[] {
  return [
    ...fileInput(path),
    ...["-map", "0:a:0", "-vn", "-af", `${TARGET}:print_format=json`, "-f", "null", "-"],
  ];
}

/** The figures stand as JSON at the end of the log; null without them, or where there is nothing to hear. */
export function readLevels(log: string[]): Levels | null {
  const from = log.findLastIndex((line) => line.trim() === "{");
  const to = log.findIndex((line, at) => at > from && line.trim() === "}");
  if (from === -1 || to === -1) return null;
  try {
    const levels: Levels = JSON.parse(log.slice(from, to + 1).join(""));
    return Number.isFinite(Number(levels.input_i)) ? levels : null;
  } catch {
    return null;
  }
}

/** The second pass: the picture is copied, the sound ends with it to the sample. */
export function levelArgs(
  film: { path: string; levels: Levels; frames: number; rate: FrameRate; output: string },
): string[] {
  const { levels, frames, rate } = film;
  const measured = [
    `measured_I=${levels.input_i}`,
    `measured_TP=${levels.input_tp}`,
    `measured_LRA=${levels.input_lra}`,
    `measured_thresh=${levels.input_thresh}`,
    `offset=${levels.target_offset}`,
    "linear=true",
  ].join(":");
  const length = samplesOf(frames, { rate, sampleRate: FILM_SAMPLE_RATE });
  return [
    ...fileInput(film.path),
    ...["-map", "0:v:0", "-map", "0:a:0", "-c:v", "copy"],
    ...["-af", `${TARGET}:${measured},${FILM_SOUND_FORMAT},apad,atrim=end_sample=${length}`],
    ...FILM_SOUND,
    ...filmContainer({}),
    ...["-f", "mp4", film.output],
  ];
}
