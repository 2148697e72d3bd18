/** A job on the test bench: plain values in memory, no store and no runtime, the supervisor played by hand. */
import { createHash } from "node:crypto";
import { job } from "@/actors/job/kind.ts";
import {
  firstSteps,
  type JobEffect,
  type JobMessage,
  type JobState,
  newJobState,
} from "@/actors/job/messages.ts";
import type { Plan, Step, StepFile } from "@/core/plan.ts";
import { planFaults } from "@/core/plan.ts";
import type { EffectSpec, EventSpec, JobOutput, Mail, Shown, StepRow } from "@/core/store.ts";
import { assertEquals } from "@/tests/assert.ts";

export const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export const sha = (text: string) => hash(new TextEncoder().encode(text));

/** `chunk-1` … `chunk-n` after `prepare`, each needing the one before, then `join`. */
export function chainPlan(chunks: number, options: { rev?: string } = {}): Plan {
  const form = (id: string) => sha(`${id} ${options.rev ?? ""}`);
  const steps: Step[] = [{
    kind: "local",
    id: "prepare",
    title: "Prepare",
    phase: "prepare",
    weight: 1,
    needs: [],
    op: "normalise_clip",
    values: {},
    form: form("prepare"),
    timeLimitS: 60,
  }];
  for (let n = 1; n <= chunks; n++) {
    steps.push({
      kind: "prompt",
      id: `chunk-${n}`,
      title: `Part ${n} of ${chunks}`,
      phase: "render",
      weight: 10,
      needs: n === 1 ? ["prepare"] : ["prepare", `chunk-${n - 1}`],
      template: { id: "animate/move", version: "1.0.0" },
      variant: n === 1 ? "first" : "next",
      preset: "balanced",
      values: {},
      family: "a",
      form: form(`chunk-${n}`),
      timeLimitS: 60,
    });
  }
  const parts = steps.filter((step) => step.kind === "prompt").map((step) => step.id);
  steps.push({
    kind: "local",
    id: "join",
    title: "Join",
    phase: "finish",
    weight: 1,
    needs: parts,
    op: "join_film",
    values: {},
    form: form("join"),
    timeLimitS: 60,
  });
  const plan: Plan = {
    v: 1,
    mode: "animate",
    submode: "move",
    engine: "comfy",
    steps,
    result: { step: "join", main: "film", poster: "poster", metadata: "metadata" },
    film: { frames: 77, rate: { num: 16, den: 1 }, width: 640, height: 640 },
    inputs: [],
  };
  assertEquals(planFaults(plan), []);
  return plan;
}

export function file(role: string, content = role): StepFile {
  return { role, ord: 0, sha256: sha(content), ext: "bin", bytes: content.length };
}

export const FILM = [file("film"), file("poster"), file("metadata")];

export class JobBench {
  readonly plans = new Map<number, Plan>();
  state: JobState;
  rows = new Map<string, StepRow>();
  effects = new Map<string, EffectSpec>();
  revoked: string[] = [];
  mail: Mail[] = [];
  events: EventSpec[] = [];
  outputs: JobOutput[] = [];
  /** Held and stopping slots by prompt id. */
  slots = new Map<string, "held" | "stopping">();
  priority = 0;
  at = 1000;
  #prompts = 0;

  constructor(plan: Plan) {
    this.plans.set(1, plan);
    this.state = newJobState({ failuresMax: 4, retryBaseMs: 1000 });
    for (const row of firstSteps(plan)) this.rows.set(`${row.id} ${row.take}`, row);
  }

  /** Loads only what the kind asks for, as a store does, so that a missing wish shows. */
  tell(message: JobMessage): void {
    const plan = this.plans.get(this.state.rev);
    if (!plan) throw new Error("no plan");
    const wanted = job.wants({ state: this.state, plan, messages: [message] });
    const steps = new Map<string, StepRow[]>();
    const active = ["ready", "granted", "running", "collecting", "waiting_for_person"];
    for (const row of this.rows.values()) {
      const loaded = wanted === "all" || wanted.includes(row.id) || active.includes(row.state);
      if (loaded) steps.set(row.id, [...(steps.get(row.id) ?? []), structuredClone(row)]);
    }
    const view = {
      actor: { id: "job", userId: "u", priority: this.priority },
      state: this.state,
      plan,
      plans: this.plans,
      steps,
    };
    const before = structuredClone({ state: this.state, rows: this.rows });
    const outcome = job.receive(view, job.parseMessage(structuredClone(message)), { at: this.at, hash });
    assertEquals({ state: this.state, rows: this.rows }, before, "receive changed its input");
    this.state = job.parseState(JSON.parse(JSON.stringify(outcome.state)));
    this.priority = outcome.priority ?? this.priority;
    for (const row of outcome.steps) this.rows.set(`${row.id} ${row.take}`, row);
    for (const effect of outcome.effects) {
      if (!this.effects.has(effect.id)) this.effects.set(effect.id, effect);
    }
    this.revoked.push(...outcome.revoke);
    this.mail.push(...outcome.mail);
    this.events.push(...outcome.events);
    this.outputs.push(...outcome.outputs);
    for (const slot of outcome.slots) {
      if (slot.op === "free") this.slots.delete(slot.promptId);
      else this.slots.set(slot.promptId, "stopping");
    }
  }

  get shown(): Shown {
    const plan = this.plans.get(this.state.rev);
    if (!plan) throw new Error("no plan");
    const actor = { id: "job", userId: "u", priority: this.priority };
    return job.shown({ actor, state: this.state, plan, plans: this.plans, steps: new Map() });
  }

  row(id: string, take?: number): StepRow {
    const takes = [...this.rows.values()].filter((row) => row.id === id).sort((a, b) => a.take - b.take);
    const row = take === undefined ? takes.at(-1) : takes.find((row) => row.take === take);
    if (!row) throw new Error(`no row ${id}`);
    return row;
  }

  key(id: string, of?: number): { step: string; take: number; attempt: number } {
    const row = this.row(id, of);
    return { step: id, take: row.take, attempt: row.attempt };
  }

  /** What the supervisor does in one transaction: the row is granted, the slot held, the mail posted. */
  grant(id: string, backendId = "b1", take?: number): string {
    const row = this.row(id, take);
    assertEquals(row.state, "ready", `${id} is not ready`);
    const promptId = `prompt-${++this.#prompts}`;
    this.rows.set(`${id} ${row.take}`, { ...row, state: "granted", promptId, backendId });
    this.slots.set(promptId, "held");
    this.tell({ type: "grant", ...this.key(id, take), backendId, promptId });
    return promptId;
  }

  finishPrompt(id: string, take?: number): void {
    const promptId = this.row(id, take).promptId ?? "";
    const files = [{
      role: "clip",
      ord: 0,
      node: "9",
      filename: "a.mp4",
      subfolder: "s",
      type: "output" as const,
    }];
    this.tell({ type: "prompt.finished", ...this.key(id, take), promptId, startedAt: 1, endedAt: 2, files });
  }

  collect(id: string, content = id, take?: number): void {
    this.tell({
      type: "outputs.collected",
      ...this.key(id, take),
      outputs: [file("clip", `${content} ${this.row(id, take).take}`)],
    });
  }

  render(id: string, take?: number): void {
    const promptId = this.grant(id, "b1", take);
    this.tell({ type: "prompt.started", ...this.key(id, take), promptId });
    this.finishPrompt(id, take);
    this.collect(id, id, take);
  }

  local(id: string, outputs: StepFile[] = [file(id)]): void {
    this.tell({ type: "local.done", ...this.key(id), outputs, facts: {} });
  }

  start(): void {
    this.tell({ type: "start" });
    this.tell({ type: "inputs.checked", run: 1, problem: null });
  }

  statuses(): string[] {
    return this.events.filter((event) => event.kind === "status").map((event) => String(event.body?.status));
  }

  effectKinds(): JobEffect["kind"][] {
    return [...this.effects.values()].map((effect) => effect.kind as JobEffect["kind"]);
  }
}
