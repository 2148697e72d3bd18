/** What both ffmpeg engines share: the inner port, reading progress lines, keeping the end of a log, naming failures. */
import { fail, type StudioError } from "@/core/problem.ts";
import type { Clock, FfmpegEngine, RunOptions } from "@/core/ports.ts";

/** An engine that can also stream raw pictures or samples out of and into a run, with bounded memory. */
export interface Engine extends FfmpegEngine {
  /** Runs ffmpeg with the arguments for a target that the engine chooses, and yields the bytes written there. */
  read(args: (target: string) => string[], options?: RunOptions): AsyncIterable<Uint8Array>;
  /** Feeds `content` to a run whose input the engine chooses. */
  write(
    args: (source: string) => string[],
    content: AsyncIterable<Uint8Array>,
    options?: RunOptions,
  ): Promise<void>;
}

/** Options that every ffmpeg run starts with; progress goes to standard output as `key=value` lines. */
export const RUN_PREFIX = ["-hide_banner", "-nostdin", "-y", "-nostats", "-progress", "pipe:1"];

const LOG_LINES_MAX = 200;
const LINE_LENGTH_MAX = 600;

/** Keeps the last lines of a log, each cut to a bearable length. */
export class LogTail {
  readonly #lines: string[] = [];
  add(line: string): void {
    if (line === "" || line === "Aborted()") return;
    this.#lines.push(line.slice(0, LINE_LENGTH_MAX));
    if (this.#lines.length > LOG_LINES_MAX) this.#lines.shift();
  }
  lines(): string[] {
    return [...this.#lines];
  }
}

/** Reads the `key=value` lines of `-progress` and reports once per block. */
export function createProgressReader(
  onProgress: RunOptions["onProgress"],
): (line: string) => void {
  let frame = 0;
  let outTimeS = 0;
  return (line) => {
    const [key = "", value = ""] = line.split("=", 2);
    const number = Number(value);
    if (key === "frame" && Number.isFinite(number)) frame = number;
    // ffmpeg writes microseconds under both names; `N/A` and negative starts are left out.
    if (key === "out_time_us" && number >= 0) outTimeS = number / 1e6;
    if (key === "progress") onProgress?.({ frame, outTimeS });
  };
}

/** Names a failed run by what its log says. */
export function failureOf(log: string[], what: string): StudioError {
  const operator = `${what}: ${log.slice(-12).join("\n")}`;
  if (log.some((line) => line.includes("No space left on device"))) return fail("storage.full", { operator });
  return fail("media.failed", { operator });
}

/** Names what the disk did wrong while the studio itself wrote a file for ffmpeg. */
export function diskFault(error: unknown): StudioError {
  const operator = String(error);
  if (/No space left|os error 28\b/.test(operator)) return fail("storage.full", { operator }, error);
  return fail("media.failed", { operator }, error);
}

/**
 * Ties one run to its signal and time limit: `stop` is called at most once, and `reason` then says why.
 * With `silenceMaxMs`, a run that is not told to be `alive` for so long is stopped too.
 * `end` must be called when the run is over.
 */
export function watchRun(
  options: RunOptions,
  { clock, stop, silenceMaxMs }: { clock: Clock; stop: () => void; silenceMaxMs?: number },
): { reason: () => StudioError | null; alive: () => void; end: () => void } {
  let reason: StudioError | null = null;
  const timer = new AbortController();
  const halt = (why: StudioError) => {
    if (reason !== null) return;
    reason = why;
    stop();
  };
  const onAbort = () => halt(fail("media.cancelled"));
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.timeLimitMs !== undefined) {
    const limitMs = options.timeLimitMs;
    clock.sleep(limitMs, timer.signal).then(
      () => halt(fail("media.timeout", { operator: `no end after ${limitMs} ms` })),
      () => {},
    );
  }
  let silent = false;
  const watchSilence = async (limitMs: number) => {
    while (!silent) {
      silent = true;
      await clock.sleep(limitMs, timer.signal);
    }
    halt(fail("media.timeout", { operator: `not a line for ${limitMs} ms` }));
  };
  if (silenceMaxMs !== undefined) watchSilence(silenceMaxMs).catch(() => {});
  return {
    reason: () => reason,
    alive: () => {
      silent = false;
    },
    end: () => {
      timer.abort();
      options.signal?.removeEventListener("abort", onAbort);
    },
  };
}
