/** What pages and the API ask of the studio. `main.ts` fulfils it; tests hand in a small one of their own. */
import type { Admin } from "./admin.ts";
import type { Asset, AssetKind, Assets, Before } from "./assets.ts";
import type { Library, Mark, Projects, Shares } from "./library.ts";
import type { Probe } from "./media.ts";
import type { FilmFacts } from "./pieces.ts";
import type { OnceKeys } from "./once.ts";
import type { Plan, StepFile } from "./plan.ts";
import type { Clock, Ids, Log, ProgressBus, Staged } from "./ports.ts";
import type { Problem } from "./problem.ts";
import type { Queues } from "./queue.ts";
import type { Finishing, Mode } from "./request.ts";
import type { Result } from "./result.ts";
import type { PieceState } from "./shown.ts";
import type { Status } from "./status.ts";
import type { Mail, NewJob, StepRow } from "./store.ts";

export type * from "./assets.ts";

export type Role = "creator" | "operator";

export interface Account {
  id: string;
  /** As the person typed it; compared without regard to case. */
  email: string;
  passwordHash: string;
  role: Role;
  createdAt: number;
}

export interface Accounts {
  count(): Promise<number>;
  /** One transaction. `first` succeeds only while there is no account at all. */
  create(account: Account, as: "first" | "later"): Promise<"created" | "email_taken" | "not_first">;
  /** `email` in lower case. */
  findByEmail(email: string): Promise<Account | null>;
  find(id: string): Promise<Account | null>;
  setPassword(id: string, passwordHash: string): Promise<void>;
}

export interface Session {
  tokenHash: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
}

export interface Sessions {
  create(session: Session): Promise<void>;
  /** Null when unknown; an expired session is returned as it is. */
  find(tokenHash: string): Promise<Session | null>;
  remove(tokenHash: string): Promise<void>;
  /** Ends every session of a person except one, after a change of password. */
  removeOthers(userId: string, keepHash: string): Promise<void>;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  verify(password: string, stored: string): Promise<boolean>;
  /** Takes as long as `verify` and answers false: for addresses that have no account. */
  refuse(password: string): Promise<false>;
}

export interface Limiter {
  /** Takes one try from the bucket of a key. Milliseconds to wait when it is empty, 0 when the try is allowed. */
  take(key: string, bucket: { size: number; refillMs: number }): number;
  /** Forgets a key, after a success. */
  clear(key: string): void;
  /** Remembers a key as trusted, after a success. */
  trust(key: string): void;
  isTrusted(key: string): boolean;
}

/** A job as asked for, with its seed drawn: what the planner gets, and what is stored to be planned again. */
export interface JobDraft {
  mode: Mode;
  submode: string | null;
  /** A template other than the mode's usual one. */
  template?: string;
  title: string;
  prompt: string;
  negativePrompt: string;
  /** Asset ids by place. */
  assets: {
    groundTruth?: string;
    motionVideo?: string;
    audio?: string;
    references: string[];
    poseSheet?: string;
    image?: string;
    lastImage?: string;
    video?: string;
  };
  settings: {
    width?: number;
    height?: number;
    frameRate: "template" | "source" | number;
    seconds?: number;
    frames?: number;
    /** 64-bit, decimal. */
    seed: string;
    preset?: string;
    /** `auto`: a real server if one is configured, else the draft renderer. */
    engine: "draft" | "auto";
    priority: number;
    /** Tries after the first failure of a step. */
    retries?: number;
    /** The template's own settings. */
    options?: Record<string, string | number | boolean>;
    finish?: Finishing;
  };
}

export interface Planned {
  plan: Plan;
  template: { name: string; version: string };
}

export interface StepChanges {
  prompt?: string;
  negativePrompt?: string;
  seed?: string;
  preset?: string;
}

export interface JobRecord {
  id: string;
  userId: string;
  mode: string;
  submode: string | null;
  title: string;
  prompt: string;
  negativePrompt: string;
  /** The stored draft, as `admit` got it in `row.settings`. */
  settings: Record<string, unknown>;
  template: { name: string; version: string };
  engine: "draft" | "comfy";
  batchId: string | null;
  parentId: string | null;
  projectId: string | null;
  mark: Mark | null;
  assets: { assetId: string; role: string; used: boolean }[];
  status: Status;
  stage: string;
  paused: boolean;
  cancelling: boolean;
  run: number;
  rev: number;
  /** 0 to 1. */
  share: number;
  problem: Problem | null;
  priority: number;
  /** Steps whose retake waits for "re-run what follows" or "use as it is". */
  retakes: string[];
  /** The rendered pieces, in the order of the film. */
  pieces: PieceState[];
  /** The first output of the newest run. */
  film: FilmFacts | null;
  createdAt: number;
  updatedAt: number;
  endedAt: number | null;
  trashedAt: number | null;
}

export interface OutputRecord {
  id: string;
  /** `video`, `image`, `audio`, `metadata` … */
  type: string;
  /** Storage name. */
  file: string;
  poster: string | null;
  metadata: Record<string, unknown>;
  createdAt: number;
}

export interface EventRecord {
  seq: number;
  jobId: string;
  at: number;
  kind: string;
  message: string;
  body: Record<string, unknown>;
}

export interface JobFilter {
  mode: string | null;
  statuses: Status[] | null;
  batchId: string | null;
  projectId: string | null;
  trashed: boolean;
  before: Before | null;
  limit: number;
}

export interface Jobs {
  /** Null for jobs of others. Trashed jobs are found, so that they can be shown and restored. */
  find(userId: string, id: string): Promise<JobRecord | null>;
  list(userId: string, filter: JobFilter): Promise<JobRecord[]>;
  /** Jobs of a person that have not ended and are not in the trash. */
  countLive(userId: string): Promise<number>;
  plan(id: string, rev: number): Promise<Plan | null>;
  /** Highest stored plan revision: a refused edit leaves one that the job does not use. */
  newestRev(id: string): Promise<number>;
  steps(id: string): Promise<StepRow[]>;
  outputs(id: string): Promise<OutputRecord[]>;
  /** In order. With `after` null the newest `limit`. */
  events(
    id: string,
    options: { after: number | null; limit: number; kind?: string },
  ): Promise<EventRecord[]>;
  trash(id: string, at: number): Promise<void>;
}

/** The stream of everything that happens to a person's jobs. */
export interface EventFeed {
  /** Oldest kept and newest sequence number that concerns the person; zeros when there is none. */
  bounds(userId: string): Promise<{ oldest: number; newest: number }>;
  since(userId: string, after: number, limit: number): Promise<EventRecord[]>;
  /** A hint that there may be something new. Returns the way to stop listening. */
  listen(userId: string, hear: () => void): () => void;
}

export interface HealthNote {
  state: "ok" | "degraded" | "down" | "not_configured";
  /** For operators. */
  note?: string;
}

export interface StudioSettings {
  /** Base URL under which people reach the studio; empty means as requested. */
  publicUrl: string;
  /** The one other web origin that may call the API with credentials; empty for none. */
  frontendOrigin: string;
  /** Reverse proxies whose word on the caller's address is taken. */
  proxies: number;
  registration: "open" | "closed";
  /** The first account must give this one-time code; null where the studio listens on this machine alone. */
  startCode: string | null;
  uploadBytesMax: number;
  diskBytesMin: number;
  jobsQueuedMax: number;
  referenceImagesMax: number;
  filmSecondsMax: number;
  /** How often and how fast the steps of new jobs are tried again. */
  retries: { failuresMax: number; retryBaseMs: number };
}

export interface Studio {
  settings: StudioSettings;
  clock: Clock;
  ids: Ids;
  log: Log;
  /** A new 64-bit seed, decimal. */
  drawSeed(): string;
  /** Hex SHA-256 of text. */
  hashText(text: string): string;
  /** Keyed hash under which a session token is stored. */
  hashToken(token: string): string;

  accounts: Accounts;
  sessions: Sessions;
  passwords: Passwords;
  limiter: Limiter;
  onceKeys: OnceKeys;
  assets: Assets;
  jobs: Jobs;
  library: Library;
  projects: Projects;
  shares: Shares;
  feed: EventFeed;
  progress: ProgressBus;
  admin: Admin;
  queue: Queues;

  files: {
    /** Takes content in for one request alone: it is judged before it is kept. */
    receive(content: ReadableStream<Uint8Array>, options: { ext: string; bytesMax: number }): Promise<Staged>;
    stat(name: string): Promise<{ bytes: number } | null>;
    read(name: string, range?: { start: number; end: number }): Promise<ReadableStream<Uint8Array>>;
    freeBytes(): Promise<number | null>;
  };
  /** What a file holds. Throws `asset.*` or `media.*`. */
  probe(file: Staged): Promise<Probe>;
  /** Makes a thumbnail and returns its storage name; null where there is nothing to see. */
  thumbnail(file: Staged, kind: AssetKind): Promise<string | null>;

  /** Judges a draft and plans it; every fault at once, with field paths as in the request. `assets` holds all that the draft names. */
  plan(draft: JobDraft, assets: Asset[]): Promise<Result<Planned>>;
  /** The same plan with one step changed. */
  planRetake(plan: Plan, step: string, changes: StepChanges): Promise<Result<Plan>>;
  /** One transaction; the same ids again change nothing. */
  admit(jobs: NewJob[]): Promise<void>;
  /** Mail with a known id changes nothing. */
  tell(mail: Mail[]): Promise<void>;
  /** Stores a plan revision together with the mail that names it, and the new draft for an edit. False when the revision is taken. */
  revise(jobId: string, change: { rev: number; plan: Plan; mail: Mail; draft?: JobDraft }): Promise<boolean>;

  /** The parts that `/api/health` asks, by name: db, kv, comfy, storage, media and every provider. */
  health: Record<string, (signal: AbortSignal) => Promise<HealthNote>>;
  /** Aborted when the studio goes down: streams end. */
  closing: AbortSignal;
  /** Aborted a while later: what still waits for a body gives up. */
  cut: AbortSignal;
}

/** A file of a done step that a person may look at. */
export type ShownFile = Pick<StepFile, "role" | "ord" | "sha256" | "ext" | "bytes">;
