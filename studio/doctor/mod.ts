/** What the studio needs, looked at without changing anything: for `deno task doctor` and for a report of a fault. */
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { systemRandom } from "@/adapters/system/random.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { readShelf } from "@/adapters/workflows/own.ts";
import type { Config } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import type { Log } from "@/core/ports.ts";
import type { Template } from "@/core/template.ts";
import { listSupplies } from "@/core/workflow/mod.ts";
import { newest } from "@/core/workflow/versions.ts";
import { ownFolder } from "../places.ts";
import { readRecorded, SHIPPED } from "../templates.ts";
import { examineBackends } from "./backends.ts";
import { examineBuckets } from "./buckets.ts";
import { examineHouse } from "./house.ts";
import { readState } from "./stored.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Everything in the order in which a start would need it. */
export async function examine(given: Config): Promise<Finding[]> {
  const clock = systemClock();
  const state = await readState(given, { clock, log: silent });
  const { config } = state;
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
    ...state.findings,
    ...findings,
    ...await examineBackends(state, comfy),
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
