/** What the actor runtime asks of the database. Every method is one transaction; none waits for anything but the database. */
import type { BackendChange, BackendChanged, BackendRow, SlotRow } from "./backend.ts";
import type { Faring, ServerWord } from "./faring.ts";
import type { Plan, StepFile } from "./plan.ts";
import type { Problem } from "./problem.ts";
import type { Shares } from "./schedule_memory.ts";

export type { BackendChange, BackendChanged, BackendRow, SlotRow };

export interface Mail {
  /** Unique by cause, so that a cause told twice is one mail. */
  id: string;
  to: string;
  kind: string;
  body: unknown;
  /** Not delivered before database time + this. */
  delayMs?: number;
  /** W3C trace context, carried from click to prompt. */
  trace?: string;
}

export interface StoredMail {
  seq: number;
  id: string;
  kind: string;
  body: unknown;
  attempts: number;
  trace: string | null;
}

export const STEP_STATES = [
  "pending",
  "ready",
  "granted",
  "running",
  "collecting",
  "done",
  "failed",
  "cancelled",
  "skipped",
  "waiting_for_person",
] as const;
export type StepState = (typeof STEP_STATES)[number];

/** One take of one step. */
export interface StepRow {
  id: string;
  take: number;
  /** The take that later steps use. At most one per step. */
  chosen: boolean;
  /** Made from an upstream take that is no longer chosen. */
  stale: boolean;
  state: StepState;
  attempt: number;
  run: number;
  /** Failures that count against the limit; `attempt` also rises after a pause or a change of server. */
  failures: number;
  /** How often a server lost this take. */
  losses: number;
  digest: string | null;
  /** Plan revision that the take was made by. */
  rev: number;
  /** The takes of its needs that it is made from, fixed when it begins. */
  uses: Record<string, number>;
  outputs: StepFile[];
  problem: Problem | null;
  promptId: string | null;
  backendId: string | null;
  /** The server where its prompt failed: it is tried on another one. */
  avoid?: string | null;
  startedAt: number | null;
  endedAt: number | null;
}

export interface ActorRow<S = unknown> {
  id: string;
  kind: string;
  userId: string;
  state: S;
  ver: number;
  priority: number;
  /** Place among the jobs of the owner; the lowest is first. */
  rank: number;
  /** W3C context of what was last asked of it. */
  trace?: string | null;
}

export interface EffectSpec {
  /** Of an ensure_prompt: the prompt id. Otherwise `{actor}:{key}`. */
  id: string;
  kind: string;
  lane: string;
  req: unknown;
  delayMs?: number;
}

export interface EventSpec {
  kind: string;
  /** One sentence for people. */
  message: string;
  body?: Record<string, unknown>;
}

/** What lists and pages show of a job; written with the turn that changes it. */
export interface Shown {
  status: string;
  stage: string;
  paused: boolean;
  cancelling: boolean;
  run: number;
  rev: number;
  /** Done weight ÷ all weight, 0 to 1. */
  share: number;
  problem: Problem | null;
  promptId: string | null;
  endedAt: number | null;
}

export interface JobOutput {
  /** The run that completed with it; further runs may begin in the same turn. */
  run: number;
  /** Counts the outputs of a run from 0. */
  ord: number;
  type: string;
  file: string;
  poster: string | null;
  metadata: Record<string, unknown>;
}

export interface TurnInput {
  actor: ActorRow;
  /** Database time in milliseconds. */
  at: number;
  mail: StoredMail[];
  /** Plans by revision: the current one and every one that a mail names as `rev`. */
  plans: Map<number, Plan>;
  steps: StepRow[];
}

/** What becomes of a mail. One that is not named stays as it is and is read again by the next turn. */
export type MailFate =
  | { seq: number; fate: "done" }
  /** Tried again after the delay; attempts rises by one. */
  | { seq: number; fate: "later"; delayMs: number; error: string }
  | { seq: number; fate: "dead"; error: string };

export interface TurnWrite {
  state: unknown;
  priority?: number;
  /** Rows to insert or replace, by (id, take). */
  steps: StepRow[];
  effects: EffectSpec[];
  /** Open effects to revoke: their runners see it at the next beat and stop. */
  revoke: string[];
  mail: Mail[];
  events: EventSpec[];
  /** `free`: the slot is empty. `stopping`: kept until the prompt is gone from the backend. */
  slots: { promptId: string; op: "free" | "stopping" }[];
  fates: MailFate[];
  shown: Shown | null;
  /** Written when a run completes, once per run and place. */
  outputs: JobOutput[];
  /** What the ends of prompts say of their servers. */
  servers?: ServerWord[];
}

export interface Behaviour {
  /** Which steps the turn needs: all, or these besides the active ones (ready to collecting, waiting). */
  wants(input: Omit<TurnInput, "steps">): "all" | string[];
  /** Pure. Never throws: what goes wrong is a fate. */
  decide(input: TurnInput): TurnWrite;
}

export interface TurnReport {
  handled: number;
  /** More mail is due now. */
  more: boolean;
  /** Actors that got mail due now. */
  told: string[];
  effects: number;
  /** Steps became ready or slots became free: the scheduler should look. */
  schedule: boolean;
  /** Servers that are held from this turn on. */
  held?: { backendId: string; faring: Faring }[];
}

/** What was asked for, as lists and pages show it. */
export interface JobRow {
  mode: string;
  submode: string | null;
  title: string;
  prompt: string;
  negativePrompt: string;
  settings: Record<string, unknown>;
  template: { name: string; version: string };
  engine: "draft" | "comfy";
  batchId: string | null;
  projectId: string | null;
  /** Asset ids with their roles; a live job keeps its assets from being deleted. */
  assets: { assetId: string; role: string; used: boolean }[];
  parentId: string | null;
  /** The draft that this is the final film of. */
  draftId: string | null;
}

export interface NewJob {
  id: string;
  userId: string;
  kind: string;
  priority: number;
  state: unknown;
  plan: Plan;
  steps: StepRow[];
  mail: Mail[];
  /** How the history begins, before the job's first turn. */
  begins?: EventSpec;
  shown: Shown;
  row: JobRow;
}

export interface Revision {
  rev: number;
  plan: Plan;
  mail: Mail;
  /** What the job's row says is asked for from now on; left out where it stays. */
  row?: Pick<JobRow, "title" | "prompt" | "negativePrompt" | "settings">;
}

export interface AdmitOptions {
  /** Refuses when the owner would then have more jobs that have not ended; `quota.max_queued` wins over it. */
  openMax?: number;
}

export interface Claim {
  id: string;
  actorId: string;
  userId: string;
  kind: string;
  lane: string;
  req: unknown;
  token: number;
  /** How often it was claimed, this time included. */
  tries: number;
  /** What an earlier run of this effect noted, for instance that a prompt was accepted. */
  note: string | null;
  /** Who had it and fell silent: their lease ran out. */
  lapsed?: string | null;
  /** W3C context of what it was made for. */
  trace?: string | null;
}

export interface Finish {
  status: "done" | "failed";
  result: unknown;
  /** Posted in the same transaction. */
  mail: Mail[];
  files?: { backendId: string; epoch: number; sha256: string; ref: string }[];
  outputs?: { node: string; ord: number; sha256: string; ext: string; bytes: number; role: string }[];
}

/** A prompt step that waits for a slot. */
export interface ReadyStep {
  jobId: string;
  userId: string;
  stepId: string;
  take: number;
  attempt: number;
  engine: "draft" | "comfy";
  family: string;
  template: string;
  digest: string | null;
  /** Seconds by the plan. */
  weight: number;
  priority: number;
  /** The job's place among those of its owner, who may change it; the lowest is first. */
  rank: number;
  readyAt: number;
  /** Backend that ran the step's needs, when it has one: cheaper, never required. */
  near: string | null;
  /** The server where it failed. */
  avoid?: string | null;
  /** Place in the operators' own line, before everybody's; the lowest is first. None for what goes in turn. */
  front?: number | null;
}

export interface Grant {
  jobId: string;
  stepId: string;
  take: number;
  attempt: number;
  backendId: string;
  n: number;
  promptId: string;
  family: string;
}

export interface Store {
  /** The database's clock in milliseconds UTC. */
  now(): Promise<number>;
  /**
   * Admits jobs, all or none. Same ids again change nothing. Throws job.queue_full, asset.missing (an asset is not
   * this owner's, or was deleted).
   */
  admit(jobs: NewJob[], options?: AdmitOptions): Promise<void>;
  /** Adds a plan revision, the mail that names it and what is asked for, together. False when the revision is taken. */
  revise(jobId: string, revision: Revision): Promise<boolean>;
  plan(jobId: string, rev: number): Promise<Plan | null>;
  /** Mail to nobody becomes a dead letter. */
  post(mail: Mail[]): Promise<void>;
  /** Null when the actor is unknown, busy in another process, or has no due mail. */
  turn(actorId: string, behaviour: Behaviour): Promise<TurnReport | null>;
  /** Actors with due mail, oldest first. */
  dueActors(limit: number): Promise<string[]>;
  /** Milliseconds until the next mail or effect falls due, or null. */
  nextDueIn(): Promise<number | null>;

  /** Takes one open effect of these lanes whose lease is over and whose time has come. */
  claim(owner: string, lanes: string[], leaseMs: number): Promise<Claim | null>;
  /** False: the lease is lost or the effect was revoked. */
  beat(id: string, token: number, leaseMs: number): Promise<boolean>;
  /** How an effect stands, also after its end: whether a runner may still be at it. Null when there was none. */
  effect(id: string): Promise<{ status: string; note: string | null; leaseMs: number } | null>;
  /** Remembers a word about an open effect, for whoever runs it next. False: the lease is lost or the effect was revoked. */
  note(id: string, token: number, note: string): Promise<boolean>;
  /** False: another runner finished it, or it was revoked; nothing is written then. */
  finish(id: string, token: number, finish: Finish): Promise<boolean>;
  /** Gives the effect back, to be claimed again after the delay. */
  putOff(id: string, token: number, delayMs: number): Promise<boolean>;
  /** Ends all leases of this owner at once: for a graceful end. */
  release(owner: string): Promise<number>;

  backends(): Promise<BackendRow[]>;
  /** Enters a server, or writes all of it anew: for setting up. */
  saveBackend(row: BackendRow): Promise<void>;
  /**
   * Changes a server by what it is at that moment: reading and writing are one transaction, so that nobody's change is
   * written over by another's. Null when there is no such server or `decide` gave null; then nothing is written.
   */
  changeBackend(
    id: string,
    decide: (row: BackendRow) => BackendChange | null,
  ): Promise<BackendChanged | null>;
  slots(): Promise<SlotRow[]>;
  /** Prompt steps in `ready`, at most `limit`: the head of every (user, engine, family) before the second of any, in its owner's order. */
  ready(limit: number): Promise<ReadyStep[]>;
  /**
   * Guard: step is `ready` at this take and attempt, the backend is up and of the step's engine, slot n exists and is
   * free, the step holds no other slot. Sets `granted`, holds the slot, posts the grant mail.
   */
  grant(grant: Grant): Promise<boolean>;
  /** Jobs of one person exchange their places in the queue, priority with rank. False where one of them is not theirs or not live. */
  arrange(userId: string, jobIds: readonly string[]): Promise<boolean>;
  /** Frees a slot by prompt id; only the job's own turn and a confirmed stop do this. */
  freeSlot(promptId: string): Promise<void>;
  /** What each person had of the servers lately, by now, and how many prompts they may hold. */
  shares(): Promise<Shares>;
  /** Files of this content that lie on a backend in its current epoch. */
  backendFile(backendId: string, sha256: string): Promise<string | null>;
  rememberFile(backendId: string, epoch: number, sha256: string, ref: string): Promise<void>;
  /** A done, chosen take of the same owner with this digest. */
  findDone(
    userId: string,
    digest: string,
  ): Promise<{ jobId: string; stepId: string; take: number; outputs: StepFile[] } | null>;
  /** Takes the digest off done takes whose files turned out to be damaged, so that nobody reuses them. */
  disown(userId: string, digest: string): Promise<void>;
  /** Rows of one job, for effects that need what earlier steps made. */
  steps(jobId: string): Promise<StepRow[]>;
  actor(id: string): Promise<ActorRow | null>;
  close(): Promise<void>;
}
