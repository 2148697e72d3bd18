/** The doctor's look at the render servers: version, memory, and what each lacks for each template. */
import { openComfy } from "@/adapters/comfy/client.ts";
import type { Config } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import type { Clock, Comfy, ComfyStatus, Ids, Log, Random } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { lacksOf, linesOf, type ServerFacts, standingFor, unlistedFiles, wantsOf } from "@/core/preflight.ts";
import { preflight as words } from "@/core/words/preflight.ts";
import { classesOf } from "@/core/workflow/mod.ts";

export interface BackendParts {
  clock: Clock;
  ids: Ids;
  random: Random;
  log: Log;
  templates: Template[];
  /** The node definitions that the templates were checked against. */
  recorded: Definitions;
}

const LIMIT_MS = 20_000;

export async function examineBackends(config: Config, parts: BackendParts): Promise<Finding[]> {
  const real = await Promise.all(
    config.COMFY_URLS.map((url) => examineServer(url, { ...parts, authHeader: config.COMFY_AUTH_HEADER })),
  );
  return [...real.flat(), ...await examineDraft(config, parts)];
}

async function examineDraft(config: Config, parts: BackendParts): Promise<Finding[]> {
  const part = "draft renderer";
  if (config.DRAFT_URL === "off") {
    if (config.COMFY_URLS.length > 0) return [{ part, state: "note", text: "switched off" }];
    const remedy = "Set COMFY_URLS, or leave DRAFT_URL empty.";
    return [{ part, state: "bad", text: "switched off, and there is no render server", remedy }];
  }
  if (config.DRAFT_URL !== "") return await examineServer(config.DRAFT_URL, { ...parts, authHeader: null });
  const only = config.COMFY_URLS.length === 0 ? "; COMFY_URLS is empty, so films are drafts" : "";
  return [{ part, state: "ok", text: `is started with the studio${only}` }];
}

type Server = BackendParts & { authHeader: Config["COMFY_AUTH_HEADER"] };

async function examineServer(url: string, { templates, recorded, ...options }: Server): Promise<Finding[]> {
  const part = `render server ${url}`;
  const signal = AbortSignal.timeout(LIMIT_MS);
  let comfy: Comfy | null = null;
  try {
    comfy = openComfy({ id: url, url, ...options });
    const status = await comfy.status(signal);
    const definitions = await comfy.definitions([...new Set(templates.flatMap(classesOf))], { signal });
    const facts = { definitions, vramBytes: status.vramTotal };
    return [
      describeStatus(part, status),
      ...templates.flatMap((template) => examineTemplate(template, { url, recorded, facts })),
    ];
  } catch (thrown) {
    const found = problemOf(thrown);
    const remedy = "Start ComfyUI there, or correct COMFY_URLS and COMFY_AUTH_HEADER. Jobs wait meanwhile.";
    return [{ part, state: "bad", text: found.operator ?? found.message, remedy }];
  } finally {
    await comfy?.close();
  }
}

const inGb = (bytes: number | null) => bytes === null ? "unknown" : `${(bytes / 1e9).toFixed(1)} GB`;

function describeStatus(part: string, status: ComfyStatus): Finding {
  const { version, device, vramTotal, vramFree, queueRunning, queuePending, stuck } = status;
  const text = `ComfyUI ${version} on ${device}, VRAM ${inGb(vramTotal)} of which ${inGb(vramFree)} free, ` +
    `${queueRunning} running, ${queuePending} waiting`;
  if (!stuck) return { part, state: "ok", text };
  return {
    part,
    state: "bad",
    text: `${text}; it is stuck`,
    remedy: "Restart this ComfyUI; no job is lost.",
  };
}

/** Everything that this server lacks for a template at once. What only some answers need is worth knowing. */
function examineTemplate(
  template: Template,
  { url, recorded, facts }: { url: string; recorded: Definitions; facts: ServerFacts },
): Finding[] {
  const { manifest } = template;
  const part = `${manifest.id} on ${url}`;
  const wants = wantsOf(template, recorded);
  const state = standingFor(wants, facts) === "poor" ? "bad" : "note";
  const lines = linesOf(lacksOf(wants, facts), manifest);
  return [
    ...unlistedFiles(wants).map((file) => ({ part, state: "note" as const, text: words.unknown(file) })),
    ...lines.length === 0 ? [{ part, state: "ok" as const, text: words.nothing }] : [],
    ...lines.map(({ text, remedy }) => ({ part, state, text, remedy } as const)),
  ];
}
