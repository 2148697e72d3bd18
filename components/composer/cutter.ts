/** Cuts and scales a clip in the browser, in a worker of its own. */
import { FFmpeg } from "@ffmpeg/ffmpeg";
import { CUTTER } from "@/core/cutter.ts";

export interface Cut {
  /** Seconds. */
  from: number;
  to: number;
  /** Lines of the result; null leaves the size as it is. */
  lines: number | null;
}

export interface Cutting {
  /** 0 to 1. */
  onShare(share: number): void;
  signal: AbortSignal;
}

/** Frames are made anew, so that the cut is exact; the size is never enlarged. */
export async function cutClip(file: File, cut: Cut, { onShare, signal }: Cutting): Promise<File> {
  const ffmpeg = new FFmpeg();
  const url = (name: string) => new URL(CUTTER + name, location.href).href;
  const stop = () => ffmpeg.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await ffmpeg.load({
      classWorkerURL: url("worker.js"),
      coreURL: url("ffmpeg-core.js"),
      wasmURL: url("ffmpeg-core.wasm"),
    });
    ffmpeg.on("progress", ({ time }) => onShare(Math.min(1, Math.max(0, time / 1e6 / (cut.to - cut.from)))));
    await ffmpeg.createDir("/clip");
    // The worker reads the file where it lies: a long clip never is in memory as a whole.
    const held = new File([file], "clip", { type: file.type });
    await ffmpeg.mount("WORKERFS" as Parameters<typeof ffmpeg.mount>[0], { files: [held] }, "/clip");
    const code = await ffmpeg.exec(argsOf(cut));
    if (code !== 0) throw new Error(`The cutter ended with ${code}`);
    const data = await ffmpeg.readFile("cut.mp4");
    const name = `${file.name.replace(/\.[^.]*$/, "")} cut.mp4`;
    return new File([data as Uint8Array<ArrayBuffer>], name, { type: "video/mp4" });
  } finally {
    signal.removeEventListener("abort", stop);
    ffmpeg.terminate();
  }
}

export function argsOf({ from, to, lines }: Cut): string[] {
  const scale = lines === null ? [] : ["-vf", `scale=-2:'min(${lines},ih)'`];
  return [
    ...["-ss", from.toFixed(3), "-i", "/clip/clip", "-t", (to - from).toFixed(3), ...scale],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart", "cut.mp4"],
  ];
}
