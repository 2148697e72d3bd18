/** The workbench of one message: a private copy of the job that the rules change, and the outcome it adds up to. */
import type { ServerWord } from "@/core/faring.ts";
import { type EventBodies, type EventKind, tellEvent } from "@/core/history.ts";
import { dependents, type Plan, type Step } from "@/core/plan.ts";
import type { Hash } from "@/core/ports.ts";
import type { EffectSpec, EventSpec, JobOutput, Mail, StepRow } from "@/core/store.ts";
import type { Outcome, View } from "../runtime/kind.ts";
import { JobEffect, type JobMessage, type JobState, LANES } from "./messages.ts";

export const ACTIVE: readonly StepRow["state"][] = ["ready", "granted", "running", "collecting"];
/** Something was done for it, whatever came of that: it is made again by a new take alone. */
export const STARTED: readonly StepRow["state"][] = [
  "granted",
  "running",
  "collecting",
  "waiting_for_person",
  "done",
  "failed",
  "cancelled",
];

const indexes = new WeakMap<
  Plan,
  { steps: Map<string, Step>; after: Map<string, string[]>; weight: number }
>();

/** Look-ups of an immutable plan, made once. */
export function indexOf(
  plan: Plan,
): { steps: Map<string, Step>; after: Map<string, string[]>; weight: number } {
  const known = indexes.get(plan);
  if (known) return known;
  const made = {
    steps: new Map(plan.steps.map((step) => [step.id, step])),
    after: dependents(plan),
    weight: plan.steps.reduce((sum, step) => sum + step.weight, 0),
  };
  indexes.set(plan, made);
  return made;
}

export class Work {
  readonly id: string;
  readonly at: number;
  readonly hash: Hash;
  readonly plans: ReadonlyMap<number, Plan>;
  state: JobState;
  priority: number | undefined;
  readonly #rows = new Map<string, StepRow[]>();
  readonly #changed = new Map<string, StepRow>();
  readonly #effects: EffectSpec[] = [];
  readonly #revoke: string[] = [];
  readonly #mail: Mail[] = [];
  readonly #events: EventSpec[] = [];
  readonly #slots: { promptId: string; op: "free" | "stopping" }[] = [];
  readonly #outputs: JobOutput[] = [];
  readonly #servers: ServerWord[] = [];

  constructor(view: View<JobState>, tools: { at: number; hash: Hash }) {
    this.id = view.actor.id;
    this.at = tools.at;
    this.hash = tools.hash;
    this.plans = view.plans;
    this.state = structuredClone(view.state);
    for (const [id, takes] of view.steps) this.#rows.set(id, [...takes].sort((a, b) => a.take - b.take));
  }

  get plan(): Plan {
    const plan = this.plans.get(this.state.rev);
    if (!plan) {
      throw new Error(`Cannot act on job ${this.id}: plan revision ${this.state.rev} was not loaded`);
    }
    return plan;
  }

  /** The step's definition in the current plan; undefined when an edit took it away. */
  step(id: string): Step | undefined {
    return indexOf(this.plan).steps.get(id);
  }

  /** The step as people know it. */
  title(id: string): string {
    return this.step(id)?.title ?? id;
  }

  after(id: string): string[] {
    return indexOf(this.plan).after.get(id) ?? [];
  }

  /** Loaded step ids. */
  ids(): string[] {
    return [...this.#rows.keys()];
  }

  takes(id: string): StepRow[] {
    return this.#rows.get(id) ?? [];
  }

  newest(id: string): StepRow | undefined {
    return this.takes(id).at(-1);
  }

  /** Loaded rows that are under way. */
  active(): StepRow[] {
    return [...this.#rows.values()].flat().filter((row) => ACTIVE.includes(row.state));
  }

  /** The row that a reply is about, if it is still the same piece of work; undefined for old news. */
  answered(reply: { step: string; take: number; attempt: number }): StepRow | undefined {
    const row = this.takes(reply.step).find((take) => take.take === reply.take);
    return row?.attempt === reply.attempt ? row : undefined;
  }

  put(row: StepRow): StepRow {
    const others = this.takes(row.id).filter((take) => take.take !== row.take);
    this.#rows.set(row.id, [...others, row].sort((a, b) => a.take - b.take));
    this.#changed.set(`${row.id} ${row.take}`, row);
    return row;
  }

  change(row: StepRow, to: Partial<StepRow>): StepRow {
    return this.put({ ...row, ...to });
  }

  event<Kind extends EventKind>(kind: Kind, body: EventBodies[Kind]): void {
    this.#events.push(tellEvent(kind, body));
  }

  effect(id: string, req: JobEffect): void {
    this.#effects.push({ id, kind: req.kind, lane: LANES[req.kind], req });
  }

  revoke(id: string): void {
    this.#revoke.push(id);
  }

  /** A message to oneself after a delay; the name makes it one timer however often it is set. */
  timer(name: string, delayMs: number, message: JobMessage): void {
    this.#mail.push({ id: `${this.id}:${name}`, to: this.id, kind: message.type, body: message, delayMs });
  }

  slot(promptId: string, op: "free" | "stopping"): void {
    this.#slots.push({ promptId, op });
  }

  output(output: JobOutput): void {
    this.#outputs.push(output);
  }

  /** What the end of a prompt says of its server. */
  server(said: ServerWord): void {
    this.#servers.push(said);
  }

  outcome(): Outcome<JobState> {
    return {
      state: this.state,
      ...(this.priority === undefined ? {} : { priority: this.priority }),
      steps: [...this.#changed.values()],
      effects: this.#effects,
      revoke: this.#revoke,
      mail: this.#mail,
      events: this.#events,
      slots: this.#slots,
      outputs: this.#outputs,
      servers: this.#servers,
    };
  }
}

/** The name of a piece of work in effects, timers and mail. */
export function keyOf(row: { id: string; take: number; attempt: number }): string {
  return `${row.id}:${row.take}:${row.attempt}`;
}
