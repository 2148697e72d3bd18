/** One ffmpeg run inside a Worker: the core is synchronous, so it would stop the server anywhere else. */
import { z } from "zod";
import { type Fs, mountHostFiles } from "./host_files.ts";
import { WasmJob, type WasmNews } from "./wasm_messages.ts";

interface Core {
  FS: Fs & {
    readFile(path: string, options: { encoding: "utf8" }): string;
    writeFile(path: string, text: string): void;
  };
  HEAPU8: Uint8Array;
  exec(...args: string[]): number;
  ffprobe(...args: string[]): number;
  setLogger(logger: (line: { type: string; message: string }) => void): void;
  setTimeout(ms: number): void;
}

type Ready = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;
type MakeCore = (options: {
  instantiateWasm: (imports: WebAssembly.Imports, ready: Ready) => Record<string, never>;
}) => Promise<Core>;

/** The package ships no types; its default export is this one function. */
const CoreModule = z.looseObject({ default: z.custom<MakeCore>((value) => typeof value === "function") });

/** Where ffprobe leaves its answer: in memory, since the core's return code says nothing about success. */
const ANSWER = "/answer.json";

self.addEventListener("message", (event) => {
  work(WasmJob.parse(event.data)).catch((error) => tell({ type: "failed", message: String(error) }));
});

function tell(news: WasmNews): void {
  self.postMessage(news);
}

async function work(job: WasmJob): Promise<void> {
  const { default: makeCore } = CoreModule.parse(await import(job.coreUrl));
  const core = await makeCore({
    instantiateWasm: (imports, ready) => {
      WebAssembly.instantiate(job.module, imports).then((instance) => ready(instance, job.module));
      return {};
    },
  });
  core.setLogger(({ type, message }) => tell({ type: type === "stdout" ? "out" : "log", line: message }));
  // It has to be there before other paths become this machine's.
  core.FS.writeFile(ANSWER, "");
  mountHostFiles(core.FS);
  if (job.program === "ffprobe") {
    core.ffprobe(...job.args, "-o", ANSWER);
    tell({ type: "done", code: 0, text: readAnswer(core), heapBytes: core.HEAPU8.length });
  } else {
    core.setTimeout(-1);
    const code = core.exec(...job.args);
    tell({ type: "done", code, text: "", heapBytes: core.HEAPU8.length });
  }
}

function readAnswer(core: Core): string {
  try {
    return core.FS.readFile(ANSWER, { encoding: "utf8" });
  } catch {
    return "";
  }
}
