/** What the runtime must know of a kind of actor. */
import type { Plan } from "@/core/plan.ts";
import type { Hash } from "@/core/ports.ts";
import type { Problem } from "@/core/problem.ts";
import type { EffectSpec, EventSpec, JobOutput, Mail, Shown, StepRow } from "@/core/store.ts";

export interface View<S> {
  actor: { id: string; userId: string; priority: number };
  state: S;
  plan: Plan;
  plans: ReadonlyMap<number, Plan>;
  steps: ReadonlyMap<string, StepRow[]>;
}
export interface Outcome<S> {
  state: S;
  priority?: number;
  steps: StepRow[];
  effects: EffectSpec[];
  revoke: string[];
  mail: Mail[];
  events: EventSpec[];
  slots: { promptId: string; op: "free" | "stopping" }[];
  outputs: JobOutput[];
}
export interface Tools {
  at: number;
  hash: Hash;
}
export interface ActorKind<S, M> {
  kind: string;
  parseState(json: unknown): S;
  parseMessage(json: unknown): M;
  wants(input: { state: S; plan: Plan; messages: M[] }): "all" | string[];
  receive(view: View<S>, message: M, tools: Tools): Outcome<S>;
  crashed(view: View<S>, problem: Problem, tools: Tools): Outcome<S>;
  shown(view: View<S>): Shown;
}
