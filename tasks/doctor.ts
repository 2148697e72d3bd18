/** `deno task doctor`: looks at everything the studio needs, changes nothing, and says what to do about what is wrong. */
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { readConfig } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import { examine } from "@/studio/doctor/mod.ts";

const MARKS = { ok: "ok  ", note: "note", bad: "BAD " };

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
  const findings: Finding[] = config.ok ? await examine(config.value) : config.problem.map((found) => ({
    part: "settings",
    state: "bad",
    text: found.message,
    remedy: "Correct these variables; README.md, Settings, says what each may be.",
  }));
  await Deno.stdout.write(new TextEncoder().encode(printFindings(findings)));
  return findings.some(({ state }) => state === "bad") ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
