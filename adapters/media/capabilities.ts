/** Asks an ffmpeg on this machine what it can do, once, before it is trusted with films. */
import { fail, problemOf, type StudioError } from "@/core/problem.ts";
import type { Clock } from "@/core/ports.ts";
import type { NativePaths } from "./native.ts";

export type Finding =
  | { ok: true; paths: NativePaths; version: string; toneMap: boolean }
  | { ok: false; reason: string; error: StudioError };

const FILTERS = ["xfade", "perspective", "loudnorm", "ebur128", "minterpolate"];
const ENCODERS = ["libx264", "aac", "libwebp", "libmp3lame"];
const TONE_FILTERS = ["zscale", "tonemap"];
const VERSION_MIN = [4, 4] as const;
const CHECK_LIMIT_MS = 10_000;

export async function checkNative(ffmpegPath: string, clock: Clock): Promise<Finding> {
  const ffmpeg = ffmpegPath === "" ? "ffmpeg" : ffmpegPath;
  const ffprobe = ffmpeg.replace(/ffmpeg(\.exe)?$/, "ffprobe$1");
  try {
    const ask = (command: string, args: string[]) => askProgram({ command, args, clock });
    const [version, filters, encoders] = await Promise.all([
      ask(ffmpeg, ["-version"]),
      ask(ffmpeg, ["-hide_banner", "-filters"]),
      ask(ffmpeg, ["-hide_banner", "-encoders"]),
      ask(ffprobe, ["-version"]),
    ]);
    return judge({ paths: { ffmpeg, ffprobe }, version, filters, encoders });
  } catch (error) {
    return refuse(problemOf(error).operator ?? "ffmpeg could not be asked");
  }
}

/** Pure: what the printed lists mean. */
export function judge(
  asked: { paths: NativePaths; version: string; filters: string; encoders: string },
): Finding {
  const { paths } = asked;
  const version = /^ffmpeg version (\S+)/m.exec(asked.version)?.[1];
  if (version === undefined) return refuse(`${paths.ffmpeg} does not tell its version.`);
  // Builds from the development branch carry no number (`N-…`, `git-…`); they are newer than any release of the past.
  const numbers = /^n?(\d+)\.(\d+)/.exec(version);
  if (numbers !== null && !reaches([Number(numbers[1]), Number(numbers[2])])) {
    return refuse(`${paths.ffmpeg} is version ${version}; ${VERSION_MIN.join(".")} or newer is needed.`);
  }
  const filters = namesIn(asked.filters);
  const encoders = namesIn(asked.encoders);
  const missing = [
    ...FILTERS.filter((name) => !filters.has(name)).map((name) => `filter ${name}`),
    ...ENCODERS.filter((name) => !encoders.has(name)).map((name) => `encoder ${name}`),
  ];
  if (missing.length > 0) return refuse(`${paths.ffmpeg} ${version} lacks ${missing.join(", ")}.`);
  return { ok: true, paths, version, toneMap: TONE_FILTERS.every((name) => filters.has(name)) };
}

function reaches([major, minor]: [number, number]): boolean {
  return major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1]);
}

/** The second word of each line is a name, in both of ffmpeg's lists. */
function namesIn(list: string): Set<string> {
  return new Set(list.split("\n").map((line) => line.trim().split(/\s+/)[1] ?? ""));
}

function refuse(reason: string): Finding {
  return { ok: false, reason, error: fail("studio.config", { operator: reason }) };
}

async function askProgram(
  { command, args, clock }: { command: string; args: string[]; clock: Clock },
): Promise<string> {
  const limit = new AbortController();
  const timer = new AbortController();
  clock.sleep(CHECK_LIMIT_MS, timer.signal).then(() => limit.abort(), () => {});
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stderr: "null",
      signal: limit.signal,
    }).output();
    if (!success) throw fail("studio.config", { operator: `${command} ${args.join(" ")} failed.` });
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw fail("studio.config", { operator: `${command} was not found.` });
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw fail("studio.config", { operator: `${command} may not be started by this process.` });
    }
    throw error;
  } finally {
    timer.abort();
  }
}
