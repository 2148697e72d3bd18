/** The doctor's look at the render servers: version, memory, and what each lacks for each template. */
import { openComfy } from "@/adapters/comfy/client.ts";
import type { Config } from "@/core/config.ts";
import type { Clock, Comfy, ComfyStatus, Ids, Log, Random } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { lacksOf } from "@/core/workflow/mod.ts";
import type { Finding } from "../doctor.ts";

export interface BackendParts {
  clock: Clock;
  ids: Ids;
  random: Random;
  log: Log;
  templates: Template[];
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

async function examineServer(url: string, { templates, ...options }: Server): Promise<Finding[]> {
  const part = `render server ${url}`;
  const signal = AbortSignal.timeout(LIMIT_MS);
  let comfy: Comfy | null = null;
  try {
    comfy = openComfy({ id: url, url, ...options });
    const status = await comfy.status(signal);
    const classes = templates.flatMap(({ graph }) => Object.values(graph).map((node) => node.class_type));
    const definitions = await comfy.definitions([...new Set(classes)], { signal });
    return [
      describeStatus(part, status),
      ...templates.flatMap((template) => examineTemplate({ url, template, status, definitions })),
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

/** Everything that this server lacks for a template at once. */
export function examineTemplate(
  { url, template, status, definitions }: {
    url: string;
    template: Template;
    status: Pick<ComfyStatus, "version" | "vramTotal">;
    definitions: Definitions;
  },
): Finding[] {
  const { id, requires } = template.manifest;
  const part = `${id} on ${url}`;
  const bad = (text: string, remedy: string): Finding => ({ part, state: "bad", text, remedy });
  const { classes, models, vram } = lacksOf(template, { definitions, vramBytes: status.vramTotal });
  const lacks = [
    ...classes.map(({ name, pack }) =>
      bad(
        `node class ${name} is missing`,
        pack
          ? `Install ${pack.name} from ${pack.source} at ${pack.commit}.`
          : `It belongs to ComfyUI; bring the server to ${requires.comfyui} or newer.`,
      )
    ),
    ...models.map(({ file, folder, source }) =>
      bad(`model file ${file} is missing`, `Put it into models/${folder}/, from ${source}.`)
    ),
  ];
  if (vram) {
    const text = `wants ${vram.wants} GB of VRAM and finds ${vram.has.toFixed(1)}`;
    lacks.push({ part, state: "note", text, remedy: "Use a small size and the fast preset." });
  }
  return lacks.length > 0 ? lacks : [{ part, state: "ok", text: "nothing is missing" }];
}
