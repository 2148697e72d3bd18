/** The draft renderer as a process of its own: `deno task draft --port 8188 --dir data/draft`. */
import { parseArgs } from "node:util";
import { v4, v7 } from "uuid";
import type { Clock, Ids, Log } from "@/core/ports.ts";
import { openMedia } from "@/adapters/media/mod.ts";
import { draftNodes } from "./nodes/mod.ts";
import { startDraft } from "./server.ts";
import { isVersion, VERSIONS } from "./versions.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8188" },
    host: { type: "string", default: "127.0.0.1" },
    dir: { type: "string", default: "data/draft" },
    version: { type: "string", default: "0.33.0" },
    "step-ms": { type: "string", default: "50" },
  },
});

const write = (level: string): Log["info"] => (text, fields) =>
  Deno.stderr.writeSync(new TextEncoder().encode(`${JSON.stringify({ level, text, ...fields })}\n`));
const log: Log = { debug: () => {}, info: write("info"), warn: write("warn"), error: write("error") };

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => (clearTimeout(timer), reject(signal?.reason));
      const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), resolve()), ms);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

const ids: Ids = {
  uuid7: () => v7(),
  uuid4: () => v4(),
  token: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url" }),
};

if (!isVersion(values.version)) throw new Error(`--version must be one of ${VERSIONS.join(", ")}`);
const draft = await startDraft({
  port: Number(values.port),
  hostname: values.host,
  dir: values.dir,
  version: values.version,
  stepMs: Number(values["step-ms"]),
  library: draftNodes,
  media: await openMedia({ choice: "auto", ffmpegPath: "", log, clock }),
  log,
  clock,
  ids,
});
Deno.stdout.writeSync(new TextEncoder().encode(`draft renderer ready ${draft.url}\n`));
const stop = () => void draft.close().then(() => Deno.exit(0));
for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, stop);
