/** Opens the media engine: native ffmpeg where it can do everything, the wasm core otherwise. */
import type { Clock, Log, Media } from "@/core/ports.ts";
import { checkNative, type Finding } from "./capabilities.ts";
import type { Engine } from "./engine.ts";
import { createGate } from "./gate.ts";
import { createMedia } from "./media.ts";
import { createNativeEngine } from "./native.ts";
import { createWasmEngine, WASM_VERSION } from "./wasm.ts";

export interface MediaOptions {
  choice: "auto" | "native" | "wasm";
  /** Path of ffmpeg, or empty for the one in PATH; ffprobe is looked for beside it. */
  ffmpegPath: string;
  log: Log;
  clock: Clock;
  /** Runs at a time; without it one less than the number of processors. */
  concurrency?: number;
  /** Folder for raw pictures and samples of the wasm engine; without it the system's folder for temporary files. */
  scratchRoot?: string;
}

/** Throws studio.config when native is demanded and cannot be used. */
export async function openMedia(options: MediaOptions): Promise<Media> {
  const { clock, log } = options;
  const finding = options.choice === "wasm" ? null : await findNative(options.ffmpegPath, clock);
  const wasm = createWasmEngine({
    clock,
    scratchPath: () => Deno.makeTempFileSync({ dir: options.scratchRoot, suffix: ".raw" }),
  });
  const engine = chooseEngine(options, { finding, wasm });
  log.info("media engine chosen", { engine: engine.kind, version: engine.version });
  const toneEngine = engine.kind === "native" && finding?.ok === true && !finding.toneMap ? wasm : engine;
  const width = options.concurrency ?? Math.max(1, navigator.hardwareConcurrency - 1);
  return createMedia({ engine, toneEngine, gate: createGate(width), log });
}

/** Which engine would be used and why, in plain words, for the doctor and the admin pages. */
export async function describeMedia(
  { choice, ffmpegPath, clock }: Pick<MediaOptions, "choice" | "ffmpegPath" | "clock">,
): Promise<{ engine: "native" | "wasm" | null; version: string; reason: string }> {
  const wasm = { engine: "wasm" as const, version: WASM_VERSION };
  if (choice === "wasm") return { ...wasm, reason: "The wasm engine is set." };
  const finding = await checkNative(ffmpegPath, clock);
  if (finding.ok) {
    const tone = finding.toneMap
      ? ""
      : " HDR clips are converted by the wasm engine, as this build has no zscale.";
    return {
      engine: "native",
      version: finding.version,
      reason: `${finding.paths.ffmpeg} can do everything needed.${tone}`,
    };
  }
  if (choice === "native") return { engine: null, version: "", reason: finding.reason };
  return {
    ...wasm,
    reason: `${finding.reason} The built-in wasm engine is used; it is about 5 to 10 times slower.`,
  };
}

const found = new Map<string, Finding>();

/** A program that can do everything is asked about it once in a process. */
async function findNative(ffmpegPath: string, clock: Clock): Promise<Finding> {
  const finding = found.get(ffmpegPath) ?? await checkNative(ffmpegPath, clock);
  if (finding.ok) found.set(ffmpegPath, finding);
  return finding;
}

function chooseEngine(options: MediaOptions, found: { finding: Finding | null; wasm: Engine }): Engine {
  const { finding, wasm } = found;
  if (finding === null) return wasm;
  if (finding.ok) {
    return createNativeEngine({ paths: finding.paths, version: finding.version, clock: options.clock });
  }
  if (options.choice === "native") throw finding.error;
  options.log.warn("native ffmpeg cannot be used, the wasm engine is slower", { reason: finding.reason });
  return wasm;
}
