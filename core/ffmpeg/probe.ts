/** Turns ffprobe's JSON into the studio's own description of a file. */
import { z } from "zod";
import { type FrameRate, PIXELS_MAX, type Probe } from "../media.ts";
import { problem } from "../problem.ts";
import { no, ok, type Result } from "../result.ts";

/** Asks for containers and streams. At most a first frame is decoded, and none with more pixels than are accepted. */
export function probeArgs(path: string): string[] {
  return [
    ...["-v", "error", "-protocol_whitelist", "file,pipe", "-print_format", "json"],
    ...["-max_pixels", String(PIXELS_MAX)],
    ...["-show_format", "-show_streams", path],
  ];
}

const Stream = z.looseObject({
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  pix_fmt: z.string().optional(),
  color_transfer: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  r_frame_rate: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  nb_frames: z.string().optional(),
  duration: z.string().optional(),
  sample_rate: z.string().optional(),
  channels: z.int().optional(),
  disposition: z.looseObject({ attached_pic: z.int().optional() }).optional(),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
});
type Stream = z.infer<typeof Stream>;

const Answer = z.looseObject({
  streams: z.array(Stream).default([]),
  format: z.looseObject({
    format_name: z.string().optional(),
    duration: z.string().optional(),
    tags: z.record(z.string(), z.string()).optional(),
  }).optional(),
});

/** `turned`: the photo's EXIF orientation swaps its sides. */
export function readProbe(text: string, { turned = false } = {}): Result<Probe> {
  const answer = Answer.safeParse(parseJson(text));
  if (!answer.success) return no([problem("asset.unreadable", { operator: "ffprobe gave no description" })]);
  const { streams, format } = answer.data;
  const picture = streams.find((stream) =>
    stream.codec_type === "video" && stream.disposition?.attached_pic !== 1
  );
  const sound = streams.find((stream) => stream.codec_type === "audio");
  const names = (format?.format_name ?? "").split(",");
  const durationS = seconds(format?.duration);
  const video = picture === undefined ? null : readPicture(picture, { turned, durationS });
  const audio = sound === undefined ? null : readSound(sound);
  if (video === null && audio === null) {
    return no([problem("asset.unreadable", { operator: "no picture and no sound inside" })]);
  }
  const still = video !== null && audio === null && isStill(names, picture);
  return ok({
    kind: still ? "image" : video === null ? "audio" : "video",
    container: containerOf(names, {
      codec: picture?.codec_name ?? "",
      brand: format?.tags?.major_brand ?? "",
    }),
    durationS: still ? null : durationS ?? seconds((picture ?? sound)?.duration),
    video: still && video !== null ? { ...video, rate: null, frames: 1, variableRate: false } : video,
    audio,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function seconds(text: string | undefined): number | null {
  const value = Number(text ?? "");
  return text === undefined || !Number.isFinite(value) || value < 0 ? null : value;
}

function isStill(names: string[], picture: Stream | undefined): boolean {
  if (names.some((name) => name === "image2" || name.endsWith("_pipe"))) return true;
  return names.includes("gif") && (picture?.nb_frames === "1" || picture?.nb_frames === undefined);
}

function containerOf(names: string[], { codec, brand }: { codec: string; brand: string }): string {
  if (names.includes("mp4")) return brand.startsWith("qt") ? "mov" : brand.startsWith("M4A") ? "m4a" : "mp4";
  if (names.includes("webm")) return ["vp8", "vp9", "av1", ""].includes(codec) ? "webm" : "matroska";
  if (names.some((name) => name === "image2" || name.endsWith("_pipe"))) {
    return codec === "mjpeg" ? "jpeg" : codec;
  }
  return names[0] ?? "";
}

function readPicture(
  stream: Stream,
  { turned, durationS }: { turned: boolean; durationS: number | null },
): Probe["video"] {
  if (!stream.width || !stream.height) return null;
  const rotation = normalAngle(
    stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0,
  );
  const width = Math.max(1, Math.round(stream.width * pixelAspect(stream.sample_aspect_ratio)));
  const swap = turned || rotation % 180 !== 0;
  const average = readRate(stream.avg_frame_rate);
  const base = readRate(stream.r_frame_rate);
  const frames = stream.nb_frames === undefined ? null : Number(stream.nb_frames);
  return {
    codec: stream.codec_name ?? "unknown",
    width: swap ? stream.height : width,
    height: swap ? width : stream.height,
    rate: average ?? base,
    frames: frames !== null && Number.isInteger(frames) && (frames > 0 || durationS === 0) ? frames : null,
    rotation,
    variableRate: average !== null && base !== null && differs(average, base),
    pixelFormat: stream.pix_fmt ?? "",
    transfer: stream.color_transfer === "unknown" ? "" : stream.color_transfer ?? "",
  };
}

/** Degrees clockwise that the picture is turned for display: 0, 90, 180 or 270. ffprobe counts the other way round. */
function normalAngle(counterClockwise: number): number {
  return (360 - Math.round(counterClockwise / 90) * 90 % 360 + 360) % 360;
}

function pixelAspect(text: string | undefined): number {
  const [num = 0, den = 0] = (text ?? "").split(":").map(Number);
  return num > 0 && den > 0 ? num / den : 1;
}

function readRate(text: string | undefined): FrameRate | null {
  const [num = 0, den = 0] = (text ?? "").split("/").map(Number);
  return Number.isInteger(num) && Number.isInteger(den) && num > 0 && den > 0 ? { num, den } : null;
}

/** Half a percent: below that it is rounding in the container, such as 29.97 given as 30000/1001 and 2997/100. */
function differs(a: FrameRate, b: FrameRate): boolean {
  const [first, second] = [a.num / a.den, b.num / b.den];
  return Math.abs(first - second) > 0.005 * Math.max(first, second);
}

function readSound(stream: Stream): Probe["audio"] {
  const sampleRate = Number(stream.sample_rate ?? "");
  if (!Number.isInteger(sampleRate) || sampleRate <= 0 || !stream.channels) return null;
  return {
    codec: stream.codec_name ?? "unknown",
    sampleRate,
    channels: stream.channels,
    durationS: seconds(stream.duration),
  };
}
