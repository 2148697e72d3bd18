/** What the API shows of things, as pages and islands read it: the JSON of `api/*_schemas.ts`, as types. Times are ISO 8601, UTC. */
import type { StageShown } from "./comfy/stages.ts";
import type { OfferedMode } from "./offer.ts";
import type { KeepRules, OwnRules } from "./kept_kinds.ts";
import type { Mark } from "./library.ts";
import type { Verdict } from "./problem.ts";
import type { Act, PoolState, Wait } from "./queue.ts";
import type { Status } from "./status.ts";
import type { ShownTake } from "./shown_take.ts";
import type { StepState } from "./store.ts";

export interface ShownField {
  path: string;
  message: string;
}

/** The body of every refused request. `operator` only for operators. */
export interface ProblemAnswer {
  type: string;
  title: string;
  status: number;
  code: string;
  retry: Verdict;
  retryAfterMs?: number;
  detail?: Record<string, string | number>;
  fields?: ShownField[];
  operator?: string;
}

/** The problem of a failed job or step. */
export interface ShownProblem {
  code: string;
  retry: Verdict;
  message: string;
  detail?: Record<string, string | number>;
  operator?: string;
}

export interface ShownPerson {
  id: string;
  email: string;
  role: "creator" | "operator";
  createdAt: string;
}

/** Whether and how an account can be made now. */
export interface ShownRegistration {
  state: "first" | "open" | "invited" | "closed";
  codeNeeded: boolean;
  invitation: { role: "creator" | "operator"; expiresAt: string } | null;
  /** An invitation was named, and it lets nobody in. */
  invitationGone: boolean;
}

export interface ShownSession {
  id: string;
  /** The one that asks. */
  current: boolean;
  address: string;
  /** What the browser calls itself. */
  agent: string;
  createdAt: string;
  seenAt: string;
  expiresAt: string;
}

/** A person as operators see one. */
export interface ShownInvitation {
  id: string;
  note: string;
  role: "creator" | "operator";
  state: "open" | "used" | "expired";
  usedBy: string | null;
  createdAt: string;
  expiresAt: string;
}

/** With which a person chooses a new password; shown this once. */
export interface PasswordLink {
  url: string;
  email: string;
  expiresAt: string;
}

/** The only time that the link can be seen. */
export interface NewInvitation extends ShownInvitation {
  url: string;
}

export interface ShownAsset {
  id: string;
  name: string;
  /** `waiting`: there is an entry, but no content yet. */
  state: "waiting" | "ready";
  type: "image" | "video" | "audio" | null;
  mime: string | null;
  sizeBytes: number | null;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
  framesPerSecond: number | null;
  hasSound: boolean;
  contentUrl: string | null;
  thumbnailUrl: string | null;
  projectId: string | null;
  mark: Mark | null;
  createdAt: string;
  trashedAt: string | null;
}

/** How one rendered piece of a film stands, by its newest take. */
export type PieceState = "todo" | "now" | "done" | "failed";

/** The pieces that are rendered, in the order of the film. */
export interface ShownParts {
  total: number;
  done: number;
  failed: number;
  states: PieceState[];
}

/** A take that a person goes on with, or takes again. */
export interface Approval {
  step: string;
  take: number;
}

/** How far a running job is, as the stream tells it. Never stored: after a restart there is none until the next news. */
export interface ShownProgress {
  jobId: string;
  run: number;
  /** 0 to 1 over the whole job. */
  share: number;
  stage: string;
  step: { id: string; title: string; share: number } | null;
  /** Where a render is: the stage, its number, and the sampler's step in it. */
  at: StageShown | null;
  etaSeconds: number | null;
  /** The newest preview picture; its address changes with each. */
  previewUrl: string | null;
}

/** The film or the picture as it is now: that of the newest run. */
export interface ShownResult {
  /** `film` or `image`. */
  type: string;
  url: string;
  downloadUrl: string;
  posterUrl: string | null;
  seconds: number | null;
  width: number | null;
  height: number | null;
}

export interface ShownJob {
  id: string;
  mode: string;
  submode: string | null;
  title: string;
  prompt: string;
  negativePrompt: string;
  template: { name: string; version: string };
  engine: "draft" | "comfy";
  /** Made by the draft renderer: not a finished film. */
  draft: boolean;
  settings: {
    width?: number;
    height?: number;
    seconds?: number;
    frames?: number;
    frameRate: string | number;
    seed: string;
    preset?: string;
    engine: string;
    priority: number;
    retries?: number;
    /** The model's own settings. */
    options?: Record<string, string | number | boolean>;
  };
  assets: { role: string; assetId: string; used: boolean }[];
  /** Assets that guide loosely: the pose sheet. */
  softGuidance: string[];
  batchId: string | null;
  parentId: string | null;
  draftId: string | null;
  projectId: string | null;
  mark: Mark | null;
  status: Status;
  stage: string;
  /** It waits for the end of maintenance; its stage says so. */
  heldBack: boolean;
  paused: boolean;
  cancelling: boolean;
  run: number;
  rev: number;
  /** 0 to 1. */
  share: number;
  problem: ShownProblem | null;
  parts: ShownParts;
  /** Steps whose new take waits for `follow`. */
  retakes: string[];
  /** Steps whose take is there and waits for `approve`. */
  approvals: Approval[];
  /** Only while the job is under way. */
  progress: ShownProgress | null;
  result: ShownResult | null;
  priority: number;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
  trashedAt: string | null;
}

/** What a render step was asked for, as the current plan has it. */
export interface ShownAsked {
  prompt: string;
  negativePrompt: string;
  seed: string;
  preset: string;
}

export interface ShownStep {
  id: string;
  title: string;
  phase: "prepare" | "render" | "finish";
  weight: number;
  take: number;
  chosen: boolean;
  stale: boolean;
  state: StepState;
  attempt: number;
  run: number;
  problem: ShownProblem | null;
  /** Of render steps only. */
  asked: ShownAsked | null;
  files: { role: string; ord: number; mime: string; sizeBytes: number; url: string }[];
  startedAt: string | null;
  endedAt: string | null;
}

export interface ShownOutput {
  id: string;
  type: string;
  mime: string;
  url: string;
  downloadUrl: string;
  posterUrl: string | null;
  draft: boolean;
  createdAt: string;
}

export interface ShownEvent {
  seq: number;
  jobId: string;
  at: string;
  type: string;
  message: string;
  payload: Record<string, unknown>;
}

/** What will be delivered, known before anything runs. */
export interface ShownFilm {
  frames: number;
  rate: { num: number; den: number };
  width: number;
  height: number;
}

/** A stretch of the job's way in this run. */
export interface ShownStage {
  status: Status;
  from: string;
  /** Null while it lasts. */
  to: string | null;
}

export interface ShownSides<Side> {
  width: Side;
  height: Side;
}

export type ShownRelative = Pick<ShownJob, "id" | "title" | "status">;

export interface ShownJobDetail extends ShownJob {
  /** When the studio last let go of files that it was made from, how many, and what all its parts took on servers. */
  letGo: { at: string; files: number; bytes: number; seconds: number } | null;
  film: ShownFilm | null;
  /** Sentences about what was adapted, for instance the size. */
  notes: string[];
  /** The version that its template has by now, where that is a newer one. */
  newerTemplate: string | null;
  /** Pixels as asked for, null where the studio chose, and as they will be. */
  size: { asked: ShownSides<number | null>; rendered: ShownSides<number> | null };
  /** Draft and final films of one another. */
  kin: { draft: ShownRelative | null; finals: ShownRelative[] };
  /** A complete draft, and there is a render server to make it for good. */
  promotable: boolean;
  /** The preset that needs less, where the job failed for want of memory. */
  lighter: { name: string; title: string } | null;
  /** Of loops: how well the end meets the beginning, once that is measured; the value is null where nothing moves. */
  loop: { value: number | null; method: string } | null;
  /** Of long takes: the pieces and how they meet. */
  take: ShownTake | null;
  /** What was done to the joined film, and by which means. */
  finishing: [name: string, value: string][];
  /** In order, of this run. */
  stages: ShownStage[];
  /** In the order of the plan, takes in the order they were made. */
  steps: ShownStep[];
  outputs: ShownOutput[];
  /** The newest hundred. */
  events: ShownEvent[];
}

export interface ShownModes {
  items: OfferedMode[];
  engine: "draft" | "comfy";
  limits: { references: number; seconds: number; uploadBytes: number };
}

export interface ShownPreset {
  id: string;
  name: string;
  mode: string;
  submode: string | null;
  negativePrompt: string;
  settings: Record<string, unknown>;
  createdAt: string;
  updatedAt: string;
}

export interface ShownPage<Item> {
  items: Item[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

/** Seconds from now: what is likely, and the range. */
export interface ShownSpan {
  seconds: number;
  low: number;
  high: number;
}

export interface ShownQueuedJob {
  job: ShownJob;
  /** Place among the jobs of everybody that wait for a server, from 1; null when it waits for none, or too far back. */
  place: number | null;
  /** The server that it is on or would go to, as people call it. */
  server: string | null;
  starts: ShownSpan | null;
  ends: ShownSpan | null;
  /** What it waits for; null while something of it is under way. */
  wait: Wait | null;
  /** What it does or waits for, in one sentence. */
  sentence: string;
  /** What may be done with it now. */
  acts: Act[];
}

export interface ShownQueue {
  pool: PoolState;
  /** Own jobs that have not ended, and behind how many of them this page begins: those under way first. */
  total: number;
  from: number;
  /** Own jobs that are under way. */
  running: ShownQueuedJob[];
  /** Own jobs that wait, in the order that their owner gave them. */
  waiting: ShownQueuedJob[];
}

/** One thing of the library. */
export type ShownThing = { type: "film"; film: ShownJob } | { type: "file"; file: ShownAsset };

/** What became of a selection: what was kept as it was says why. */
export interface ShownOutcome {
  done: string[];
  kept: { id: string; code: string; message: string }[];
}

export interface ShownProject {
  id: string;
  name: string;
  description: string;
  films: number;
  files: number;
  /** Days by kind after which things go here, where that is not as in the whole studio. */
  keep: OwnRules;
  /** As in the whole studio. */
  keepUsual: KeepRules;
  /** The picture of the newest film in it. */
  coverUrl: string | null;
  createdAt: string;
  updatedAt: string;
}
