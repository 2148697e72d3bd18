/** Restarts a part of the engine that failed (one for one), and gives up when it fails too often. */
import type { Clock, Log } from "@/core/ports.ts";
import { type Problem, problemOf } from "@/core/problem.ts";
import type { FailureWindow } from "./failures.ts";

const PAUSE_MAX_MS = 30_000;
/** A part that ran this long starts its pauses anew. */
const HEALTHY_MS = 60_000;

export interface RestartParts {
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  failures: FailureWindow;
  onFatal(part: string, problem: Problem): void;
}

/** Resolves when the signal ends the part or the part was given up; never rejects. */
export async function keepRunning(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  parts: RestartParts,
): Promise<void> {
  const { clock, log, signal, failures, onFatal } = parts;
  let restarts = 0;
  let inARow = 0;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    try {
      await run(signal);
    } catch (thrown) {
      const found = problemOf(thrown);
      restarts += 1;
      inARow = clock.monotonic() - startedAt > HEALTHY_MS ? 1 : inARow + 1;
      log.error("part failed", {
        part: name,
        restarts,
        code: found.code,
        error: found.operator ?? found.message,
      });
      // What passes by itself (a busy database, a full disk) is waited out for as long as it takes.
      const isOurs = found.retry !== "later";
      if (isOurs && failures.add(name, String(restarts), clock.monotonic())) return onFatal(name, found);
      const pauseMs = Math.min(PAUSE_MAX_MS, 100 * 2 ** Math.min(inARow, 10));
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }
}
