/** Everything a store holds, for the checkers of tests, simulation and chaos runs. */
import type { LedgerKind } from "@/core/ledger.ts";
import type { BackendRow, Shown, SlotRow, StepRow } from "@/core/store.ts";

export interface ActorFact {
  id: string;
  kind: string;
  userId: string;
  state: unknown;
  ver: number;
  priority: number;
  rank: number;
}

export interface MailFact {
  seq: number;
  id: string;
  to: string;
  kind: string;
  body: unknown;
  dueAt: number;
  attempts: number;
  error: string | null;
  doneAt: number | null;
}

export interface EventFact {
  seq: number;
  actorId: string;
  ver: number;
  userId: string;
  kind: string;
  message: string;
  body: unknown;
  at: number;
}

export interface EffectFact {
  id: string;
  actorId: string;
  kind: string;
  lane: string;
  req: unknown;
  status: "open" | "done" | "failed" | "cancelled";
  owner: string | null;
  token: number;
  tries: number;
  note: string | null;
  leaseUntil: number;
  nextAt: number;
  result: unknown;
}

export interface DeadletterFact {
  id: string;
  actorId: string;
  kind: string;
  body: unknown;
  error: string;
  at: number;
}

export interface OutputFact {
  effectId: string;
  node: string;
  ord: number;
  token: number;
  sha256: string;
}

export interface JobFact extends Omit<Shown, "problem"> {
  id: string;
  userId: string;
}

export interface JobOutputFact {
  jobId: string;
  run: number;
  ord: number;
  type: string;
  file: string;
}

export interface LedgerFact {
  id: string;
  userId: string;
  jobId: string;
  stepId: string;
  kind: LedgerKind;
  seconds: number;
  bytes: number;
  at: number;
}

export interface Snapshot {
  actors: ActorFact[];
  steps: (StepRow & { jobId: string })[];
  mail: MailFact[];
  events: EventFact[];
  effects: EffectFact[];
  slots: SlotRow[];
  deadletters: DeadletterFact[];
  backends: BackendRow[];
  outputs: OutputFact[];
  jobs: JobFact[];
  jobOutputs: JobOutputFact[];
  ledger: LedgerFact[];
}

/** For a checker that looks often: leaves out what cannot have changed since it looked. */
export interface Since {
  /** Only events after this one, and only mail that is not done. */
  event: number;
}

export interface Inspect {
  inspect(since?: Since): Promise<Snapshot>;
}
