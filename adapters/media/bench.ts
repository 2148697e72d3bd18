/** The bench that all media work is done on: probing, runs whose output is whole or absent, files on the way. */
import { extname } from "node:path";
import { swapsSides, turnFilter } from "@/core/ffmpeg/orientation.ts";
import { probeArgs, readProbe } from "@/core/ffmpeg/probe.ts";
import type { Probe } from "@/core/media.ts";
import type { RunOptions } from "@/core/ports.ts";
import { fail, problemOf, StudioError } from "@/core/problem.ts";
import { diskFault, type Engine } from "./engine.ts";
import { lookAt } from "./first_look.ts";
import type { Gate } from "./gate.ts";

/** A probe reads a few kilobytes; one that takes longer hangs on a damaged file. */
const PROBE_LIMIT_MS = 60_000;

/** What the parts of the media adapter hand to one another. */
export interface Bench {
  engine: Engine;
  probe(path: string, options?: RunOptions): Promise<Probe>;
  /** Runs and makes sure that `output` is there; a failed run leaves no file behind. */
  make(args: string[], made: { output: string; options?: RunOptions }): Promise<void>;
  /** The filter that puts a photo upright, or null. */
  turnOf(path: string): Promise<string | null>;
}

export function createBench(engine: Engine, gate: Gate): Bench {
  return {
    engine,
    probe: rememberProbes(async (path, options = {}) => {
      const { orientation } = await lookAt(path);
      const text = await engine.probe(probeArgs(path), { timeLimitMs: PROBE_LIMIT_MS, ...options }).catch(
        (error) => {
          throw asUnreadable(error);
        },
      );
      const probe = readProbe(text, { turned: swapsSides(orientation) });
      if (!probe.ok) throw new StudioError(probe.problem[0] ?? fail("asset.unreadable").problem);
      return probe.value;
    }),
    async make(args, { output, options }) {
      try {
        await gate(() => engine.run(args, options), options?.signal);
        const size = await Deno.stat(output).then((info) => info.size, () => 0);
        if (size === 0) throw fail("media.failed", { operator: "the run ended well but wrote nothing" });
      } catch (error) {
        await removeQuietly(output);
        throw nameInputFault(error);
      }
    },
    async turnOf(path) {
      return turnFilter((await lookAt(path)).orientation);
    },
  };
}

/** How many answers are kept; a long take asks about each piece a few times within seconds. */
const PROBES_KEPT = 256;

/** The same file is asked about once: starting a prober costs a tenth of a second. Failures are not kept. */
function rememberProbes(ask: Bench["probe"]): Bench["probe"] {
  const known = new Map<string, Probe>();
  return async (path, options) => {
    const key = await identityOf(path);
    const kept = key !== null && !options?.signal?.aborted && known.get(key);
    if (kept) return kept;
    const probe = await ask(path, options);
    if (key !== null && await identityOf(path) === key) known.set(key, probe);
    const [oldest] = known.keys();
    if (known.size > PROBES_KEPT && oldest !== undefined) known.delete(oldest);
    return probe;
  };
}

/** What tells a file's content from another's without reading it; it stays when the file is renamed. Null when it is not there. */
async function identityOf(path: string): Promise<string | null> {
  const info = await Deno.stat(path).catch(() => null);
  if (info === null) return null;
  const { dev, ino, size, mtime } = info;
  return [dev, ino ?? path, size, mtime?.getTime(), extname(path)].join(":");
}

export async function removeQuietly(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}

/** Frames of a file the studio made itself; its containers always tell. */
export async function countFrames(
  bench: Bench,
  { path, options }: { path: string; options?: RunOptions },
): Promise<number> {
  const frames = (await bench.probe(path, options)).video?.frames ?? null;
  if (frames === null) throw fail("media.failed", { operator: "the written file does not tell its frames" });
  return frames;
}

/** Files beside the output, with names of their own, that go when the work is over. */
export function createParts(output: string) {
  const made: string[] = [];
  const name = (ext: string) => {
    const path = `${output}.part${made.length}.${ext}`;
    made.push(path);
    return path;
  };
  return {
    name,
    async write(text: string) {
      const path = name("txt");
      await Deno.writeTextFile(path, text).catch((error) => {
        throw diskFault(error);
      });
      return path;
    },
    async clear() {
      for (const path of made) await removeQuietly(path);
    },
  };
}

function asUnreadable(error: unknown): unknown {
  const { code, operator } = problemOf(error);
  return code === "media.failed" ? fail("asset.unreadable", { operator }, error) : error;
}

const INPUT_FAULTS = /Invalid data found when processing input|moov atom not found|matches no streams/;

/** A file that cannot be decoded is the file's fault, not the run's. */
function nameInputFault(error: unknown): unknown {
  const { code, operator = "" } = problemOf(error);
  return code === "media.failed" && INPUT_FAULTS.test(operator) ? asUnreadable(error) : error;
}
