/** The draft renderer as a process of its own: `deno task draft --port 8188 --dir data/draft`. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { openLog } from "@/adapters/system/log.ts";
import { readConfig } from "@/core/config.ts";
import { draftNodes } from "./nodes/mod.ts";
import { startDraft } from "./server.ts";
import { isVersion, VERSIONS } from "./versions.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8188" },
      host: { type: "string", default: "127.0.0.1" },
      dir: { type: "string", default: "data/draft" },
      version: { type: "string", default: "0.33.0" },
      "step-ms": { type: "string", default: "50" },
      "load-ms": { type: "string", default: "0" },
      /** Ends when the process that started it is gone: its standard input closes then. */
      tied: { type: "boolean", default: false },
    },
  });
  // Only these: the studio starts this process without the right to read more.
  const names = ["LOG_LEVEL", "MEDIA_ENGINE", "FFMPEG_PATH"];
  const config = readConfig(Object.fromEntries(names.map((name) => [name, Deno.env.get(name)])));
  if (!config.ok) throw new Error(config.problem.map((found) => found.message).join("\n"));
  if (!isVersion(values.version)) throw new Error(`--version must be one of ${VERSIONS.join(", ")}`);
  const clock = systemClock();
  const log = openLog({ level: config.value.LOG_LEVEL, format: "json", clock });
  const { MEDIA_ENGINE: choice, FFMPEG_PATH: ffmpegPath } = config.value;
  const draft = await startDraft({
    port: Number(values.port),
    hostname: values.host,
    dir: values.dir,
    version: values.version,
    stepMs: Number(values["step-ms"]),
    loadMs: Number(values["load-ms"]),
    library: draftNodes,
    media: await openMedia({ choice, ffmpegPath, log, clock, scratchRoot: join(values.dir, "temp") }),
    log,
    clock,
    ids: systemIds(),
  });
  Deno.stdout.writeSync(new TextEncoder().encode(`draft renderer ready ${draft.url}\n`));
  const stop = () => void draft.close().then(() => Deno.exit(0));
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, stop);
  if (values.tied) void new Response(Deno.stdin.readable).arrayBuffer().finally(stop);
}

if (import.meta.main) await main();
