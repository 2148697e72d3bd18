/** Studios and a draft renderer as processes of their own, to be killed, stopped and started again. */
import { configFor } from "@/tests/rig/rig.ts";

const ROOT = new URL("../../", import.meta.url);
const START_LIMIT_MS = 60_000;

export interface Process {
  url: string;
  pid: number;
  signal(name: Deno.Signal): void;
  /** Resolves when the process is gone and its last words are read. */
  gone: Promise<void>;
}

interface Spawned {
  script: string;
  args?: string[];
  env?: Record<string, string>;
  /** Its first group is the address. */
  ready: RegExp;
  onLine?: (line: string) => void;
}

async function spawn({ script, args = [], env = {}, ready, onLine }: Spawned): Promise<Process> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL(script, ROOT).href, ...args],
    cwd: ROOT,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said: string[] = [];
  const found = Promise.withResolvers<string>();
  const hear = (line: string) => {
    said.push(line);
    if (said.length > 40) said.shift();
    const url = ready.exec(line)?.[1];
    if (url !== undefined) found.resolve(url);
    onLine?.(line);
  };
  const read = Promise.all([readLines(child.stdout, hear), readLines(child.stderr, hear)]);
  const gone = Promise.all([child.status, read]).then(() => {});
  const limit = setTimeout(
    () => found.reject(new Error(`${script} does not start:\n${said.join("\n")}`)),
    START_LIMIT_MS,
  );
  void gone.then(() => found.reject(new Error(`${script} ended:\n${said.join("\n")}`)));
  try {
    const url = await found.promise;
    return { url, pid: child.pid, signal: (name) => child.kill(name), gone };
  } catch (thrown) {
    try {
      child.kill("SIGKILL");
    } catch { /* It has ended already. */ }
    await gone;
    throw thrown;
  } finally {
    clearTimeout(limit);
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, hear: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
  }
  if (rest !== "") hear(rest);
}

/** `accepted` gets the id of each prompt that is taken, once per POST. */
export function startDraftRenderer(
  dir: string,
  { stepMs, accepted }: { stepMs: number; accepted: string[] },
): Promise<Process> {
  return spawn({
    script: "draft/main.ts",
    args: ["--port", "0", "--dir", dir, "--step-ms", String(stepMs)],
    env: { LOG_LEVEL: "debug" },
    ready: /draft renderer ready (http:\/\/\S+)/,
    onLine(line) {
      if (!line.includes('"prompt accepted"')) return;
      const id = /"prompt":"([^"]+)"/.exec(line)?.[1];
      if (id !== undefined) accepted.push(id);
    },
  });
}

export function startStudio(dir: string, env: Record<string, string>): Promise<Process> {
  // Judged here as well, so that a mistake in a test is told by its own words.
  configFor(dir, env);
  return spawn({
    script: "main.ts",
    env: { DATA_DIR: dir, PORT: "0", DISK_MIN_GB: "0", LOG_LEVEL: "error", RETRY_BASE_MS: "200", ...env },
    ready: /Animatrix is open at (http:\/\/\S+)/,
  });
}
