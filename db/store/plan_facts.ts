/** What the scheduler must know of a step, taken from its plan once. */
import { shapeOf } from "@/core/estimate.ts";
import type { Plan, Step } from "@/core/plan.ts";
import type { StoredMail } from "@/core/store.ts";

export interface StepFacts {
  ord: number;
  kind: Step["kind"];
  engine: Plan["engine"];
  family: string;
  template: string;
  shape: string;
  weight: number;
}

/** A step that its plan does not know never waits for a slot. */
const UNKNOWN: StepFacts = {
  ord: 0,
  kind: "local",
  engine: "draft",
  family: "",
  template: "",
  shape: "",
  weight: 0,
};

const known = new WeakMap<Plan, Map<string, StepFacts>>();

export function factsOf(plan: Plan | undefined, stepId: string): StepFacts {
  if (!plan) return UNKNOWN;
  let facts = known.get(plan);
  if (!facts) {
    facts = new Map(plan.steps.map((step, ord) => [step.id, readFacts(step, { ord, engine: plan.engine })]));
    known.set(plan, facts);
  }
  return facts.get(stepId) ?? UNKNOWN;
}

function readFacts(step: Step, { ord, engine }: { ord: number; engine: Plan["engine"] }): StepFacts {
  const prompt = step.kind === "prompt";
  return {
    ord,
    kind: step.kind,
    engine,
    family: prompt ? step.family : "",
    template: prompt ? step.template.id : "",
    shape: shapeOf(step),
    weight: step.weight,
  };
}

/** The plan revision that a state or a message names, if it names one. */
export function revOf(json: unknown): number | null {
  if (typeof json !== "object" || json === null || !("rev" in json)) return null;
  return typeof json.rev === "number" ? json.rev : null;
}

/** States in which a step is loaded by every turn of its job. */
export const ACTIVE_STATES: readonly string[] = [
  "ready",
  "granted",
  "running",
  "collecting",
  "waiting_for_person",
];

/** Due mail that one turn reads. */
export const TURN_MAIL_MAX = 32;

export function grantMailId(of: { jobId: string; stepId: string; take: number; attempt: number }): string {
  return `grant:${of.jobId}:${of.stepId}:${of.take}:${of.attempt}`;
}

/** Context of the newest mail that has one. */
export function tracedBy(mail: readonly StoredMail[]): string | null {
  return mail.findLast(({ trace }) => trace !== null)?.trace ?? null;
}
