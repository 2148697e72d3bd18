/** The many takes of one request: how many films it asks for, each as a request of its own, or why it is refused. */
import { fail, type FieldNote } from "@/core/problem.ts";
import {
  type Axis,
  combine,
  countTexts,
  countValues,
  readAlternatives,
  seedsFrom,
  type Setting,
  TAKES_MAX,
  textsOf,
  valuesOf,
} from "@/core/takes.ts";
import { batches as words } from "@/core/words/batches.ts";
import { makeDraft } from "./admission.ts";
import { ChangedSettings, type NewJobBody } from "./job_schemas.ts";
import type { JobDraft, Studio } from "./studio.ts";

/** Settings of the request itself that may run through values; the template's own are named with `options.`. */
const RUNNING = ["width", "height", "seconds", "frames", "frameRate", "preset"];
const OPTION = "options.";

/** How one film differs from the request; a seed is missing where there is only one, and none was asked for. */
export interface Take {
  prompt: string | undefined;
  negativePrompt: string;
  settings: Record<string, Setting>;
  seed: (first: string) => string;
}

/** Every take, or the refusal with the figure. Nothing is multiplied out before it is known to be few. */
export function takesOf(body: NewJobBody): Take[] {
  const { sweep } = body;
  const fields = [...faultsOf(body)];
  if (fields.length > 0) throw fail("request.invalid", { fields });
  const axes = sweep?.settings ?? [];
  const [prompts, negatives] = [piecesOf(body.prompt ?? ""), piecesOf(body.negativePrompt)];
  const seeds = sweep?.seeds ? [...new Set(sweep.seeds)] : null;
  const seedCount = seeds?.length ?? body.count;
  const films = [countTexts(prompts), countTexts(negatives), seedCount, ...axes.map(countValues)]
    .reduce((product, count) => product * count, 1);
  if (films > TAKES_MAX) {
    const path = sweep ? "sweep" : "prompt";
    throw fail("request.invalid", { fields: [{ path, message: words.tooMany(films, TAKES_MAX) }] });
  }
  checkValues(body, axes);
  const combined = combine(axes);
  return textsOf(prompts).flatMap((prompt) =>
    textsOf(negatives).flatMap((negativePrompt) =>
      combined.flatMap((settings) =>
        Array.from({ length: seedCount }, (_, n): Take => ({
          prompt: body.prompt === undefined ? undefined : prompt.trim(),
          negativePrompt,
          settings,
          seed: (first) => seeds?.[n] ?? seedsFrom(first, seedCount)[n] ?? first,
        }))
      )
    )
  );
}

/** The requests of all takes, each with its own seed. */
export function draftsOf(studio: Studio, body: NewJobBody, takes: readonly Take[]): JobDraft[] {
  const first = body.settings.seed ?? studio.drawSeed();
  return takes.map((take) => draftOf(studio, body, { ...take, first }));
}

function draftOf(studio: Studio, body: NewJobBody, take: Take & { first: string }): JobDraft {
  const { prompt, negativePrompt } = take;
  const draft = makeDraft(studio, { ...body, prompt, negativePrompt });
  const settings = { ...draft.settings, seed: take.seed(take.first) };
  const options: Record<string, Setting> = { ...settings.options };
  for (const [name, value] of Object.entries(take.settings)) {
    if (name.startsWith(OPTION)) options[name.slice(OPTION.length)] = value;
    else Object.assign(settings, { [name]: value });
  }
  return { ...draft, settings: Object.keys(options).length === 0 ? settings : { ...settings, options } };
}

function piecesOf(text: string): (string | string[])[] {
  const pieces = readAlternatives(text);
  return Array.isArray(pieces) ? pieces : [text];
}

function* faultsOf({ prompt = "", negativePrompt, count, sweep }: NewJobBody): Generator<FieldNote> {
  for (const [path, text] of [["prompt", prompt], ["negativePrompt", negativePrompt]] as const) {
    if (!Array.isArray(readAlternatives(text))) yield { path, message: words.nested };
  }
  if (sweep?.seeds && count > 1) yield { path: "count", message: words.seedsAndCount };
  const seen = new Set<string>();
  for (const [n, axis] of (sweep?.settings ?? []).entries()) {
    const message = faultOf(axis) ?? (seen.has(axis.name) ? words.twice(axis.name) : null);
    if (message !== null) yield { path: `sweep.settings.${n}`, message };
    seen.add(axis.name);
  }
}

function faultOf(axis: Axis): string | null {
  const { name, values, from, to, step } = axis;
  if (!RUNNING.includes(name) && !name.startsWith(OPTION)) return words.unknown(name);
  const isRange = from !== undefined && to !== undefined && step !== undefined;
  const isMixed = values !== undefined && (from ?? to ?? step) !== undefined;
  if (isMixed || (values === undefined && !isRange)) return words.oneWay;
  return countValues(axis) === 0 ? words.noRange : null;
}

/** Each value is judged as if it stood in the request; those of the template's own are the planner's to judge. */
function checkValues(body: NewJobBody, axes: readonly Axis[]): void {
  const { width, height, seconds, frames } = body.settings;
  const lengths = axes.some(({ name }) => name === "seconds" || name === "frames") ? { seconds, frames } : {};
  const fields = axes.flatMap((axis, n): FieldNote[] => {
    if (axis.name.startsWith(OPTION)) return [];
    const bad = valuesOf(axis).flatMap((value) => {
      const parsed = ChangedSettings.safeParse({ width, height, ...lengths, [axis.name]: value });
      return parsed.success ? [] : parsed.error.issues;
    })[0];
    return bad ? [{ path: `sweep.settings.${n}`, message: bad.message }] : [];
  });
  if (fields.length > 0) throw fail("request.invalid", { fields });
}
