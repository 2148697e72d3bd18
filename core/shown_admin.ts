/** What the API shows to operators, as pages read it. Times are ISO 8601, UTC. */
import type { Member } from "./account.ts";
import type { ActorInsight, BackendNote, QueueEntry, TemplateLacks } from "./admin.ts";
import type { Failure } from "./faring.ts";
import type { FailedFilm } from "./failed.ts";
import type { TemplateNote } from "./own_templates.ts";
import type { OwnLimits } from "./quota.ts";
import type { ShownJob, ShownPerson, ShownSpan } from "./shown.ts";
import type { Status } from "./status.ts";

export interface ShownBackend extends Omit<BackendNote, "vram" | "lastSeenAt" | "lastFailure" | "hold"> {
  lastFailure: (Omit<Failure, "at"> & { at: string }) | null;
  hold: { films: number; until: string } | null;
  vramBytes: number | null;
  lastSeenAt: string | null;
}

export interface ShownFailedFilm extends Omit<FailedFilm, "rev" | "endedAt"> {
  endedAt: string;
}

export interface ShownLineJob {
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
  front: boolean;
  byOperator: boolean;
  place: number | null;
  backendId: string | null;
  starts: ShownSpan | null;
  ends: ShownSpan | null;
  createdAt: string;
}

export interface ShownLine {
  items: ShownLineJob[];
  total: number;
}

/** A job of anybody that has not ended, with what was asked for. */
export interface ShownLiveJob {
  owner: string;
  job: ShownJob;
}

/** What became of something told to many. */
export interface ShownTold {
  told: number;
  passed: number;
}

/** What runs and waits on a server. */
export interface ShownServerWork extends Omit<QueueEntry, "slots"> {
  slots: (Omit<QueueEntry["slots"][number], "since"> & { since: string })[];
}

export interface ShownKnownLacks {
  items: { backendId: string; at: string | null; items: TemplateLacks[] | null }[];
}

export interface ShownLacks {
  items: TemplateLacks[];
}

export interface ShownActor {
  id: string;
  kind: string;
  userId: string;
  status: string;
  stage: string;
  ver: number;
  openMail: number;
  openEffects: number;
  updatedAt: string;
}

export interface ShownEffect {
  id: string;
  actorId: string;
  kind: string;
  lane: string;
  status: string;
  tries: number;
  note: string | null;
  owner: string | null;
  leaseUntil: string | null;
  nextAt: string;
}

/** One actor as a whole. */
export interface ShownInsight extends Omit<ActorInsight, "mail" | "effects" | "history"> {
  mail: { id: string; kind: string; dueAt: string; attempts: number; error: string | null }[];
  effects: ShownEffect[];
  history: { seq: number; at: string; kind: string; message: string }[];
}

export interface ShownLetter {
  id: string;
  actorId: string;
  kind: string;
  error: string;
  attempts: number;
  at: string;
}

export interface ShownMaintenance {
  maintenance: { since: string; note: string } | null;
  /** Parts of films that still run. */
  underWay: number;
}

export interface ShownHealth {
  status: "ok" | "degraded" | "down";
  parts: Record<
    string,
    { state: "ok" | "degraded" | "down" | "not_configured" | "not_tried"; note?: string }
  >;
}

export interface ShownTemplates {
  items: TemplateNote[];
  broken: { template: string; text: string }[];
}

/** What would become of a graph that an operator brings. */
export interface ShownProposal {
  id: string;
  version: string;
  basis: string | null;
  /** Nothing is wrong: it can be taken in. */
  whole: boolean;
  rows: ShownBinding[];
  faults: { node: string | null; input: string | null; text: string }[];
  notes: string[];
}

export interface ShownBinding {
  role: string;
  title: string;
  state: "bound" | "unbound" | "missing";
  /** `place` is `node.input`. */
  places: { place: string; label: string; value: string; by: "mark" | "link" | "class" | "hand" }[];
  choices: { value: string; label: string }[];
}

/** Somebody with an account: what operators set for them and what they use. */
export interface ShownMember
  extends ShownPerson, OwnLimits, Pick<Member, "jobs" | "open" | "running" | "rev"> {
  disabledAt: string | null;
  seenAt: string | null;
  /** Minutes of rendering within 24 hours. */
  gpuMinutes: number;
  diskBytes: number;
}

export interface ShownPeople {
  items: ShownMember[];
  /** What holds for whoever has no limits of their own; null where there is none. */
  usual: Record<Exclude<keyof OwnLimits, "weight">, number | null>;
}
