/** Argument lists for sound: taking it out of files, joining it, measuring it. */
import { fileInput } from "./inputs.ts";

/** Sound of any file as 16-bit WAV. */
export function soundArgs(
  input: {
    path: string;
    startS?: number;
    durationS?: number;
    sampleRate: number;
    channels: 1 | 2;
    output: string;
  },
): string[] {
  const layout = input.channels === 1 ? "mono" : "stereo";
  // `first_pts=0` fills what lies before late sound with silence, so that it stays under its picture.
  const filters = [
    `aresample=${input.sampleRate}:async=1:first_pts=0`,
    `aformat=sample_rates=${input.sampleRate}:channel_layouts=${layout}`,
    ...cut(input),
  ];
  return [
    ...fileInput(input.path),
    ...["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-af", filters.join(",")],
    ...["-c:a", "pcm_s16le", "-f", "wav", input.output],
  ];
}

function cut(input: { startS?: number; durationS?: number; sampleRate: number }): string[] {
  if (input.startS === undefined && input.durationS === undefined) return [];
  const start = Math.round((input.startS ?? 0) * input.sampleRate);
  const end = input.durationS === undefined
    ? ""
    : `:end_sample=${start + Math.round(input.durationS * input.sampleRate)}`;
  return [`atrim=start_sample=${start}${end}`, "asetpts=PTS-STARTPTS"];
}

/** Sounds one after another, with `gapS` of silence between them; WAV or MP3 by the format. */
export function concatSoundArgs(
  input: {
    paths: string[];
    gapS?: number;
    sampleRate: number;
    channels: 1 | 2;
    format: "wav" | "mp3";
    output: string;
  },
): string[] {
  const layout = input.channels === 1 ? "mono" : "stereo";
  const last = input.paths.length - 1;
  const shape =
    `aresample=${input.sampleRate},aformat=sample_fmts=s16:sample_rates=${input.sampleRate}:channel_layouts=${layout}`;
  const parts = input.paths.map((_, index) => {
    const pad = input.gapS !== undefined && input.gapS > 0 && index < last
      ? `,apad=pad_len=${Math.round(input.gapS * input.sampleRate)}`
      : "";
    return `[${index}:a:0]${shape}${pad}[s${index}]`;
  });
  const joined = input.paths.map((_, index) => `[s${index}]`).join("");
  const graph = [...parts, `${joined}concat=n=${input.paths.length}:v=0:a=1[out]`].join(";");
  const codec = input.format === "wav" ? ["-c:a", "pcm_s16le"] : ["-c:a", "libmp3lame", "-b:a", "192k"];
  return [
    ...input.paths.flatMap((path) => fileInput(path)),
    ...["-filter_complex", graph, "-map", "[out]", "-map_metadata", "-1", ...codec],
    ...["-f", input.format, input.output],
  ];
}

/** Measures loudness by EBU R 128; the figures stand at the end of the log. */
export function loudnessArgs(path: string): string[] {
  return [
    ...fileInput(path),
    ...["-map", "0:a:0", "-vn", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"],
  ];
}

/**
 * Reads the summary that `ebur128` leaves in the log. Silence is −Infinity.
 * Null when there is no summary.
 */
export function readLoudness(log: string[]): { integrated: number; truePeak: number } | null {
  const summary = log.slice(log.findLastIndex((line) => line.includes("Summary:")));
  const figure = (pattern: RegExp) => {
    const text = summary.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
    if (text === undefined) return null;
    return text === "-inf" ? -Infinity : Number(text);
  };
  const integrated = figure(/^\s*I:\s+(-?[\d.]+|-inf) LUFS/);
  const truePeak = figure(/^\s*Peak:\s+(-?[\d.]+|-inf) dBFS/);
  if (integrated === null || truePeak === null) return null;
  // −70 LUFS is the gate of the standard: below it nothing was measured.
  return { integrated: integrated <= -70 ? -Infinity : integrated, truePeak };
}

/** Raw mono samples, 32-bit float, little endian. */
export function samplesArgs(input: { path: string; sampleRate: number; target: string }): string[] {
  return [
    ...fileInput(input.path),
    ...["-map", "0:a:0", "-vn", "-ac", "1", "-ar", String(input.sampleRate)],
    ...["-c:a", "pcm_f32le", "-f", "f32le", input.target],
  ];
}
