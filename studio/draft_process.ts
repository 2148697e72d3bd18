/** The draft renderer as a process of its own, started with the studio and ended with it. */
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
  /** Milliseconds of one sampler step; the draft renderer's own default without it. */
  stepMs?: number;
}

const READY = /draft renderer ready (http:\/\/\S+)/;
const START_LIMIT_MS = 60_000;

/** Throws comfy.unreachable when it does not come up. */
export async function startDraftProcess(options: DraftOptions): Promise<DraftProcess> {
  const script = new URL("../draft/main.ts", import.meta.url);
  const args = [
    "run",
    "-A",
    "--no-check",
    script.href,
    "--port",
    String(options.port),
    "--dir",
    options.dir,
    "--tied",
  ];
  if (options.stepMs !== undefined) args.push("--step-ms", String(options.stepMs));
  const child = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  })
    .spawn();
  const limit = new AbortController();
  const late = options.clock.sleep(START_LIMIT_MS, limit.signal).then(() => null, () => null);
  const found = readUrl(child.stdout);
  const url = await Promise.race([found.url, late, child.status.then(() => null)]);
  limit.abort();
  if (url === null) {
    end(child);
    throw fail("comfy.unreachable", { operator: "The draft renderer did not start." });
  }
  options.log.info("draft renderer started", { url, pid: child.pid });
  return {
    url,
    async stop() {
      end(child);
      await child.status;
      await found.over;
    },
  };
}

function readUrl(stdout: ReadableStream<Uint8Array>): { url: Promise<string | null>; over: Promise<void> } {
  let tell: (url: string | null) => void = () => {};
  const url = new Promise<string | null>((resolve) => tell = resolve);
  const over = (async () => {
    const decoder = new TextDecoder();
    let said = "";
    for await (const chunk of stdout) {
      said = (said + decoder.decode(chunk, { stream: true })).slice(-4096);
      const match = READY.exec(said);
      if (match?.[1] && said.includes("\n", match.index)) tell(match[1]);
    }
    tell(null);
  })();
  return { url, over };
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch { /* It has ended already. */ }
}
