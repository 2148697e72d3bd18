/** The events of a job: what each kind holds, and its sentence, told from that in the language of the reader. */
import { z } from "zod";
import { type Problem, type ProblemCode, PROBLEMS } from "./problem.ts";
import { STATUSES } from "./status.ts";
import type { EventSpec } from "./store.ts";
import { events } from "./words/events.ts";
import { problems } from "./words/problems.ts";

const Code = z.string().refine((code): code is ProblemCode => Object.hasOwn(PROBLEMS, code));
/** The step by its title, as its plan has it. */
const part = { title: z.string() };
/** `because` where the code alone does not say it. */
const failure = { ...part, code: Code, because: z.string().optional() };

/** What the sentence of each kind needs; rows hold more, for other readers. */
export const EVENT_BODIES = {
  "status": z.looseObject({ status: z.enum(STATUSES), run: z.int() }),
  "run": z.looseObject({ run: z.int() }),
  "step.started": z.looseObject(part),
  "step.done": z.looseObject(part),
  "step.waits": z.looseObject(part),
  "step.approved": z.looseObject(part),
  "step.reused": z.looseObject(part),
  "step.failed": z.looseObject(failure),
  "step.retry": z.looseObject({ ...failure, delayMs: z.number() }),
  "step.lost": z.looseObject(part),
  "step.moved": z.looseObject({}),
  "step.elsewhere": z.looseObject(part),
  "step.again": z.looseObject({ reason: z.enum(["damaged", "gone"]) }),
  "files.missing": z.looseObject({}),
  "retake": z.looseObject(part),
  "retake.ready": z.looseObject({}),
  "retake.refused": z.looseObject({}),
  "edited": z.looseObject({ byOperator: z.literal(true).optional() }),
  "cut": z.looseObject({}),
  /** `seconds`: how long servers took for what went. */
  "pieces.dropped": z.looseObject({
    days: z.number(),
    files: z.int().optional(),
    bytes: z.number().optional(),
    seconds: z.number().optional(),
    roles: z.array(z.string()).optional(),
    stays: z.enum(["film", "retry"]).optional(),
  }),
  "edit.refused": z.looseObject({}),
  "cancelling": z.looseObject({}),
  "paused": z.looseObject({ now: z.boolean(), byOperator: z.literal(true).optional() }),
  "resumed": z.looseObject({}),
  "priority": z.looseObject({ priority: z.int() }),
};

export type EventKind = keyof typeof EVENT_BODIES;
export type EventBodies = { [Kind in EventKind]: z.infer<typeof EVENT_BODIES[Kind]> };

const SCHEMAS: { [Kind in EventKind]: z.ZodType<EventBodies[Kind]> } = EVENT_BODIES;

/** An event as it is stored: with its sentence, for whoever reads rows and does not know the kind. */
export function tellEvent<Kind extends EventKind>(kind: Kind, body: EventBodies[Kind]): EventSpec {
  return { kind, message: events[kind](body), body };
}

/** The sentence of a stored event. Rows that do not hold what it needs, or are of another time, keep their own words. */
export function sentenceOf(event: { kind: string; message: string; body: Record<string, unknown> }): string {
  return (isKind(event.kind) ? told(event.kind, event.body) : null) ?? event.message;
}

function isKind(kind: string): kind is EventKind {
  return Object.hasOwn(EVENT_BODIES, kind);
}

function told<Kind extends EventKind>(kind: Kind, body: unknown): string | null {
  const read = SCHEMAS[kind].safeParse(body);
  return read.success ? events[kind](read.data) : null;
}

/** What an event keeps of a problem: its code, and its sentence where that is not the code's own. */
export function causeOf({ code, message }: Problem): { code: ProblemCode; because?: string } {
  return message === problems[code] ? { code } : { code, because: message };
}
