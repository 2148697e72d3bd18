/** `deno task doctor`: looks at everything the studio needs, changes nothing, and says what to do about what is wrong. */
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { systemRandom } from "@/adapters/system/random.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { readShelf } from "@/adapters/workflows/own.ts";
import { type Config, readConfig } from "@/core/config.ts";
import type { Log } from "@/core/ports.ts";
import type { Template } from "@/core/template.ts";
import { listSupplies } from "@/core/workflow/mod.ts";
import { newest } from "@/core/workflow/versions.ts";
import { ownFolder } from "@/studio/places.ts";
import { readRecorded, SHIPPED } from "@/studio/templates.ts";
import { examineBackends } from "./doctor/backends.ts";
import { examineBuckets } from "./doctor/buckets.ts";
import { examineHouse } from "./doctor/house.ts";

/** `bad` is needed and broken; `note` is worth knowing. */
export interface Finding {
  part: string;
  state: "ok" | "note" | "bad";
  text: string;
  /** What to do about it. */
  remedy?: string;
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const MARKS = { ok: "ok  ", note: "note", bad: "BAD " };

/** Everything in the order in which a start would need it. */
export async function examine(config: Config): Promise<Finding[]> {
  const clock = systemClock();
  const { templates, definitions, findings } = await examineTemplates(config);
  const comfy = {
    clock,
    ids: systemIds(),
    random: systemRandom,
    log: silent,
    templates,
    recorded: definitions,
  };
  return [
    ...await examineHouse(config, clock),
    ...await examineBuckets(config),
    ...findings,
    ...await examineBackends(config, comfy),
    ...listModels(templates),
  ];
}

async function examineTemplates(config: Config) {
  const folders = { shipped: SHIPPED, own: ownFolder(config) };
  const { templates: all, faults, definitions } = await readShelf(folders, await readRecorded(), sha256);
  const templates = newest(all);
  const findings = [
    ...templates.map(({ manifest: { id, version, state, requires } }): Finding => ({
      part: `template ${id}`,
      state: "ok",
      text:
        `version ${version}, ${state}, needs ComfyUI ${requires.comfyui} and ${requires.vramGb} GB of VRAM`,
    })),
    ...faults.map((fault): Finding => ({
      part: `template ${fault.detail?.template ?? ""}`.trim(),
      state: "bad",
      text: fault.operator ?? fault.message,
      remedy: "Correct the folder below workflows/ or TEMPLATES_DIR, or take it away; the others work.",
    })),
  ];
  return { templates, definitions, findings };
}

/** What an operator supplies for a real render server: the list of the templates' READMEs. */
function listModels(templates: Template[]): Finding[] {
  return listSupplies(templates).map((model) => ({
    part: "model file",
    state: "note",
    text: `models/${model.folder}/${model.file} (${
      model.sizeGb === null ? "size not established" : `${model.sizeGb} GB`
    }, ${model.licence}) for ${model.templates.join(", ")}`,
    remedy: `From ${model.source}. Only real render servers need it.`,
  }));
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
