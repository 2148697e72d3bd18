/** What would happen if a job were asked for now: size, length, parts, time, place in the queue, or what is missing. Nothing is made. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail, type FieldNote, type Problem, StudioError } from "@/core/problem.ts";
import { unplanned } from "@/core/quota.ts";
import { canonical } from "@/core/canonical.ts";
import { batches as words } from "@/core/words/batches.ts";
import { foreseePieces } from "@/core/planners/long_take_parts.ts";
import type { Range } from "@/core/queue.ts";
import type { ShownSpan } from "@/core/shown.ts";
import type { ShownPreview as Shown } from "@/core/shown_preview.ts";
import { checkLimits, checkProject, lookForInputs, makeDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { NewJobBody } from "./job_schemas.ts";
import { fieldsOf } from "./problems.ts";
import { requireUser } from "./session.ts";
import type { Asset, JobDraft, Planned, Studio } from "./studio.ts";
import { draftsOf, type Take, takesOf } from "./takes.ts";

/** A page asks a little after every change, and a person may have several. */
const PER_PERSON = { size: 40, refillMs: 100 };

const Field = z.object({ path: z.string(), message: z.string() });
const Preview = z.object({
  ok: z.boolean(),
  missing: z.array(Field).openapi({ description: "What is missing or wrong, by path." }),
  size: z.object({ width: z.int(), height: z.int() }).nullable(),
  frames: z.int().nullable(),
  frameRate: z.number().nullable(),
  seconds: z.number().nullable(),
  chunks: z.int().nullable().openapi({ description: "Parts that are rendered one after the other." }),
  pieces: z.array(z.object({
    number: z.int(),
    start: z.int().openapi({ description: "First frame of the film that it shows newly." }),
    frames: z.int().openapi({ description: "Frames that it adds." }),
    repeats: z.int(),
    words: z.string().nullable().openapi({ description: "What only this piece is told." }),
    isAnchor: z.boolean().openapi({ description: "Begins a look of its own." }),
  })).nullable().openapi({ description: "How a long take is cut; null for other modes." }),
  notes: z.array(z.string()).openapi({ description: "What was adapted, in sentences." }),
  servers: z.object({
    says: z.string().openapi({ description: "Why no server could take it now, and what would work." }),
    field: z.string(),
    preset: z.string().nullable().openapi({ description: "The preset that would work." }),
  }).nullable(),
  engine: z.enum(["draft", "comfy"]),
  estimate: z.object({ seconds: z.number(), low: z.number(), high: z.number() }).nullable().openapi({
    description: "Work alone, without the wait: by the template, and by what such work took here lately.",
  }),
  films: z.int().openapi({ description: "How many jobs it would be: count, alternatives and sweep." }),
  all: z.object({ seconds: z.number(), low: z.number(), high: z.number() }).nullable().openapi({
    description: "The work of all of them together; null for one.",
  }),
  queue: z.object({
    position: z.int().openapi({ description: "Among the jobs that wait; 1 is next." }),
    startsInSeconds: z.number().nullable(),
  }),
}).openapi("Preview");

export function addPreview(api: Api): void {
  const preview = createRoute({
    method: "post",
    path: "/jobs/preview",
    tags: ["jobs"],
    summary:
      "What the same body would make at /jobs. A request that is not complete is answered with what it lacks.",
    request: { body: { required: true, content: { "application/json": { schema: NewJobBody } } } },
    responses: {
      200: { description: "What would happen.", content: { "application/json": { schema: Preview } } },
    },
  });
  api.openapi(preview, async (c) => {
    checkPace(c);
    return c.json(await foresee(c, c.req.valid("json")), 200);
  }, (result, c) => {
    if (result.success) return;
    checkPace(c);
    const fields = fieldsOf(result.error);
    // Whoever is still filling in a form names no field that there is none of, and has chosen a mode.
    const isForeign = result.error.issues.some(({ code, path }) =>
      code === "unrecognized_keys" || path[0] === "mode"
    );
    if (isForeign) throw fail("request.invalid", { fields });
    return c.json(lacking(c, fields), 200);
  });
}

function checkPace(c: Call): void {
  const retryAfterMs = c.env.studio.limiter.take(`preview:${requireUser(c).id}`, PER_PERSON);
  if (retryAfterMs > 0) throw fail("request.rate_limited", { retryAfterMs });
}

async function foresee(c: Call, body: NewJobBody): Promise<Shown> {
  const { studio } = c.env;
  const user = requireUser(c);
  const { takes, faults } = readTakes(body);
  const kinds = kindsOf(takes, draftsOf(studio, body, takes));
  const draft = kinds[0]?.draft ?? makeDraft(studio, body);
  const { assets, fields } = await lookForInputs(studio, user.id, draft);
  const planned = await studio.sketch(draft, assets);
  const missing = [
    ...fields,
    ...faults,
    ...planned.ok ? [] : plannerSays(planned.problem, fields),
    ...await refusalOf(() => checkProject(studio, user.id, body.projectId)),
    ...await refusalOf(() => checkLimits(studio, user.id, unplanned(takes.length))),
  ];
  const engine = draft.settings.engine === "draft" ? "draft" : studio.offer.engine;
  if (!planned.ok) return { ...lacking(c, missing), engine };
  if (missing.length > 0) return { ...lacking(c, missing), ...figuresOf(planned.value, draft), engine };
  const { plan } = planned.value;
  const all = await foreseeAll(studio, { userId: user.id, kinds, assets });
  if (all.faults.length > 0) return { ...lacking(c, all.faults), ...figuresOf(planned.value, draft), engine };
  const { problem, preset, note } = await studio.shelf.judge({ plan, draft, assets });
  if (problem !== null) {
    const [field] = problem.fields ?? [];
    const servers = { says: problem.message, field: field?.path ?? "", preset };
    const none = lacking(c, problem.fields ?? []);
    return { ...none, ...figuresOf(planned.value, draft), servers, engine };
  }
  const { work, place, startS } = await studio.queue.foresee({
    userId: user.id,
    plan,
    priority: draft.settings.priority,
  });
  return {
    ...figuresOf(planned.value, draft),
    ok: true,
    missing,
    notes: [...togetherOf(takes.length, all.work), ...note === null ? [] : [note], ...plan.notes ?? []],
    servers: null,
    engine: plan.engine,
    estimate: spanOf(work),
    films: takes.length,
    all: takes.length > 1 ? spanOf(all.work) : null,
    queue: { position: place, startsInSeconds: startS === null ? null : Math.round(startS) },
  };
}

/** The takes, or for a request that cannot be multiplied out the one that stands there, and why. */
function readTakes(body: NewJobBody): { takes: Take[]; faults: FieldNote[] } {
  try {
    return { takes: takesOf(body), faults: [] };
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    const { prompt, negativePrompt } = body;
    const alone: Take = { prompt, negativePrompt, settings: {}, seed: (first) => first };
    return { takes: [alone], faults: thrown.problem.fields ?? [] };
  }
}

/** Takes that differ in words and seeds alone take equally long. */
interface TakeKind {
  draft: JobDraft;
  films: number;
}

function kindsOf(takes: readonly Take[], drafts: readonly JobDraft[]): TakeKind[] {
  const pairs = takes.flatMap(({ settings }, n) => drafts[n] ? [{ settings, draft: drafts[n] }] : []);
  const alike = [...Map.groupBy(pairs, ({ settings }) => canonical(settings)).values()];
  return alike.flatMap((of) => of[0] ? [{ draft: of[0].draft, films: of.length }] : []);
}

/** The work of all takes together, or what is wrong with one of them. */
async function foreseeAll(
  studio: Studio,
  { userId, kinds, assets }: { userId: string; kinds: readonly TakeKind[]; assets: Asset[] },
): Promise<{ work: Range; faults: FieldNote[] }> {
  const work = { likelyS: 0, lowS: 0, highS: 0 };
  for (const { draft, films } of kinds) {
    const planned = await studio.sketch(draft, assets);
    if (!planned.ok) return { work, faults: plannerSays(planned.problem, []) };
    const { plan } = planned.value;
    const one = await studio.queue.foresee({ userId, plan, priority: draft.settings.priority });
    for (const name of ["likelyS", "lowS", "highS"] as const) work[name] += films * one.work[name];
  }
  return { work, faults: [] };
}

/** Said only where it is more than one. */
function togetherOf(films: number, work: Range): string[] {
  return films > 1 ? [words.together(films, work.likelyS)] : [];
}

function spanOf({ likelyS, lowS, highS }: Range): ShownSpan {
  return { seconds: atLeastOne(likelyS), low: atLeastOne(lowS), high: atLeastOne(highS) };
}

/** What the planner finds wrong; of files that are not here it knows nothing that was not said already. */
function plannerSays(problems: Problem[], said: FieldNote[]): FieldNote[] {
  const isSaid = ({ path }: FieldNote) =>
    said.length > 0 && (path.startsWith("assets.") || said.some((field) => field.path === path));
  return problems.flatMap(({ fields, message }) => fields ?? [{ path: "", message }])
    .filter((field) => !isSaid(field));
}

/** What a check refuses with, as fields. */
async function refusalOf(check: () => Promise<void>): Promise<FieldNote[]> {
  try {
    await check();
    return [];
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    const { fields, message } = thrown.problem;
    return fields ?? [{ path: "", message }];
  }
}

function figuresOf(
  { plan: { film, picture, notes = [], steps } }: Planned,
  draft: JobDraft,
): Pick<Shown, "size" | "frames" | "frameRate" | "seconds" | "chunks" | "pieces" | "notes"> {
  const made = film ?? picture ?? null;
  const pieces = draft.take && film
    ? foreseePieces(draft.prompt, { frames: film.frames, rate: film.rate, rule: draft.take })
    : null;
  return {
    size: made ? { width: made.width, height: made.height } : null,
    frames: film?.frames ?? null,
    frameRate: film ? film.rate.num / film.rate.den : null,
    seconds: film ? film.frames * film.rate.den / film.rate.num : null,
    chunks: pieces?.length ?? steps.filter(({ phase }) => phase === "render").length,
    pieces,
    notes,
  };
}

function lacking(c: Call, missing: FieldNote[]): Shown {
  return {
    ok: false,
    missing,
    size: null,
    frames: null,
    frameRate: null,
    seconds: null,
    chunks: null,
    pieces: null,
    notes: [],
    servers: null,
    engine: c.env.studio.offer.engine,
    estimate: null,
    films: 1,
    all: null,
    queue: { position: 1, startsInSeconds: null },
  };
}

function atLeastOne(seconds: number): number {
  return Math.max(1, Math.round(seconds));
}
