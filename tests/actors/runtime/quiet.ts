/** What tests of the runtime share: a log that keeps its lines, a hash, and a way to wait for a condition. */
import { createHash } from "node:crypto";
import type { Fields, Hash, Log } from "@/core/ports.ts";

export const hash: Hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

export interface KeptLog extends Log {
  lines: { level: string; text: string; fields?: Fields }[];
}

export function keepLog(): KeptLog {
  const lines: KeptLog["lines"] = [];
  const say = (level: string) => (text: string, fields?: Fields) => {
    lines.push({ level, text, fields });
  };
  return { lines, debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

/** Waits in real time until the condition holds; fails loudly when it never does. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 90_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`The condition did not hold within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
