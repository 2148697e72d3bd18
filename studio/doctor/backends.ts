/** The doctor's look at the render servers: version, memory, and what each lacks for each template. */
import { openComfy } from "@/adapters/comfy/client.ts";
import type { Config, Secret } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import type { Clock, Comfy, ComfyStatus, Ids, Log, Random } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { lacksOf, linesOf, type ServerFacts, standingFor, unlistedFiles, wantsOf } from "@/core/preflight.ts";
import { sameAddress } from "@/core/servers.ts";
import type { BackendRow } from "@/core/store.ts";
import { preflight as words } from "@/core/words/preflight.ts";
import { classesOf } from "@/core/workflow/mod.ts";
import { headerOf } from "../backends.ts";
import type { State } from "./stored.ts";

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

/** A server as the studio reaches it. */
interface Known {
  url: string;
  header: Secret | null;
  /** Added at /admin rather than named by COMFY_URLS. */
  isAdded: boolean;
  isDrained: boolean;
}

export async function examineBackends(state: State, parts: BackendParts): Promise<Finding[]> {
  const all = serversOf(state);
  const real = await Promise.all(all.map(async (server) => [
    ...sealedOff(server, state),
    ...await examineServer(server, parts),
  ]));
  return [...real.flat(), ...await examineDraft(state.config, { parts, servers: all.length })];
}

/** Those of COMFY_URLS, then those that were added while the studio ran. */
function serversOf({ config, servers, vault }: State): Known[] {
  const usual = config.COMFY_AUTH_HEADER;
  const knownAt = (url: string) => servers.find((row) => row.engine === "comfy" && sameAddress(row.url, url));
  const headerFor = (row: BackendRow) => vault === null ? null : headerOf(row, { vault, usual });
  const named = config.COMFY_URLS.map((url): Known => {
    const row = knownAt(url);
    const header = row ? headerFor({ ...row, usualHeader: true }) : usual;
    return { url, header, isAdded: false, isDrained: row?.status === "drain" && row.origin !== "former" };
  });
  const added = servers.filter(({ origin, url }) =>
    origin === "added" && !config.COMFY_URLS.some((one) => sameAddress(one, url))
  );
  return [
    ...named,
    ...added.map((row) => ({
      url: row.url,
      header: headerFor(row),
      isAdded: true,
      isDrained: row.status === "drain",
    })),
  ];
}

/** A header of its own that no key opens. */
function sealedOff({ url }: Known, { servers, vault }: State): Finding[] {
  const auth = servers.find((row) => sameAddress(row.url, url))?.auth ?? null;
  if (auth === null || (vault !== null && vault.open(auth) !== null)) return [];
  return [{
    part: `render server ${url}`,
    state: "bad",
    text: "its own header was sealed with another SECRET_KEY and cannot be read",
    remedy: "Enter it anew at /admin, Edit.",
  }];
}

async function examineDraft(
  config: Config,
  { parts, servers }: { parts: BackendParts; servers: number },
): Promise<Finding[]> {
  const part = "draft renderer";
  if (config.DRAFT_URL === "off") {
    if (servers > 0) return [{ part, state: "note", text: "switched off" }];
    const remedy = "Set COMFY_URLS, add a server at /admin, or leave DRAFT_URL empty.";
    return [{ part, state: "bad", text: "switched off, and there is no render server", remedy }];
  }
  if (config.DRAFT_URL !== "") {
    const draft = { url: config.DRAFT_URL, header: null, isAdded: false, isDrained: false };
    return await examineServer(draft, parts);
  }
  const only = servers === 0 ? "; there is no render server, so films are drafts" : "";
  return [{ part, state: "ok", text: `is started with the studio${only}` }];
}

async function examineServer(server: Known, parts: BackendParts): Promise<Finding[]> {
  const { url, header: authHeader, isAdded, isDrained } = server;
  const { templates, recorded, ...options } = parts;
  const part = `render server ${url}`;
  const signal = AbortSignal.timeout(LIMIT_MS);
  let comfy: Comfy | null = null;
  try {
    comfy = openComfy({ id: url, url, authHeader, ...options });
    const status = await comfy.status(signal);
    const definitions = await comfy.definitions([...new Set(templates.flatMap(classesOf))], { signal });
    const facts = { definitions, vramBytes: status.vramTotal };
    return [
      describeStatus(part, status),
      ...templates.flatMap((template) => examineTemplate(template, { url, recorded, facts })),
    ].map((finding) => isDrained ? resting(finding) : finding);
  } catch (thrown) {
    const found = problemOf(thrown);
    const where = isAdded ? "change or remove it at /admin" : "correct COMFY_URLS and COMFY_AUTH_HEADER";
    const remedy = `Start ComfyUI there, or ${where}. Jobs wait meanwhile.`;
    const finding: Finding = { part, state: "bad", text: found.operator ?? found.message, remedy };
    return [isDrained ? resting(finding) : finding];
  } finally {
    await comfy?.close();
  }
}

/** What is wrong with a drained server keeps nobody from anything. */
function resting(finding: Finding): Finding {
  return finding.state === "bad" ? { ...finding, state: "note", text: `${finding.text} (drained)` } : finding;
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
