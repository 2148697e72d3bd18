/** Judges plans by what the servers have, tells the scheduler who can take what, and shows the shelf. */
import type { KnownLacks, TemplateLacks } from "@/core/admin.ts";
import {
  isWhole,
  type Judged,
  lacksOf,
  linesOf,
  lowPreset,
  type Offer,
  refusalOf,
  type ServerFacts,
  type Standing,
  standingFor,
  type Wants,
  wantsOf,
} from "@/core/preflight.ts";
import type { Plan, PromptStep } from "@/core/plan.ts";
import type { UsualPreset } from "@/core/planners/mod.ts";
import { fail } from "@/core/problem.ts";
import { nameServers } from "@/core/queue.ts";
import type { Shelf, ShelfItem, ShelfServer, Verdict } from "@/core/shelf.ts";
import type { BackendRow, ReadyStep, Store } from "@/core/store.ts";
import type { Asset, JobDraft, Studio } from "@/core/studio.ts";
import type { Definitions, Manifest, Template } from "@/core/template.ts";
import { newest } from "@/core/workflow/versions.ts";
import { preflight as words } from "@/core/words/preflight.ts";
import type { Examples } from "../examples.ts";
import type { Facts } from "../facts.ts";
import type { Graphs } from "../graphs.ts";

export interface ShelfParts {
  store: Pick<Store, "backends" | "steps" | "plan">;
  facts: Facts;
  graphs: Graphs;
  templates: Template[];
  definitions: Definitions;
  /** Plans a changed draft, to see whether that would work. */
  sketch: Studio["sketch"];
  examples: Examples;
}

export interface ShelfDoor extends Shelf {
  /** Whether a server has what a waiting step wants; false while it has not told. */
  canRun(step: ReadyStep, backend: BackendRow): Promise<boolean>;
  /** Whether another server that is up has what a step wants. */
  hasOther(step: PromptStep, backend: BackendRow): Promise<boolean>;
  /** What a server lacks, by template, as it tells now. Throws where it does not. */
  lacks(row: BackendRow, signal: AbortSignal): Promise<TemplateLacks[]>;
  /** What each server lacks as it told last; who told long ago is asked anew beside that. Never waits for a server. */
  knownLacks(): Promise<KnownLacks[]>;
  /** The same for whatever told this. */
  lacksIn(told: ServerFacts): TemplateLacks[];
}

/** Steps whose wants are remembered. */
const STEPS_MAX = 2000;
/** With the right preset and answers. */
const ABLE: Standing[] = ["whole", "enough", "low"];
const FINE: Verdict = { problem: null, preset: null, note: null };

interface Server {
  row: BackendRow;
  facts: ServerFacts;
}

export function openShelfDoor(parts: ShelfParts): ShelfDoor {
  const seen = new Map<string, Wants | null>();
  const every = new Map<Template, Wants>();
  const wantsAt = (template: Template) => {
    const wants = every.get(template) ?? wantsOf(template, parts.definitions);
    every.set(template, wants);
    return wants;
  };
  const lacksIn = (told: ServerFacts | null) =>
    newest(parts.templates).filter(({ manifest }) => manifest.state !== "pending").map((template) => ({
      template: template.manifest.id,
      title: template.manifest.title,
      lines: told === null ? [] : linesOf(lacksOf(wantsAt(template), told), template.manifest),
    }));
  return {
    lacksIn,
    async judge({ plan, draft, assets = [] }) {
      if (plan.engine === "draft") return FINE;
      const servers = await serversOf(parts, "of");
      const first = judgeSteps(wantsOfPlan(plan, parts), servers);
      if (first.end !== "refused") return first.end === "later" ? { ...FINE, note: words.waits } : FINE;
      // Nobody is refused by old word.
      const sure = await serversOf(parts, "sure");
      const again = judgeSteps(wantsOfPlan(plan, parts), sure);
      if (again.end !== "refused") return again.end === "later" ? { ...FINE, note: words.waits } : FINE;
      const offer = draft ? await offerFor(draft, { assets, servers: sure, parts }) : null;
      return { problem: refusalOf(again.judged, offer), preset: offer?.preset ?? null, note: null };
    },
    async canRun(step, backend) {
      if (backend.engine === "draft") return true;
      const facts = parts.facts.of(backend);
      if (facts.definitions === null) return false;
      const key = `${step.jobId} ${step.stepId} ${step.take} ${step.attempt}`;
      const wants = seen.get(key) ?? await wantsOfStep(step, parts);
      if (!seen.has(key)) seen.set(key, wants);
      const [oldest] = seen.keys();
      if (seen.size > STEPS_MAX && oldest !== undefined) seen.delete(oldest);
      return wants === null || isWhole(lacksOf(wants, facts));
    },
    async hasOther(step, { id, engine }) {
      const wants = parts.graphs.wants(step);
      return (await serversOf(parts, "of")).some(({ row, facts }) => {
        if (row.id === id || row.engine !== engine || row.status !== "up" || row.short) return false;
        return engine === "draft" || (facts.definitions !== null && isWhole(lacksOf(wants, facts)));
      });
    },
    async canMake(id) {
      const template = newest(parts.templates).find(({ manifest }) => manifest.id === id);
      if (!template) return false;
      const real = (await serversOf(parts, "of")).filter(({ row }) => row.engine === "comfy");
      return real.some(({ facts }) => ABLE.includes(standingFor(wantsAt(template), facts)));
    },
    draw: () => parts.examples.want(),
    example: (name) => parts.examples.read(name),
    async list() {
      const servers = await serversOf(parts, "of");
      return newest(parts.templates).map((template) =>
        itemOf(template, { wants: wantsAt(template), servers, example: parts.examples.of(template) })
      );
    },
    async knownLacks() {
      const { facts } = parts;
      return (await parts.store.backends()).map((row): KnownLacks => {
        facts.refresh(row);
        if (row.engine === "draft") return { backendId: row.id, at: null, items: lacksIn(null) };
        const told = facts.of(row);
        const items = told.definitions === null ? null : lacksIn(told);
        return { backendId: row.id, at: facts.toldAt(row), items };
      });
    },
    async lacks(row, signal) {
      const told = row.engine === "draft" ? null : await parts.facts.ask(row, signal);
      if (told !== null && told.definitions === null) throw fail("comfy.unreachable");
      return lacksIn(told);
    },
  };
}

async function serversOf({ store, facts }: ShelfParts, how: "of" | "sure"): Promise<Server[]> {
  const rows = await store.backends();
  return await Promise.all(rows.map(async (row) => ({
    row,
    facts: row.engine === "draft" ? facts.of(row) : await facts[how](row),
  })));
}

/** Each different graph of a plan once. */
function wantsOfPlan(plan: Plan, { graphs }: ShelfParts): Wants[] {
  const steps = plan.steps.filter((step): step is PromptStep => step.kind === "prompt");
  const distinct = new Map(steps.map((step) => [
    `${step.template.id} ${step.template.version} ${step.variant} ${step.preset} ${step.family}`,
    step,
  ]));
  return [...distinct.values()].map((step) => graphs.wants(step));
}

/** The wants of a step that waits, by the plan that it was made by; null when it is gone. */
async function wantsOfStep(ready: ReadyStep, { store, graphs }: ShelfParts): Promise<Wants | null> {
  const row = (await store.steps(ready.jobId)).find(({ id, take }) =>
    id === ready.stepId && take === ready.take
  );
  const plan = row && await store.plan(ready.jobId, row.rev);
  const step = plan?.steps.find(({ id }) => id === ready.stepId);
  return step?.kind === "prompt" ? graphs.wants(step) : null;
}

type End = { end: "able" } | { end: "later" } | { end: "refused"; judged: Judged[] };

/**
 * `later`: only servers that do not answer or take nothing now could. Refused is only what some server that answers lacks
 * while none can serve; who has not told is given the benefit of the doubt while it answers.
 */
function judgeSteps(all: Wants[], servers: Server[]): End {
  const real = servers.filter(({ row }) => row.engine === "comfy");
  let later = false;
  for (const wants of all) {
    const able = real.filter(({ facts }) => facts.definitions !== null && isWhole(lacksOf(wants, facts)));
    if (able.some(({ row }) => row.status === "up")) continue;
    const up = real.filter(({ row }) => row.status === "up");
    if (able.length > 0) {
      later = true;
      continue;
    }
    if (up.length === 0 || up.some(({ facts }) => facts.definitions === null)) continue;
    const judged = up.map(({ row, facts }) => ({
      server: row.url,
      lacks: lacksOf(wants, facts),
      manifest: wants.manifest,
    }));
    return { end: "refused", judged };
  }
  return later ? { end: "later" } : { end: "able" };
}

interface Search {
  assets: Asset[];
  servers: Server[];
  parts: ShelfParts;
}

/** The first small change that a server could take: another preset, an answer left as it usually is, a draft. */
async function offerFor(draft: JobDraft, search: Search): Promise<Offer | null> {
  const { parts } = search;
  const planned = await parts.sketch(draft, search.assets);
  if (!planned.ok) return null;
  const { name } = planned.value.template;
  const manifest = parts.templates.find((template) => template.manifest.id === name)?.manifest;
  if (!manifest) return null;
  for (const { settings, offer } of changesOf(draft, manifest)) {
    if (await works({ ...draft, settings }, search)) return offer;
  }
  const hasDraft = search.servers.some(({ row }) => row.engine === "draft" && row.status !== "drain");
  return hasDraft ? { field: "settings.engine", sentence: words.offers.draft, preset: null } : null;
}

async function works(draft: JobDraft, { assets, servers, parts }: Search): Promise<boolean> {
  const planned = await parts.sketch(draft, assets);
  return planned.ok && judgeSteps(wantsOfPlan(planned.value.plan, parts), servers).end === "able";
}

function changesOf(
  { settings }: JobDraft,
  { presets, inputs, lowVram }: Manifest,
): { settings: JobDraft["settings"]; offer: Offer }[] {
  const names = [...new Set([...lowVram.map(({ preset }) => preset), ...Object.keys(presets)])];
  const others = names.filter((preset) => preset !== settings.preset).map((preset) => ({
    settings: { ...settings, preset },
    offer: {
      field: "settings.preset",
      sentence: words.offers.preset(presets[preset]?.title ?? preset),
      preset,
    },
  }));
  const plainer = Object.keys(settings.options ?? {}).map((name) => {
    const { [name]: _, ...options } = settings.options ?? {};
    const sentence = words.offers.option(inputs[name]?.title ?? name);
    return {
      settings: { ...settings, options },
      offer: { field: `settings.options.${name}`, sentence, preset: null },
    };
  });
  return [...others, ...plainer];
}

function itemOf(
  { manifest }: Template,
  { wants, servers, example }: { wants: Wants; servers: Server[]; example: string | null },
): ShelfItem {
  const { id, version, mode, submode, title, description, icon, state, verified, notes, delivers } = manifest;
  const { comfyui, vramGb, packs, models } = manifest.requires;
  const only = new Map(wants.models.map((use) => [use.file, use.only]));
  return {
    id,
    version,
    mode,
    submode,
    title,
    description,
    icon,
    state,
    verified,
    notes,
    delivers,
    comfyui,
    vramGb,
    presets: Object.entries(manifest.presets).map(([name, preset]) => ({ name, title: preset.title })),
    packs: packs.map(({ name, source, commit }) => ({ name, source, commit })),
    models: models.map((model) => ({ ...model, only: only.get(model.file) ?? null })),
    example,
    servers: nameServers(servers.map(({ row }) => row)).flatMap((name) => {
      const server = servers.find(({ row }) => row.id === name.id);
      return server ? [{ ...name, ...standOf(wants, server) }] : [];
    }),
  };
}

function standOf(wants: Wants, { row, facts }: Server): Pick<ShelfServer, "standing" | "preset" | "lines"> {
  if (row.engine === "draft") {
    return { standing: "whole", preset: null, lines: [] };
  }
  const lacks = lacksOf(wants, facts);
  const low = lacks.vram?.preset ?? null;
  return {
    standing: standingFor(wants, facts),
    preset: low === null ? null : wants.manifest.presets[low]?.title ?? low,
    lines: linesOf(lacks, wants.manifest),
  };
}

/** The preset that is used where nobody chose one: the usual one, or the one for little memory where no card is larger. */
export function usualPresetBy(rows: BackendRow[]): UsualPreset {
  const up = rows.filter((row) => row.engine === "comfy" && row.status === "up");
  return (manifest) => {
    const lows = up.map((row) => ({ row, low: lowPreset(manifest, row.vram) }));
    if (lows.length === 0 || lows.some(({ low }) => low === null)) return null;
    const [largest] = lows.filter(({ low }) => low !== "")
      .toSorted((a, b) => (b.row.vram ?? 0) - (a.row.vram ?? 0));
    if (!largest?.low || largest.low === manifest.defaultPreset) return null;
    const title = manifest.presets[largest.low]?.title ?? largest.low;
    return { preset: largest.low, note: words.chosen(title, (largest.row.vram ?? 0) / 1e9) };
  };
}
