/** The draft renderer as a process of its own, started with the studio, begun anew if it dies, and ended with it. */
import { fileURLToPath } from "node:url";
import { fail } from "@/core/problem.ts";
import type { Clock, Log } from "@/core/ports.ts";

export interface DraftProcess {
  url: string;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
}

export interface DraftOptions {
  port: number;
  dir: string;
  log: Log;
  clock: Clock;
  /** The ffmpeg that it may start, empty for the one in PATH; null where the studio itself does without. */
  ffmpeg: string | null;
  /** Milliseconds of one sampler step; the draft renderer's own default without it. */
  stepMs?: number;
  /** What stands in for `draft/main.ts`, for tests. */
  script?: URL;
}

const READY = /draft renderer ready (http:\/\/\S+)\n/;
const START_LIMIT_MS = 60_000;
const RESPAWN_MAX_MS = 30_000;

/** Throws comfy.unreachable when it does not come up the first time. */
export async function startDraftProcess(options: DraftOptions): Promise<DraftProcess> {
  const { log, clock } = options;
  const stopping = new AbortController();
  let current = spawn(options, options.port);
  const url = await waitReady(current, clock);
  if (url === null) {
    await end(current);
    throw fail("comfy.unreachable", { operator: "The draft renderer did not start." });
  }
  log.info("draft renderer started", { url, pid: current.child.pid });
  const port = Number(new URL(url).port);
  const watching = (async () => {
    for (let deaths = 0;; deaths++) {
      await current.child.status;
      if (stopping.signal.aborted) return;
      await current.child.stdin.close().catch(() => undefined);
      const delayMs = Math.min(RESPAWN_MAX_MS, 250 * 2 ** deaths);
      log.warn("draft renderer ended, it begins anew", { deaths: deaths + 1, delayMs });
      await clock.sleep(delayMs, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      // The same address, so that its row and its clients stay right.
      current = spawn(options, port);
      if (await waitReady(current, clock) !== null) deaths = 0;
    }
  })();
  return {
    url,
    async stop() {
      stopping.abort();
      await end(current);
      await watching;
    },
  };
}

interface Spawned {
  child: Deno.ChildProcess;
  /** Its address, or null when it ended without one. */
  url: Promise<string | null>;
  over: Promise<void>;
}

/** What the renderer reads besides its own folder: its code, node definitions and the wasm engine. */
const SOURCES = ["draft", "adapters", "core", "node_modules"];

/**
 * Its own folder, the sources, this machine's ffmpeg and a port on this machine: no database, no keys, no secrets, no
 * other network.
 */
function permissions({ dir, ffmpeg }: Pick<DraftOptions, "dir" | "ffmpeg">): string[] {
  const sources = SOURCES.map((name) => fileURLToPath(new URL(`../${name}`, import.meta.url)));
  const list = (items: string[]) => items.map((item) => item.replaceAll(",", ",,")).join(",");
  const program = ffmpeg || "ffmpeg";
  const programs = [program, program.replace(/ffmpeg(\.exe)?$/, "ffprobe$1")];
  return [
    "--no-prompt",
    "--allow-net=127.0.0.1",
    `--allow-read=${list([dir, ...sources])}`,
    `--allow-write=${list([dir])}`,
    "--allow-env=LOG_LEVEL,MEDIA_ENGINE,FFMPEG_PATH",
    "--allow-sys=systemMemoryInfo",
    ...(ffmpeg === null ? [] : [`--allow-run=${list(programs)}`]),
  ];
}

function spawn({ dir, ffmpeg, stepMs, script }: DraftOptions, port: number): Spawned {
  const source = script ?? new URL("../draft/main.ts", import.meta.url);
  const own = ["--port", String(port), "--dir", dir, "--tied"];
  const args = ["run", ...permissions({ dir, ffmpeg }), "--no-check", source.href, ...own];
  if (stepMs !== undefined) args.push("--step-ms", String(stepMs));
  const command = new Deno.Command(Deno.execPath(), {
    args,
    // Without programs it need not look for any.
    env: ffmpeg === null ? { MEDIA_ENGINE: "wasm" } : {},
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  const child = command.spawn();
  let tell: (url: string | null) => void = () => {};
  const url = new Promise<string | null>((resolve) => tell = resolve);
  const over = (async () => {
    const decoder = new TextDecoder();
    let said = "";
    for await (const chunk of child.stdout) {
      said = (said + decoder.decode(chunk, { stream: true })).slice(-4096);
      const found = READY.exec(said)?.[1];
      if (found) tell(found);
    }
    tell(null);
  })();
  return { child, url, over };
}

async function waitReady({ url }: Spawned, clock: Clock): Promise<string | null> {
  const limit = new AbortController();
  const late = clock.sleep(START_LIMIT_MS, limit.signal).then(() => null, () => null);
  const found = await Promise.race([url, late]);
  limit.abort();
  return found;
}

async function end({ child, over }: Spawned): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch { /* It has ended already. */ }
  await child.status;
  await over;
  // Its input was kept open to tie its life to ours.
  await child.stdin.close().catch(() => undefined);
}
