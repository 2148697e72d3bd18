/** What the composer's page needs: what is offered, what is kept, and what to begin with: a former job, or a refused form. */
import type { Context } from "fresh";
import type { Defaults } from "@/core/account.ts";
import {
  begin,
  type Composition,
  EMPTY,
  heldFileOf,
  NO_WISHES,
  requestOf,
  type Role,
} from "@/core/composer.ts";
import { optionsOf, takeOffered, wishesOf } from "@/core/composer_edits.ts";
import { escapeAlternatives } from "@/core/takes.ts";
import { formsOf } from "@/core/forms.ts";
import { type AskedMode, isLong, modeId } from "@/core/modes.ts";
import { PLACES } from "@/core/places.ts";
import type {
  ProblemAnswer,
  ShownAsset,
  ShownField,
  ShownJob,
  ShownModes,
  ShownPreset,
} from "@/core/shown.ts";
import { asSentence } from "@/core/words/format.ts";
import type { Start } from "@/components/composer/desk.ts";
import type { ServedProps } from "@/components/composer/served.tsx";
import type { Refused } from "@/components/composer/sending.ts";
import { type Answer, ask, read } from "./ask.ts";
import { type Fields, type FormFile, readForm } from "./form.ts";
import type { State } from "./state.ts";

type Asking = Pick<Context<State>, "req" | "url" | "state">;

interface Beginning {
  start?: Start | null;
  /** What an address may ask for: a mode as `core/modes.ts` has it, its submode and its template. */
  asked?: URLSearchParams;
  refused?: Refused | null;
  projectId?: string | null;
}

export async function readComposing(
  ctx: Asking,
  { start = null, asked, refused = null, projectId = null }: Beginning = {},
): Promise<ServedProps["composing"]> {
  const [offer, presets, defaults] = await Promise.all([
    read<ShownModes>(ctx, "/api/modes", { keep: true }),
    read<{ items: ShownPreset[] }>(ctx, "/api/presets"),
    read<Defaults>(ctx, "/api/account/defaults"),
  ]);
  const usual = usualOf(defaults);
  return {
    userId: ctx.state.user?.id ?? "",
    offer,
    presets: presets.items,
    usual,
    start,
    mode: asked ? askedOf(asked, offer) : null,
    refused,
    projectId,
  };
}

/** Null for what is not offered; of a mode that is, what is not known of it is left out. */
function askedOf(asked: URLSearchParams, { items }: ShownModes): AskedMode | null {
  const [id, submode, template] = ["mode", "submode", "template"].map((name) => asked.get(name));
  if (!id || !Object.hasOwn(formsOf(items), id)) return null;
  const offered = items.find((one) =>
    modeId(one) === id && (!isLong(id) || one.submode === (submode || null))
  );
  const models = offered?.finishing.find(({ name }) => name === "template");
  const isOther = models?.options.some(({ value }) => value === template && value !== models.default);
  return {
    id,
    ...(id === "animate" && (submode === "mix" || submode === "move") ? { submode } : {}),
    ...(template ? { template: isOther ? template : "" } : {}),
  };
}

/** What a new film begins with, as the person has set it. */
function usualOf({ engine, preset, size, frameRate, negativePrompt }: Defaults): Composition {
  return { ...EMPTY, negativePrompt, wishes: wishesOf({ engine, preset, frameRate, ...size }) };
}

/** The files and settings of a job, to be used again; null where there is no such job, or none of a mode that is offered here. */
export async function startFromJob(ctx: Asking, jobId: string): Promise<Start | null> {
  const answer = await ask<ShownJob>(ctx, `/api/jobs/${encodeURIComponent(jobId)}`);
  if (!answer.ok) return null;
  const { submode, prompt, negativePrompt, settings, assets } = answer.body;
  const mode = modeId(answer.body);
  const { items } = await read<ShownModes>(ctx, "/api/modes", { keep: true });
  if (!Object.hasOwn(formsOf(items), mode)) return null;
  return await startWith(ctx, {
    composition: {
      ...EMPTY,
      mode,
      submode: submode === "mix" ? "mix" : "move",
      prompt: escapeAlternatives(prompt),
      negativePrompt: escapeAlternatives(negativePrompt),
      wishes: wishesOf(settings),
      options: optionsOf(settings),
    },
    assets: assets.flatMap(({ role, assetId }) => isRole(role) ? [{ role, assetId }] : []),
  });
}

type Placed = { role: Role; assetId: string };

/** Files that are gone are left out: what is missing then says itself. */
async function startWith(
  ctx: Asking,
  { composition, assets }: { composition: Composition; assets: Placed[] },
): Promise<Start> {
  const found = await Promise.all(assets.map(async ({ role, assetId }) => {
    const answer = await ask<ShownAsset>(ctx, `/api/assets/${encodeURIComponent(assetId)}`);
    return answer.ok && answer.body.state === "ready"
      ? [{ key: `${role} ${assetId}`, role, file: heldFileOf(answer.body) }]
      : [];
  }));
  const placed = found.flat();
  return {
    composition: { ...composition, chips: placed.map(({ key, role }) => ({ key, role })) },
    files: Object.fromEntries(placed.map(({ key, file }) => [key, file])),
  };
}

function isRole(role: string): role is Role {
  return Object.hasOwn(PLACES, role);
}

export type Made = { job: ShownJob } | { start: Start; refused: Refused; projectId: string | null };

/** Makes a job of the composer's form: the files first, each through the API, then the job. Without a script this is the way. */
export async function makeFromForm(ctx: Asking): Promise<Made> {
  const given: Placed[] = [];
  const notes: ShownField[] = [];
  let refusal: ProblemAnswer | null = null;
  const fields = await readForm(ctx.req, async (file, before) => {
    if (!isRole(file.field)) return;
    const made = await bringIn(ctx, file, before);
    if (made.ok) given.push({ role: file.field, assetId: made.body.id });
    else {
      refusal ??= made.problem;
      notes.push({ path: `assets.${file.field}`, message: sentenceOf(made.problem, file.name) });
    }
  });
  const start = await startWith(ctx, {
    composition: compositionOf(fields),
    assets: [...given, ...keptFiles(fields, given)],
  });
  const projectId = fields.get("projectId")?.at(-1) ?? null;
  if (notes.length > 0) return { start, refused: { notes, problem: refusal }, projectId };
  const ticket = fields.get("ticket")?.at(-1);
  const { items } = await read<ShownModes>(ctx, "/api/modes", { keep: true });
  const request = requestOf(begin(start.composition, start.files, formsOf(items)));
  const made = await ask<{ items: ShownJob[] }>(ctx, "/api/jobs", {
    body: { ...request, ...(projectId ? { projectId } : {}) },
    headers: ticket ? { "idempotency-key": ticket } : {},
  });
  const job = made.ok ? made.body.items[0] : undefined;
  if (job) return { job };
  const problem = made.ok ? null : made.problem;
  return { start, refused: { notes: problem?.fields ?? [], problem }, projectId };
}

/** With its form's ticket a file is one asset, however often the form is sent. */
export async function bringIn(
  ctx: Asking,
  { name, content, nth }: FormFile,
  before: Fields,
): Promise<Answer<ShownAsset>> {
  const [ticket, projectId] = [before.get("ticket")?.at(-1), before.get("projectId")?.at(-1)];
  const headers = ticket ? { "idempotency-key": `${ticket}-${nth}` } : undefined;
  const body = projectId ? { name, projectId } : { name };
  const entry = await ask<ShownAsset>(ctx, "/api/assets", { body, headers });
  if (!entry.ok) return entry;
  return await ask<ShownAsset>(ctx, `/api/assets/${entry.body.id}/content`, { method: "PUT", content });
}

export function sentenceOf({ title, fields }: ProblemAnswer, name: string): string {
  return `${name}: ${asSentence(fields?.[0]?.message ?? title)}`;
}

/** Files of the form as it was refused before, unless another one was chosen for the same place. */
function keptFiles(fields: Fields, given: Placed[]): Placed[] {
  return [...fields].flatMap(([name, ids]) => {
    const role = name.startsWith("kept.") ? name.slice("kept.".length) : "";
    if (!isRole(role)) return [];
    const isReplaced = role !== "references" && given.some((one) => one.role === role);
    return isReplaced ? [] : ids.map((assetId) => ({ role, assetId }));
  });
}

/** The form as it was filled in, with what a former answer offered instead, where that was taken. */
function compositionOf(fields: Fields): Composition {
  const text = (name: string) => fields.get(name)?.at(-1) ?? "";
  const settings = Object.keys(NO_WISHES).flatMap((name) =>
    fields.has(`settings.${name}`) ? [[name, text(`settings.${name}`)]] : []
  );
  const own = "settings.options.";
  const options = [...fields.keys()].filter((name) => name.startsWith(own))
    .map((name) => [name.slice(own.length), text(name)]);
  const composition = {
    mode: text("mode") || "animate",
    submode: text("submode") === "mix" ? "mix" as const : "move" as const,
    prompt: text("prompt"),
    negativePrompt: text("negativePrompt"),
    wishes: wishesOf(Object.fromEntries(settings)),
    options: Object.fromEntries(options),
    chips: [],
  };
  const [field = "", preset = null] = text("instead").split("=");
  return takeOffered(composition, { field, preset });
}
