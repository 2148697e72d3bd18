/** `deno task dev`: the studio, begun anew whenever a source file changes, with one draft renderer that stays; open pages reload. */
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { openLog } from "@/adapters/system/log.ts";
import type { Clock, Log } from "@/core/ports.ts";
import { configure } from "./main.ts";
import { startDraftProcess } from "./studio/draft_process.ts";

const WATCHED = [
  "actors",
  "adapters",
  "api",
  "components",
  "core",
  "db",
  "islands",
  "lib",
  "routes",
  "static",
  "studio",
  "workflows",
  "main.ts",
];
/** Editors write a file in several steps; one reload is enough for them. */
const SETTLE_MS = 150;
/** A studio that has not ended by then is killed, which it survives as it survives any crash. */
const END_LIMIT_MS = 12_000;
const OPEN = /Animatrix is open at http:\/\/\S+:(\d+)/;

export interface DevOptions {
  /** Folder of the sources. */
  root: string;
  log: Log;
  clock: Clock;
  signal: AbortSignal;
  /** Told of every line that the studio prints. */
  onLine(line: string): void;
}

interface Child {
  process: Deno.ChildProcess;
  /** Resolves when it has ended and its output is read. */
  over: Promise<void>;
}

/** Keeps a studio running until the signal; what it was doing when a file changed goes on in the next one. */
export async function develop(options: DevOptions): Promise<void> {
  const { root, clock, log, signal } = options;
  const config = configure();
  const draft = config.DRAFT_URL === ""
    ? await startDraftProcess({
      port: config.DRAFT_PORT,
      dir: `${config.DATA_DIR}/draft`,
      ffmpeg: config.MEDIA_ENGINE === "wasm" ? null : config.FFMPEG_PATH,
      log,
      clock,
    })
    : null;
  const env: Record<string, string> = {
    PORT: String(config.PORT),
    ...(draft ? { DRAFT_URL: draft.url } : {}),
  };
  // The port that was found free at first stays, so that open pages find the studio again.
  const onLine = (line: string) => {
    env.PORT = OPEN.exec(line)?.[1] ?? env.PORT ?? "";
    options.onLine(line);
  };
  const changes = watchSources(root, { clock, signal });
  let child = startStudio(root, env, onLine);
  try {
    for await (const path of changes) {
      log.info("sources changed, starting anew", { path });
      await endStudio(child, clock);
      child = startStudio(root, env, onLine);
    }
  } finally {
    await endStudio(child, clock);
    await draft?.stop();
  }
}

function startStudio(root: string, env: Record<string, string>, onLine: (line: string) => void): Child {
  const permissions = ["net", "env", "read", "write", "run", "sys"].map((name) => `--allow-${name}`);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "--preload", `${root}/lib/fresh/development.ts`, `${root}/main.ts`],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    // A group of its own: Ctrl-C in the terminal reaches the studio once, through this process.
    detached: true,
  }).spawn();
  return { process, over: Promise.all([process.status, readLines(process.stdout, onLine)]).then(() => {}) };
}

async function readLines(stdout: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
}

async function endStudio({ process, over }: Child, clock: Clock): Promise<void> {
  const tell = (signal: Deno.Signal) => {
    try {
      process.kill(signal);
    } catch { /* It has ended already. */ }
  };
  tell("SIGTERM");
  const limit = new AbortController();
  void clock.sleep(END_LIMIT_MS, limit.signal).then(() => tell("SIGKILL"), () => {});
  await over;
  limit.abort();
}

/** Yields a changed path each time the sources have changed and come to rest. */
async function* watchSources(
  root: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<string> {
  const there = WATCHED.map((name) => `${root}/${name}`).filter((path) => {
    try {
      return Deno.statSync(path) !== null;
    } catch {
      return false;
    }
  });
  const watcher = Deno.watchFs(there);
  let changed: string | null = null;
  let wake = () => {};
  const stop = () => watcher.close();
  signal.addEventListener("abort", stop, { once: true });
  const reading = (async () => {
    for await (const event of watcher) {
      if (event.kind === "access" || event.kind === "other") continue;
      changed = event.paths[0] ?? root;
      wake();
    }
  })();
  try {
    while (!signal.aborted) {
      const next = new Promise<void>((resolve) => wake = resolve);
      if (changed === null) await Promise.race([next, reading]);
      if (signal.aborted) return;
      await clock.sleep(SETTLE_MS, signal).catch(() => {});
      const path = changed;
      changed = null;
      if (path !== null && !signal.aborted) yield path;
    }
  } finally {
    if (!signal.aborted) stop();
    await reading;
  }
}

if (import.meta.main) {
  loadEnvFile();
  const clock = systemClock();
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => ending.abort());
  const log = openLog({ level: "info", format: Deno.stderr.isTerminal() ? "pretty" : "json", clock });
  const onLine = (line: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  await develop({ root: import.meta.dirname ?? ".", log, clock, signal: ending.signal, onLine });
  Deno.exit(0);
}
