/** `POST /api/jobs/preview`: what would happen if this were asked for now. Nothing is stored. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail, type FieldNote, StudioError } from "@/core/problem.ts";
import type { ShownPreview } from "@/core/shown.ts";
import { checkProject, checkRoom, lookForInputs, makeDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { NewJobBody } from "./job_schemas.ts";
import { fieldsOf, REFUSALS } from "./problems.ts";
import { Span } from "./queue.ts";
import { requireUser } from "./session.ts";
import type { JobDraft, Planned } from "./studio.ts";

/** A page asks a little after every change, and a person may have several. */
const PER_PERSON = { size: 40, refillMs: 100 };

const Count = z.int().positive();
const Preview = z.object({
  ok: z.boolean(),
  missing: z.array(z.object({ path: z.string(), message: z.string() })).openapi({
    description: "What is missing or wrong, with paths as in the request; an empty path is the whole of it.",
  }),
  size: z.object({ width: Count, height: Count }).nullable(),
  frames: Count.nullable(),
  frameRate: z.number().positive().nullable(),
  seconds: z.number().positive().nullable(),
  chunks: Count.nullable().openapi({ description: "Parts that are rendered one by one." }),
  notes: z.array(z.string()).openapi({ description: "What would be adapted, in sentences." }),
  engine: z.enum(["draft", "comfy"]),
  estimate: Span.nullable().openapi({
    description: "Of the work without any wait: by the template, and by what such work took here lately.",
  }),
  queue: z.object({
    position: Count.openapi({ description: "Among everybody's waiting jobs, from 1." }),
    startsInSeconds: z.number().nullable(),
  }),
}).openapi("JobPreview");

export function addJobPreview(api: Api): void {
  const route = createRoute({
    method: "post",
    path: "/jobs/preview",
    tags: ["jobs"],
    summary:
      "What a job would become: missing fields, size, length, parts, time and place. Nothing is stored.",
    request: { body: { required: true, content: { "application/json": { schema: NewJobBody } } } },
    responses: {
      200: { description: "What would happen.", content: { "application/json": { schema: Preview } } },
      ...REFUSALS,
    },
  });
  api.openapi(route, async (c) => {
    checkPace(c);
    return c.json(await preview(c, c.req.valid("json")), 200);
  }, (result, c) => {
    // A field that does not fit yet is no fault here: the person is still filling it in.
    if (result.success) return;
    checkPace(c);
    return c.json(nothingYet(fieldsOf(result.error), c.env.studio.settings.autoEngine), 200);
  });
}

function checkPace(c: Call): void {
  const retryAfterMs = c.env.studio.limiter.take(`preview:${requireUser(c).id}`, PER_PERSON);
  if (retryAfterMs > 0) throw fail("request.rate_limited", { retryAfterMs });
}

async function preview(c: Call, body: NewJobBody): Promise<ShownPreview> {
  const { studio } = c.env;
  const user = requireUser(c);
  const draft = makeDraft(studio, body);
  const { assets, fields } = await lookForInputs(studio, user.id, draft);
  const planned = await studio.sketch(draft, assets);
  const named = new Set(fields.map(({ path }) => path));
  const problems = planned.ok ? [] : planned.problem;
  const missing = [
    ...fields,
    // Where files are missing the planner finds nothing else to say about them.
    ...problems.flatMap((one) => one.fields ?? [{ path: "", message: one.message }])
      .filter(({ path }) => !named.has(path) && !(named.size > 0 && path.startsWith("assets."))),
    ...await refusalOf(() => checkProject(studio, user.id, body.projectId)),
    ...await refusalOf(() => checkRoom(studio, user.id, body.count)),
  ];
  if (!planned.ok || missing.length > 0) {
    const facts = planned.ok ? factsOf(planned.value) : {};
    return { ...nothingYet(missing, engineOf(draft, studio.settings.autoEngine)), ...facts };
  }
  const { plan } = planned.value;
  const { work, place, startS } = await studio.queue.prospect(user.id, {
    plan,
    priority: draft.settings.priority,
  });
  return {
    ok: true,
    missing,
    engine: plan.engine,
    ...factsOf(planned.value),
    estimate: { seconds: atLeastOne(work.likelyS), low: atLeastOne(work.lowS), high: atLeastOne(work.highS) },
    queue: { position: place, startsInSeconds: startS === null ? null : Math.round(startS) },
  };
}

function engineOf({ settings }: JobDraft, auto: "draft" | "comfy"): "draft" | "comfy" {
  return settings.engine === "draft" ? "draft" : auto;
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

type Facts = Pick<ShownPreview, "size" | "frames" | "frameRate" | "seconds" | "chunks" | "notes">;

function factsOf({ plan }: Planned): Facts {
  const { film, notes = [], steps } = plan;
  const chunks = steps.filter((step) => step.phase === "render").length;
  if (film === null) return { size: null, frames: null, frameRate: null, seconds: null, chunks, notes };
  const { frames, rate, width, height } = film;
  const frameRate = rate.num / rate.den;
  return { size: { width, height }, frames, frameRate, seconds: frames / frameRate, chunks, notes };
}

function nothingYet(missing: FieldNote[], engine: "draft" | "comfy"): ShownPreview {
  return {
    ok: false,
    missing,
    size: null,
    frames: null,
    frameRate: null,
    seconds: null,
    chunks: null,
    notes: [],
    engine,
    estimate: null,
    queue: { position: 1, startsInSeconds: null },
  };
}

function atLeastOne(seconds: number): number {
  return Math.max(1, Math.round(seconds));
}
