/** What the runtime asks of a kind of actor: pure functions over its state, its plan and its steps. */
import type { ServerWord } from "@/core/faring.ts";
import type { Plan } from "@/core/plan.ts";
import type { Hash } from "@/core/ports.ts";
import type { Problem } from "@/core/problem.ts";
import type { EffectSpec, EventSpec, JobOutput, Mail, Shown, StepRow } from "@/core/store.ts";

/** Every actor's state says which plan revision it walks. */
export interface Walker {
  rev: number;
}

/** What an actor sees when it is told something. */
export interface View<S extends Walker> {
  actor: { id: string; userId: string; priority: number };
  state: S;
  /** The plan of `state.rev`. */
  plan: Plan;
  /** Plans by revision: the current one and every one that a mail of this turn names. */
  plans: ReadonlyMap<number, Plan>;
  /** The loaded takes by step id, lowest take first; changes of earlier messages in the same turn are in it. */
  steps: ReadonlyMap<string, readonly StepRow[]>;
}

/** What the actor becomes and what is to happen; everything of it is written in one transaction. */
export interface Outcome<S extends Walker> {
  state: S;
  priority?: number;
  /** Takes to insert or replace, by (id, take). */
  steps: StepRow[];
  effects: EffectSpec[];
  /** Ids of open effects that must not go on. */
  revoke: string[];
  mail: Mail[];
  events: EventSpec[];
  slots: { promptId: string; op: "free" | "stopping" }[];
  outputs: JobOutput[];
  servers?: ServerWord[];
}

export interface Tools {
  /** Database time of the turn in milliseconds. */
  at: number;
  hash: Hash;
}

export interface ActorKind<S extends Walker, M> {
  kind: string;
  /** Parses stored state and migrates older versions. Throws when it cannot. */
  parseState(json: unknown): S;
  /** Throws when the message is not one of this kind's. */
  parseMessage(json: unknown): M;
  /** Which steps these messages need besides the active ones. Pure. */
  wants(input: { state: S; plan: Plan; messages: M[] }): "all" | string[];
  /** Pure, synchronous, total. */
  receive(view: View<S>, message: M, tools: Tools): Outcome<S>;
  /** What the actor becomes when a message was set aside after six failures or the restart intensity is passed. */
  crashed(view: View<S>, problem: Problem, tools: Tools): Outcome<S>;
  shown(view: View<S>): Shown;
}

/** An outcome that changes nothing, for messages that are old news. */
export function unchanged<S extends Walker>(state: S): Outcome<S> {
  return { state, steps: [], effects: [], revoke: [], mail: [], events: [], slots: [], outputs: [] };
}
