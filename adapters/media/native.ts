/** The native engine: ffmpeg and ffprobe as child processes. */
import { fail } from "@/core/problem.ts";
import type { Clock, RunOptions } from "@/core/ports.ts";
import { createProgressReader, type Engine, failureOf, LogTail, RUN_PREFIX, watchRun } from "./engine.ts";

export interface NativePaths {
  ffmpeg: string;
  ffprobe: string;
}

/** `paths` must have passed the capability check; nothing is started here. */
export function createNativeEngine(
  { paths, version, clock }: { paths: NativePaths; version: string; clock: Clock },
): Engine {
  return {
    kind: "native",
    version,
    async run(args, options = {}) {
      const child = start(paths.ffmpeg, [...RUN_PREFIX, ...args], "null");
      const onLine = createProgressReader(options.onProgress);
      const { log } = await finish(child, {
        options,
        clock,
        what: "ffmpeg",
        out: readLines(child.stdout, onLine),
      });
      return { log };
    },
    async probe(args, options = {}) {
      const child = start(paths.ffprobe, args, "null");
      let text = "";
      const out = readText(child.stdout, (part) => text += part);
      await finish(child, { options, clock, what: "ffprobe", out });
      return text;
    },
    read: (args, options = {}) => readRaw({ command: paths.ffmpeg, args: args("pipe:1"), clock, options }),
    async write(args, content, options = {}) {
      const child = start(paths.ffmpeg, [
        ...RUN_PREFIX.filter((arg) => arg !== "-nostdin"),
        ...args("pipe:0"),
      ], "piped");
      const feed = feedInput(child, content);
      const onLine = createProgressReader(options.onProgress);
      const out = readLines(child.stdout, onLine);
      // A source that throws must end the process; ffmpeg's own failure only breaks the pipe and is told by its log.
      feed.catch(() => kill(child));
      const [fed, ran] = await Promise.allSettled([
        feed,
        finish(child, { options, clock, what: "ffmpeg", out }),
      ]);
      if (fed.status === "rejected") {
        throw ran.status === "rejected" && options.signal?.aborted ? ran.reason : fed.reason;
      }
      if (ran.status === "rejected") throw ran.reason;
    },
  };
}

function start(command: string, args: string[], stdin: "null" | "piped"): Deno.ChildProcess {
  try {
    return new Deno.Command(command, { args, stdin, stdout: "piped", stderr: "piped" }).spawn();
  } catch (error) {
    throw fail("media.failed", { operator: `cannot start ${command}` }, error);
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // The process has ended already.
  }
}

/** Waits for the end of the process and of its streams; throws when it failed or was stopped. */
async function finish(
  child: Deno.ChildProcess,
  run: { options: RunOptions; clock: Clock; what: string; out: Promise<void> },
): Promise<{ log: string[] }> {
  const tail = new LogTail();
  const watch = watchRun(run.options, { clock: run.clock, stop: () => kill(child) });
  try {
    const [status] = await Promise.all([
      child.status,
      run.out,
      readLines(child.stderr, (line) => tail.add(line)),
    ]);
    const stopped = watch.reason();
    if (stopped !== null) throw stopped;
    if (!status.success) {
      throw failureOf(tail.lines(), `${run.what} ended with ${status.signal ?? status.code}`);
    }
    return { log: tail.lines() };
  } finally {
    watch.end();
  }
}

async function* readRaw(
  run: { command: string; args: string[]; clock: Clock; options: RunOptions },
): AsyncGenerator<Uint8Array> {
  const child = start(run.command, ["-hide_banner", "-nostdin", "-nostats", ...run.args], "null");
  let outEnded = () => {};
  const out = new Promise<void>((resolve) => outEnded = resolve);
  const done = finish(child, { options: run.options, clock: run.clock, what: "ffmpeg", out });
  // The failure is thrown below, after the last bytes; until then it must not count as unhandled.
  done.catch(() => {});
  let complete = false;
  try {
    for await (const chunk of child.stdout) yield chunk;
    complete = true;
  } finally {
    if (!complete) kill(child);
    outEnded();
    if (!complete) await done.catch(() => {});
  }
  await done;
}

async function feedInput(child: Deno.ChildProcess, content: AsyncIterable<Uint8Array>): Promise<void> {
  const writer = child.stdin.getWriter();
  let open = true;
  child.status.then(() => open = false);
  try {
    for await (const chunk of content) {
      try {
        await writer.write(chunk);
      } catch {
        open = false;
      }
      // ffmpeg may end by itself once it has all the frames it was asked for.
      if (!open) break;
    }
  } finally {
    await writer.close().catch(() => {});
  }
}

async function readText(stream: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) onText(decoder.decode(chunk, { stream: true }));
  onText(decoder.decode());
}

/** Calls `onLine` for each line; carriage returns of status lines count as ends of lines. */
async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  let rest = "";
  await readText(stream, (text) => {
    const lines = (rest + text).split(/\r\n|\r|\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  if (rest !== "") onLine(rest);
}
