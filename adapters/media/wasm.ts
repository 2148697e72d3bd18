/** The engine that is always there: the wasm core of FFmpeg 5.1, one Worker per run, files read and written in place. */
import { fail } from "@/core/problem.ts";
import type { Clock, RunOptions } from "@/core/ports.ts";
import {
  createProgressReader,
  diskFault,
  type Engine,
  failureOf,
  LogTail,
  RUN_PREFIX,
  watchRun,
} from "./engine.ts";
import { type WasmJob, WasmNews } from "./wasm_messages.ts";

/** Version of FFmpeg inside the core package; a test compares it with what the core says of itself. */
export const WASM_VERSION = "5.1.4";

/** The core itself adds `-nostdin -y`. */
const WASM_PREFIX = RUN_PREFIX.filter((arg) => arg !== "-nostdin" && arg !== "-y");

/** ffmpeg reports progress twice a second; a core that says nothing for so long has lost its way and would spin for ever. */
const SILENCE_MAX_MS = 300_000;

export interface WasmOptions {
  clock: Clock;
  /** Makes an empty file on local disk for raw pictures or samples on their way. */
  scratchPath: () => string;
  /** Told after each run how far the core's heap had grown. */
  onHeap?: (bytes: number) => void;
}

export function createWasmEngine({ clock, scratchPath, onHeap }: WasmOptions): Engine {
  const run: Engine["run"] = async (args, options = {}) => {
    const { log } = await runInWorker({ program: "ffmpeg", args: [...WASM_PREFIX, ...args] }, {
      clock,
      options,
      onHeap,
    });
    return { log };
  };
  return {
    kind: "wasm",
    version: WASM_VERSION,
    run,
    async probe(args, options = {}) {
      const { text, log } = await runInWorker({ program: "ffprobe", args }, {
        clock,
        options,
        onHeap,
      });
      if (text.trim() === "") throw failureOf(log, "ffprobe gave no answer");
      return text;
    },
    async *read(args, options = {}) {
      const path = scratchPath();
      try {
        await run(args(path), options);
        using file = await Deno.open(path);
        const buffer = new Uint8Array(1 << 20);
        for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
          yield buffer.slice(0, count);
        }
      } finally {
        await removeIfThere(path);
      }
    },
    async write(args, content, options = {}) {
      const path = scratchPath();
      try {
        await writeAll(path, { content, signal: options.signal });
        await run(args(path), options);
      } finally {
        await removeIfThere(path);
      }
    },
  };
}

let compiled: Promise<WebAssembly.Module> | null = null;

/** The compiled module is shared by all Workers: starting one takes about 0.1 s instead of 0.5 s, and hot code stays hot. */
function compileOnce(): Promise<WebAssembly.Module> {
  compiled ??= Deno.readFile(new URL(import.meta.resolve("@ffmpeg/core/wasm"))).then((bytes) =>
    WebAssembly.compile(bytes)
  );
  return compiled;
}

type Ended = Extract<WasmNews, { type: "done" | "failed" }>;

async function runInWorker(
  job: Pick<WasmJob, "program" | "args">,
  run: Pick<WasmOptions, "clock" | "onHeap"> & { options: RunOptions },
): Promise<{ text: string; log: string[] }> {
  const module = await compileOnce();
  if (run.options.signal?.aborted) throw fail("media.cancelled");
  const tail = new LogTail();
  const onLine = createProgressReader(run.options.onProgress);
  const { promise, resolve } = Promise.withResolvers<Ended | null>();
  const watch = watchRun(run.options, {
    clock: run.clock,
    stop: () => resolve(null),
    silenceMaxMs: SILENCE_MAX_MS,
  });
  const worker = new Worker(new URL("./wasm_worker.ts", import.meta.url), { type: "module" });
  worker.onerror = (event) => {
    event.preventDefault();
    resolve({ type: "failed", message: event.message });
  };
  worker.onmessage = (event) => {
    const news = WasmNews.parse(event.data);
    watch.alive();
    if (news.type === "log") tail.add(news.line);
    else if (news.type === "out") onLine(news.line);
    else resolve(news);
  };
  try {
    worker.postMessage({ coreUrl: import.meta.resolve("@ffmpeg/core"), module, ...job });
    const ended = await promise;
    if (ended === null) throw watch.reason();
    if (ended.type === "failed") throw failureOf([...tail.lines(), ended.message], `${job.program} crashed`);
    run.onHeap?.(ended.heapBytes);
    if (ended.code !== 0) throw failureOf(tail.lines(), `${job.program} ended with ${ended.code}`);
    return { text: ended.text, log: tail.lines() };
  } finally {
    watch.end();
    // The heap of a core never shrinks, so each run has its own Worker; ending it is also the only way to cancel.
    worker.terminate();
  }
}

async function writeAll(
  path: string,
  { content, signal }: { content: AsyncIterable<Uint8Array>; signal?: AbortSignal },
): Promise<void> {
  using file = await Deno.open(path, { write: true, truncate: true });
  for await (const chunk of content) {
    if (signal?.aborted) throw fail("media.cancelled");
    try {
      for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
    } catch (error) {
      throw diskFault(error);
    }
  }
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
