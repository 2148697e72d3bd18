/** The rows of the in-memory store. Rows are frozen and replaced, never changed. */
import type { Plan } from "@/core/plan.ts";
import type { BackendRow, NewJob, ReadyStep, Shown, SlotRow, StepRow } from "@/core/store.ts";
import type {
  ActorFact,
  DeadletterFact,
  EffectFact,
  EventFact,
  JobOutputFact,
  LedgerFact,
  MailFact,
  OutputFact,
} from "../inspect.ts";

export interface MemoryStep {
  row: StepRow;
  jobId: string;
  userId: string;
  ord: number;
  kind: "prompt" | "local";
  engine: ReadyStep["engine"];
  family: string;
  template: string;
  weight: number;
  priority: number;
  rank: number;
  readyAt: number;
  near: string | null;
}

export interface MemoryMail extends MailFact {
  trace: string | null;
}

export interface MemoryEffect extends EffectFact {
  userId: string;
  trace: string | null;
}

export interface MemoryJob {
  id: string;
  userId: string;
  row: NewJob["row"];
  shown: Shown;
}

export class Tables {
  readonly actors = new Map<string, ActorFact & { trace?: string | null }>();
  /** Plans by job and revision. */
  readonly plans = new Map<string, Map<number, Plan>>();
  /** Takes by job and `{id} {take}`. */
  readonly steps = new Map<string, Map<string, MemoryStep>>();
  readonly mail = new Map<string, MemoryMail>();
  /** Open mail by actor and seq: what turns and sweepers look at. */
  readonly openMail = new Map<string, Map<number, MemoryMail>>();
  readonly events: EventFact[] = [];
  readonly effects = new Map<string, MemoryEffect>();
  readonly openEffects = new Set<string>();
  readonly slots = new Map<string, SlotRow>();
  /** Since when prompts run, by prompt. */
  readonly began = new Map<string, number>();
  /** GPU seconds of people lately, and when they were counted. */
  readonly served = new Map<string, { seconds: number; at: number }>();
  readonly deadletters = new Map<string, DeadletterFact>();
  readonly backends = new Map<string, BackendRow>();
  /** References by `{backend} {epoch} {sha256}`. */
  readonly files = new Map<string, string>();
  readonly outputs = new Map<string, OutputFact>();
  readonly jobs = new Map<string, MemoryJob>();
  readonly jobOutputs = new Map<string, JobOutputFact>();
  /** Takes that wait for a slot. */
  readonly ready = new Map<string, MemoryStep>();
  /** By cause. */
  readonly ledger = new Map<string, LedgerFact>();
  mailSeq = 0;
}

export function stepKey(row: { id: string; take: number }): string {
  return `${row.id} ${row.take}`;
}

export function readyKey(jobId: string, row: { id: string; take: number }): string {
  return `${jobId} ${row.id} ${row.take}`;
}
