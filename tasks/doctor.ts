/** `deno task doctor`: looks at everything the studio needs, changes nothing, and says what to do about what is wrong. */
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { type Config, readConfig } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import { examine } from "@/studio/doctor/mod.ts";

const MARKS = { ok: "ok  ", note: "note", bad: "BAD " };

const REPLY_LIMIT_MS = 6000;

/** A studio that runs already answers for itself. */
async function examineStudio(config: Config): Promise<Finding> {
  const part = "studio";
  const host = config.HOST === "0.0.0.0" || config.HOST === "::" ? "127.0.0.1" : config.HOST;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${config.PORT}`;
  try {
    const reply = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(REPLY_LIMIT_MS) });
    const health = await reply.json();
    if (typeof health?.status !== "string") throw new Error("it is no Animatrix");
    const state = health.status === "ok" ? "ok" : "note";
    return { part, state, text: `runs at ${url}, says that it is ${health.status}` };
  } catch {
    return { part, state: "ok", text: `does not run at ${url}` };
  }
}

/** One line per finding; the remedy stands below it. */
export function printFindings(findings: Finding[]): string {
  const lines = findings.flatMap(({ part, state, text, remedy }) => [
    `${MARKS[state]}  ${part}: ${text}`,
    ...(remedy === undefined ? [] : [`      ${remedy}`]),
  ]);
  const bad = findings.filter(({ state }) => state === "bad").length;
  const verdict = bad === 0 ? "Everything that is needed works." : `${bad} things need attention.`;
  return `${lines.join("\n")}\n\n${bad === 1 ? "One thing needs attention." : verdict}\n`;
}

async function main(): Promise<number> {
  loadEnvFile();
  const config = readConfig(Deno.env.toObject());
  const findings: Finding[] = config.ok
    ? [await examineStudio(config.value), ...await examine(config.value)]
    : config.problem.map((found) => ({
      part: "settings",
      state: "bad",
      text: found.message,
      remedy: "Correct these variables; README.md, Settings, says what each may be.",
    }));
  await Deno.stdout.write(new TextEncoder().encode(printFindings(findings)));
  return findings.some(({ state }) => state === "bad") ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
