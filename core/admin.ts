/** What operators see and do: servers, everybody's queue, actors and dead letters. */
import type { AuditEntry, By } from "./audit.ts";
import type { Failure } from "./faring.ts";
import type { Range } from "./queue.ts";
import type { Origin } from "./servers.ts";
import type { Status } from "./status.ts";
import type { Chosen, Errand, LineFilter, LineMove, Told } from "./line.ts";
import type { Mail, NewJob, Revision } from "./store.ts";
import type { LackLine } from "./preflight.ts";

export interface QueueEntry {
  backendId: string;
  url: string;
  engine: "draft" | "comfy";
  status: string;
  /** Slots that carry a prompt of this studio. */
  slots: {
    n: number;
    jobId: string;
    title: string;
    stepId: string;
    promptId: string;
    state: string;
    since: number;
  }[];
  /** What the server itself says, prompt ids only; null when it does not answer. */
  running: string[] | null;
  pending: string[] | null;
}

export interface BackendNote {
  id: string;
  url: string;
  engine: "draft" | "comfy";
  slots: number;
  /** Slots that carry a prompt of this studio. */
  held: number;
  status: "up" | "drain" | "down";
  version: string | null;
  loadedFamily: string | null;
  /** Titles of the templates that the loaded models serve; empty where none are loaded or known. */
  loadedFor: string[];
  vram: number | null;
  lastSeenAt: number | null;
  problem: string | null;
  /** Prompts that failed there, ever. */
  failures: number;
  lastFailure: Failure | null;
  /** Held because so many films failed there in a row: nothing new before then, and one prompt at a time after it. */
  hold: { films: number; until: number } | null;
  name: string | null;
  origin: Origin;
  tags: string[];
  gpu: string | null;
  device: string | null;
  vramFree: number | null;
  ramFree: number | null;
  /** Too little memory for anything new. */
  short: boolean;
  /** Its own settings, where it has them; what counts are `slots` and `vram`. */
  slotsGiven: number | null;
  vramGiven: number | null;
  /** Price of an hour. */
  costHour: number | null;
  /** The last characters of its own header, perhaps none of them; null where it has none. */
  header: string | null;
  rev: number;
}

/** What a server lacks for one template; no lines where it has all. */
export interface TemplateLacks {
  template: string;
  title: string;
  lines: LackLine[];
}

/** What a server lacks as it told last. */
export interface KnownLacks {
  backendId: string;
  /** When it told; null where it never did, and for the draft renderer, which lacks nothing. */
  at: number | null;
  /** Null where it never told. */
  items: TemplateLacks[] | null;
}

export const LINES = ["running", "waiting", "held"] as const;
/** Jobs on servers or under way in the studio; those that wait for a server; those that wait for something else. */
export type LineName = (typeof LINES)[number];

/** A job of anybody, without its words: those are its owner's. */
export interface LineJob {
  id: string;
  title: string;
  owner: string;
  mode: string;
  engine: "draft" | "comfy";
  status: Status;
  stage: string;
  paused: boolean;
  cancelling: boolean;
  share: number;
  priority: number;
  /** Operators put it before everybody's. */
  front: boolean;
  /** An operator paused it, not its owner. */
  byOperator: boolean;
  place: number | null;
  backendId: string | null;
  start: Range | null;
  end: Range | null;
  createdAt: number;
}

export interface LiveJob
  extends Pick<LineJob, "id" | "owner" | "status" | "paused" | "cancelling" | "priority"> {
  ownerId: string;
}

export interface ActorNote {
  id: string;
  kind: string;
  userId: string;
  status: string;
  stage: string;
  ver: number;
  openMail: number;
  openEffects: number;
  updatedAt: number;
}

/** A job with its words: for the file of the queue alone. */
export interface LiveRequest {
  id: string;
  owner: string;
  priority: number;
  status: string;
  paused: boolean;
  batchId: string | null;
  projectId: string | null;
  settings: Record<string, unknown>;
}

export interface EffectNote {
  id: string;
  actorId: string;
  kind: string;
  lane: string;
  status: string;
  tries: number;
  note: string | null;
  /** The process that runs it; null while nobody does. */
  owner: string | null;
  leaseUntil: number | null;
  nextAt: number;
}

/** One actor as a whole, without its owner's words. */
export interface ActorInsight {
  id: string;
  kind: string;
  userId: string;
  ver: number;
  priority: number;
  state: Record<string, unknown>;
  title: string;
  /** E-mail address. */
  owner: string;
  /** Why it failed, in the far side's own words. */
  problem: { code: string; cause: string } | null;
  steps: {
    id: string;
    title: string;
    kind: string;
    needs: string[];
    state: string;
    take: number;
    attempt: number;
    backendId: string | null;
    promptId: string | null;
  }[];
  mail: { id: string; kind: string; dueAt: number; attempts: number; error: string | null }[];
  effects: EffectNote[];
  history: { seq: number; at: number; kind: string; message: string }[];
}

export interface DeadLetter {
  id: string;
  actorId: string;
  kind: string;
  error: string;
  attempts: number;
  at: number;
}

export interface Admin {
  queue(): Promise<{ waiting: number; backends: QueueEntry[] }>;
  backends(): Promise<BackendNote[]>;
  /** Null when there is no such backend; throws where it does not answer. */
  lacks(id: string, signal: AbortSignal): Promise<TemplateLacks[] | null>;
  /** Of every server, without asking any. */
  knownLacks(): Promise<KnownLacks[]>;
  /** False when there is no such backend. */
  setBackend(id: string, status: "up" | "drain", by: By): Promise<boolean>;
  /** Ends the hold of a server where films failed. False when there is no such backend. */
  trustBackend(id: string, by: By): Promise<boolean>;
  /** Live jobs of everybody: those that run and wait in the order in which they are served, others by age. */
  line(
    filter: LineFilter & { name: LineName },
    page: { offset: number; limit: number },
  ): Promise<{ items: LineJob[]; total: number }>;
  /** How many live jobs are meant. */
  count(filter: LineFilter): Promise<number>;
  /** Any job that has not ended; null when there is none. */
  liveJob(id: string): Promise<LiveJob | null>;
  /** One message to each job that it makes sense for, in one transaction with one entry of the audit log. */
  tellMany(chosen: Chosen, errand: Errand, by: By): Promise<Told>;
  /** Moves live jobs in the operators' own line. Null where they cannot move so. */
  move(chosen: Chosen, to: LineMove, by: By): Promise<Told | null>;
  /** The next revision of somebody's job, with what the audit log tells of it. False where another was quicker. */
  revise(jobId: string, revision: Revision, entry: AuditEntry, by: By): Promise<boolean>;
  /** Live jobs as they were asked for, in the order in which their owners want them. */
  liveRequests(): Promise<LiveRequest[]>;
  /** Which of these jobs there are, live or not. */
  known(ids: string[]): Promise<Set<string>>;
  /** All or none, and what the audit log tells of it. */
  admit(jobs: NewJob[], entry: AuditEntry, by: By): Promise<void>;
  actors(limit: number): Promise<ActorNote[]>;
  /** Null when there is none. */
  actor(id: string): Promise<ActorInsight | null>;
  /** Open ones, those that fall due first in front. */
  effects(): Promise<EffectNote[]>;
  deadLetters(limit: number): Promise<DeadLetter[]>;
  /** Posts the letter again, or drops it. False when it is gone. */
  settle(id: string, how: "retry" | "drop", by: By): Promise<boolean>;
  /** Mail to a job of anybody, and what the audit log tells of it. */
  tell(mail: Mail, entry: AuditEntry, by: By): Promise<void>;
}
