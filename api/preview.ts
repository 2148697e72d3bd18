/** What would happen if a job were asked for now: size, length, parts, time, place in the queue, or what is missing. Nothing is made. */
import { createRoute, z } from "@hono/zod-openapi";
import { FASTER, type Outlook, SLOWER } from "@/core/forecast.ts";
import { StudioError } from "@/core/problem.ts";
import type { ShownPreview as Shown } from "@/core/shown.ts";
import { makeDraft, planDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { NewJobBody } from "./job_schemas.ts";
import { fieldsOf, REFUSALS } from "./problems.ts";
import { requireUser } from "./session.ts";
import type { Planned } from "./studio.ts";

const Field = z.object({ path: z.string(), message: z.string() });
const Preview = z.object({
  ok: z.boolean(),
  missing: z.array(Field).openapi({ description: "What is missing or wrong, by path." }),
  size: z.object({ width: z.int(), height: z.int() }).nullable(),
  frames: z.int().nullable(),
  frameRate: z.number().nullable(),
  seconds: z.number().nullable(),
  chunks: z.int().nullable().openapi({ description: "Parts that are rendered one after the other." }),
  notes: z.array(z.string()).openapi({ description: "What was adapted, in sentences." }),
  engine: z.enum(["draft", "comfy"]),
  estimate: z.object({ seconds: z.number(), low: z.number(), high: z.number() }).nullable().openapi({
    description: "Work alone, without the wait.",
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
      ...REFUSALS,
    },
  });
  api.openapi(
    preview,
    async (c) => c.json(await foresee(c, c.req.valid("json")), 200),
    (result, c) => result.success ? undefined : c.json(lacking(c, fieldsOf(result.error)), 200),
  );
}

async function foresee(c: Call, body: NewJobBody): Promise<Shown> {
  const { studio } = c.env;
  const user = requireUser(c);
  const draft = makeDraft(studio, body);
  let planned: Planned;
  try {
    planned = await planDraft(studio, user.id, draft);
  } catch (cause) {
    if (!(cause instanceof StudioError)) throw cause;
    const { fields, message } = cause.problem;
    return lacking(c, fields ?? [{ path: "", message }]);
  }
  const { plan } = planned;
  const outlook = await studio.queue.foresee({ userId: user.id, plan, priority: draft.settings.priority });
  return { ...figuresOf(planned), ok: true, missing: [], engine: plan.engine, queue: placeOf(outlook) };
}

function figuresOf(
  { plan }: Planned,
): Pick<Shown, "size" | "frames" | "frameRate" | "seconds" | "chunks" | "notes" | "estimate"> {
  const { film } = plan;
  const made = film ?? plan.picture ?? null;
  const seconds = plan.steps.reduce((sum, step) => sum + step.weight, 0);
  return {
    size: made ? { width: made.width, height: made.height } : null,
    frames: film?.frames ?? null,
    frameRate: film ? film.rate.num / film.rate.den : null,
    seconds: film ? film.frames * film.rate.den / film.rate.num : null,
    chunks: plan.steps.filter(({ phase }) => phase === "render").length,
    notes: plan.notes ?? [],
    estimate: { seconds, low: seconds * FASTER, high: seconds * SLOWER },
  };
}

function placeOf({ place, startS }: Pick<Outlook, "place" | "startS">): Shown["queue"] {
  return { position: place ?? 1, startsInSeconds: startS };
}

function lacking(c: Call, missing: Shown["missing"]): Shown {
  return {
    ok: false,
    missing,
    size: null,
    frames: null,
    frameRate: null,
    seconds: null,
    chunks: null,
    notes: [],
    engine: c.env.studio.offer.engine,
    estimate: null,
    queue: placeOf({ place: 1, startS: null }),
  };
}
