/** The Media that draft nodes use, over the ffmpeg of this machine: enough to test that strips survive encoding. */
import type { Probe } from "@/core/media.ts";
import type { Media } from "@/core/ports.ts";

async function run(program: string, args: string[]): Promise<Uint8Array> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdout: "piped", stderr: "piped" })
    .output();
  if (code !== 0) throw new Error(`${program}: ${new TextDecoder().decode(stderr).slice(-600)}`);
  return stdout;
}

/** Whether this machine has ffmpeg and ffprobe. */
export async function hasFfmpeg(): Promise<boolean> {
  try {
    await run("ffprobe", ["-version"]);
    await run("ffmpeg", ["-version"]);
    return true;
  } catch {
    return false;
  }
}

function unused(): never {
  throw new Error("This part of Media is not used by the draft nodes.");
}

/** ffprobe's stream as far as it is read here. */
interface Stream {
  codec_type: string;
  codec_name: string;
  width: number;
  height: number;
  avg_frame_rate: string;
  nb_read_packets: string;
  sample_rate: string;
  channels: number;
  duration?: string;
}

export const nativeMedia: Media = {
  engine: "native",
  version: "test",
  async probe(path): Promise<Probe> {
    const text = await run("ffprobe", [
      "-v",
      "error",
      "-count_packets",
      "-show_streams",
      "-of",
      "json",
      path,
    ]);
    const { streams }: { streams: Stream[] } = JSON.parse(new TextDecoder().decode(text));
    const video = streams.find((stream) => stream.codec_type === "video");
    const audio = streams.find((stream) => stream.codec_type === "audio");
    const [num = 25, den = 1] = (video?.avg_frame_rate ?? "25/1").split("/").map(Number);
    return {
      kind: video === undefined ? "audio" : "video",
      container: "",
      durationS: null,
      video: video === undefined ? null : {
        codec: video.codec_name,
        width: video.width,
        height: video.height,
        rate: num > 0 && den > 0 ? { num, den } : null,
        frames: Number(video.nb_read_packets),
        rotation: 0,
        variableRate: false,
        pixelFormat: "",
        transfer: "",
      },
      audio: audio === undefined ? null : {
        codec: audio.codec_name,
        sampleRate: Number(audio.sample_rate),
        channels: audio.channels,
        durationS: audio.duration === undefined ? null : Number(audio.duration),
      },
    };
  },
  async decode({ path, width, height, start = 0, frames }) {
    const size = width === undefined || height === undefined
      ? (await this.probe(path)).video
      : { width, height };
    if (size === null) throw new Error("no picture");
    const end = frames === undefined ? "" : `:end_frame=${start + frames}`;
    const filter = `trim=start_frame=${start}${end},setpts=PTS-STARTPTS,scale=${size.width}:${size.height}`;
    const raw = await run("ffmpeg", [
      "-v",
      "error",
      "-i",
      path,
      "-vf",
      filter,
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb24",
      "-",
    ]);
    const bytes = size.width * size.height * 3;
    async function* read(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at + bytes <= raw.length; at += bytes) {
        yield await Promise.resolve(raw.slice(at, at + bytes));
      }
    }
    return { width: size.width, height: size.height, frames: read() };
  },
  async sound({ path, sampleRate, channels, output }) {
    const form = ["-ar", String(sampleRate), "-ac", String(channels), "-c:a", "pcm_s16le"];
    await run("ffmpeg", ["-v", "error", "-y", "-i", path, "-vn", ...form, output]);
  },
  async encode({ raw, rate, sound, output, crf = 20, comment }) {
    const size = `${raw.width}x${raw.height}`;
    const input = [
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb24",
      "-s",
      size,
      "-r",
      `${rate.num}/${rate.den}`,
      "-i",
      "-",
    ];
    const heard = typeof sound === "string" ? ["-i", sound, "-c:a", "aac"] : [];
    const child = new Deno.Command("ffmpeg", {
      args: [
        ...[
          "-v",
          "error",
          "-y",
          ...input,
          ...heard,
          "-c:v",
          "libx264",
          "-preset",
          "veryfast",
          "-crf",
          String(crf),
        ],
        ...["-pix_fmt", "yuv420p", "-metadata", `comment=${comment ?? ""}`, output],
      ],
      stdin: "piped",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    const writer = child.stdin.getWriter();
    for await (const frame of raw.frames) await writer.write(frame);
    await writer.close();
    if (!(await child.status).success) throw new Error(await said);
  },
  poster: unused,
  thumbnail: unused,
  trim: unused,
  normalise: unused,
  join: unused,
  frame: unused,
  waveform: unused,
  loudness: unused,
  samples: unused,
};
