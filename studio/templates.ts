/** The templates of this house: shipped ones and one's own, read at the start and again when the own folder changes. */
import { readDefinitions } from "@/adapters/workflows/mod.ts";
import { keyOf, readShelf, signatureOf, writeTemplate } from "@/adapters/workflows/own.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import type { Config } from "@/core/config.ts";
import type { OwnTemplates, TemplateNote } from "@/core/own_templates.ts";
import type { Clock, Comfy, Ids, Log } from "@/core/ports.ts";
import { type Problem, problemOf } from "@/core/problem.ts";
import type { BackendRow } from "@/core/store.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { bring, type Brought, type Proposal, unknownIn } from "@/core/workflow/import/mod.ts";
import { lightestPreset } from "@/core/preflight.ts";
import { compareVersions, newerVersion, newest } from "@/core/workflow/versions.ts";
import { type Graphs, openGraphs } from "./graphs.ts";
import { ownFolder } from "./places.ts";

export interface Stock {
  /** Every version. The list is one object for the life of the house, and changes when templates are brought. */
  templates: Template[];
  definitions: Definitions;
  /** Of these, the ones that came with templates. */
  brought: Definitions;
  graphs: Graphs;
  own: Set<string>;
  faults: Problem[];
  /** Reads the folder of one's own again if it changed. */
  look(): Promise<void>;
  /** Looks now and then, until the house closes: another process may bring templates too. */
  watch(clock: Clock, closing: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 5000;

const root = new URL("../", import.meta.url);
const pathOf = (name: string) => decodeURIComponent(new URL(name, root).pathname);
export const SHIPPED = pathOf("workflows");

export function readRecorded(): Promise<Definitions> {
  return readDefinitions(pathOf("draft/nodes/definitions"));
}

/** Templates that do not load are reported and left out; the others work. */
export async function openStock(config: Config, log: Log): Promise<Stock> {
  const recorded = await readRecorded();
  const folders = { shipped: SHIPPED, own: ownFolder(config) };
  const [templates, definitions]: [Template[], Definitions] = [[], {}];
  const last = { own: new Set<string>(), faults: [] as Problem[], brought: {} as Definitions };
  let seen = "never";
  const look = async () => {
    const now = await signatureOf(folders.own);
    if (now === seen) return;
    const read = await readShelf(folders, recorded, sha256);
    seen = now;
    templates.splice(0, templates.length, ...read.templates);
    Object.assign(definitions, read.definitions);
    last.own = read.own;
    last.faults = read.faults;
    last.brought = read.brought;
    for (const fault of read.faults) {
      log.error("template cannot be loaded", { error: fault.operator ?? fault.message });
    }
  };
  await look();
  return {
    templates,
    definitions,
    graphs: openGraphs(templates, definitions),
    get own() {
      return last.own;
    },
    get faults() {
      return last.faults;
    },
    get brought() {
      return last.brought;
    },
    look,
    async watch(clock, closing) {
      while (await clock.sleep(LOOK_EVERY_MS, closing).then(() => true, () => false)) {
        await look().catch((thrown) => {
          const found = problemOf(thrown);
          log.warn("the folder of templates cannot be read", { error: found.operator ?? found.message });
        });
      }
    },
  };
}

export interface OwnParts {
  stock: Stock;
  folder: string;
  ids: Ids;
  backends(): Promise<BackendRow[]>;
  comfyFor(backend: BackendRow): Comfy;
}

export function openOwnTemplates(parts: OwnParts): OwnTemplates {
  const { stock, folder, ids } = parts;
  const consider = async (brought: Brought, signal: AbortSignal) => {
    const live = await askServers(parts, unknownIn(brought.text, stock.definitions), signal);
    const definitions = { ...live, ...stock.definitions };
    return { live, proposal: bring(brought, { templates: stock.templates, definitions }) };
  };
  return {
    list: () => listTemplates(stock),
    broken: () =>
      stock.faults.map(({ detail, operator, message }) => ({
        template: String(detail?.template ?? ""),
        text: operator ?? message,
      })),
    newer: (of) => newerVersion(stock.templates, of),
    lightest({ name, version }) {
      const manifest = stock.templates.map((template) => template.manifest)
        .find((one) => one.id === name && one.version === version);
      const light = manifest ? lightestPreset(manifest) : null;
      return manifest && light ? { ...light, usual: manifest.defaultPreset } : null;
    },
    propose: async (brought, signal) => (await consider(brought, signal)).proposal,
    async accept(brought, signal, before) {
      await stock.look();
      const { live, proposal } = await consider(brought, signal);
      if (proposal.template === null) return { ...proposal, written: false };
      await before(proposal);
      const classes = { ...stock.brought, ...live };
      await writeTemplate(folder, proposal.template, { classes, id: ids.uuid7() });
      await stock.look();
      return withLoaded(proposal, stock);
    },
  };
}

/** What was written counts once it was read again like any other folder. */
function withLoaded(
  proposal: Proposal,
  { templates }: Pick<Stock, "templates">,
): Proposal & { written: boolean } {
  const key = `${proposal.id}@${proposal.version}`;
  return { ...proposal, written: templates.some((template) => keyOf(template) === key) };
}

/** Definitions of these classes from the servers that are up; a server that is silent knows nothing. */
async function askServers(parts: OwnParts, classes: string[], signal: AbortSignal): Promise<Definitions> {
  if (classes.length === 0) return {};
  const rows = (await parts.backends()).filter(({ status }) => status !== "down");
  const answers = await Promise.all(
    rows.map((row) =>
      parts.comfyFor(row).definitions(classes, { fresh: true, signal }).catch((): Definitions => ({}))
    ),
  );
  return Object.assign({}, ...answers);
}

export function listTemplates({ templates, own }: Pick<Stock, "templates" | "own">): TemplateNote[] {
  return newest(templates).map(({ manifest: { id, title, mode, submode, chosen } }) => ({
    id,
    title,
    mode,
    submode,
    byName: chosen === "by_name",
    versions: templates.filter(({ manifest }) => manifest.id === id)
      .sort((a, b) => compareVersions(b.manifest.version, a.manifest.version))
      .map((template) => ({
        version: template.manifest.version,
        state: template.manifest.state,
        verified: template.manifest.verified,
        own: own.has(keyOf(template)),
      })),
  }));
}
