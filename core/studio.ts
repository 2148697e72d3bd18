/** What pages and the API ask of the studio. `main.ts` fulfils it; tests hand in a small one of their own. */
import type { Accounts, Invitations, Sessions } from "./account.ts";
import type { Admin } from "./admin.ts";
import type { Audit } from "./audit.ts";
import type { Asset, AssetKind, Assets, Before } from "./assets.ts";
import type { FailedFilms } from "./failed.ts";
import type { Keeping } from "./keeping.ts";
import type { Finding } from "./finding.ts";
import type { Library, Mark, Projects, Shares } from "./library.ts";
import type { Probe } from "./media.ts";
import type { Upkeep } from "./maintenance.ts";
import type { Logs } from "./logs.ts";
import type { Metrics } from "./metrics.ts";
import type { FilmFacts } from "./pieces.ts";
import type { Offer } from "./offer.ts";
import type { OnceKeys } from "./once.ts";
import type { OwnTemplates } from "./own_templates.ts";
import type { Plan, StepFile } from "./plan.ts";
import type { Clock, Ids, Log, ProgressBus, Staged } from "./ports.ts";
import type { Queues } from "./queue.ts";
import type { Limits, Quotas } from "./quota.ts";
import type { Rooms } from "./room.ts";
import type { Presets } from "./presets.ts";
import type { JobRequest, StepChanges } from "./request.ts";
import type { Result } from "./result.ts";
import type { Settings } from "./settings.ts";
import type { Servers } from "./servers.ts";
import type { Shelf } from "./shelf.ts";
import type { Approval, PieceState } from "./shown.ts";
import type { Status } from "./status.ts";
import type { JobRow, Mail, NewJob, Shown, StepRow } from "./store.ts";
import type { ApiTokens } from "./tokens.ts";
import type { Webhooks } from "./webhooks.ts";

export type * from "./account.ts";
export type * from "./assets.ts";

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
  /** Keys that are remembered now. */
  readonly size: number;
}

type Wish = JobRequest["settings"];

/** A job as asked for, with its seed drawn: what the planner gets, and what is stored to be planned again. */
export interface JobDraft extends Omit<JobRequest, "settings"> {
  /** Drafts stored before there were options and finishing lack both. */
  settings:
    & Omit<Wish, "seed" | "options" | "finish">
    & { seed: string }
    & Partial<Pick<Wish, "options" | "finish">>;
}

export interface Planned {
  plan: Plan;
  template: { name: string; version: string };
}

/** A job's row with what is shown of it; `settings` is the stored draft. */
export interface JobRecord extends JobRow, Omit<Shown, "status" | "promptId"> {
  id: string;
  userId: string;
  mark: Mark | null;
  status: Status;
  priority: number;
  /** Steps whose retake waits for "re-run what follows" or "use as it is". */
  retakes: string[];
  /** An operator paused it, not its owner. */
  byOperator?: boolean;
  /** Steps whose take is there and waits to be approved, while the job is live. */
  approvals: Approval[];
  /** The rendered pieces, in the order of the film. */
  pieces: PieceState[];
  /** The first output of the newest run. */
  film: FilmFacts | null;
  createdAt: number;
  updatedAt: number;
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
  /** Within the mode. */
  submode?: string | null;
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
  /** Those of these that are the person's. */
  some(userId: string, ids: readonly string[]): Promise<JobRecord[]>;
  /** The final films of a draft that are not in the trash, newest first. */
  finals(userId: string, draftId: string): Promise<JobRecord[]>;
  plan(id: string, rev: number): Promise<Plan | null>;
  /** Highest stored plan revision: a refused edit leaves one that the job does not use. */
  newestRev(id: string): Promise<number>;
  steps(id: string): Promise<StepRow[]>;
  /** Names of the files that its steps made and that were not let go. */
  files(id: string): Promise<Set<string>>;
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
  /**
   * A hint that there may be something new; `doubt`: somebody was signed out or closed, perhaps this person. Returns the
   * way to stop listening.
   */
  listen(userId: string, hear: (doubt?: boolean) => void): () => void;
}

export interface HealthNote {
  state: "ok" | "degraded" | "down" | "not_configured" | "not_tried";
  /** For operators. */
  note?: string;
}

export interface StudioSettings {
  /** Base URL under which people reach the studio; empty means as requested. */
  publicUrl: string;
  /** What this machine calls itself, in small letters. */
  names: string[];
  /** The one other web origin that may call the API with credentials; empty for none. */
  frontendOrigin: string;
  /** Reverse proxies whose word on the caller's address is taken. */
  proxies: number;
  registration: "open" | "closed";
  /** The first account must give this one-time code; null where the studio listens on this machine alone. */
  startCode: string | null;
  uploadBytesMax: number;
  diskBytesMin: number;
  /** Of whoever has none of their own. */
  limits: Limits;
  referenceImagesMax: number;
  filmSecondsMax: number;
  /** Days that things lie in the trash before they are deleted for good. */
  trashDays: number;
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
  invitations: Invitations;
  sessions: Sessions;
  tokens: ApiTokens;
  webhooks: Webhooks;
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
  servers: Servers;
  upkeep: Upkeep;
  /** The configuration as operators see and change it. */
  configured: Settings;
  logs: Logs;
  /** What the doctor finds now: of the machine, the files, the buckets, the templates and the servers of the configuration. */
  examine(): Promise<Finding[]>;
  /** What this build is and runs on, for reports. */
  about: { version: string; schema: string; runtime: string; media: string };
  audit: Audit;
  queue: Queues;
  quotas: Quotas;
  rooms: Rooms;
  keeping: Keeping;
  failed: FailedFilms;
  presets: Presets;
  templates: OwnTemplates;
  /** What can be asked for. */
  offer: Offer;
  /** What every mode wants and who can do it. */
  shelf: Shelf;

  files: {
    /** Takes content in for one request alone: it is judged before it is kept. */
    receive(content: AsyncIterable<Uint8Array>, options: { ext: string; bytesMax: number }): Promise<Staged>;
    stat(name: string): Promise<{ bytes: number } | null>;
    read(name: string, range?: { start: number; end: number }): Promise<ReadableStream<Uint8Array>>;
    freeBytes(): Promise<number | null>;
  };
  /** Names with contents; null where a file is larger than `bytesMax` or packed in a way that is not read. Throws for what is no ZIP. */
  unzip(bytes: Uint8Array, bytesMax: number): Map<string, Uint8Array | null>;
  /** What a file holds. Throws `asset.*` or `media.*`. */
  probe(file: Staged): Promise<Probe>;
  /** Makes a thumbnail and returns its storage name; null where there is nothing to see. */
  thumbnail(file: Staged, kind: AssetKind): Promise<string | null>;

  /** Judges a draft and plans it; every fault at once, with field paths as in the request. `assets` holds all that the draft names. */
  plan(draft: JobDraft, assets: Asset[]): Promise<Result<Planned>>;
  /** The same sums much faster, for a preview: such a plan is never stored. */
  sketch(draft: JobDraft, assets: Asset[]): Promise<Result<Planned>>;
  /** The plan of a long take with the earlier end that the draft has; its pieces stay as they were planned and taken again. */
  planCut(plan: Plan, of: { draft: JobDraft; assets: Asset[] }): Promise<Result<Plan>>;
  /** The same plan with one step changed. */
  planRetake(plan: Plan, step: string, changes: StepChanges): Promise<Result<Plan>>;
  /** One transaction; the same ids again change nothing. */
  admit(jobs: NewJob[]): Promise<void>;
  /** Mail with a known id changes nothing. */
  tell(mail: Mail[]): Promise<void>;
  /** Stores a plan revision together with the mail that names it, and the new draft for an edit. False when the revision is taken. */
  revise(jobId: string, change: { rev: number; plan: Plan; mail: Mail; draft?: JobDraft }): Promise<boolean>;

  metrics: Metrics;
  /** The parts that `/api/health` asks, by name: db, kv, comfy, storage, media and every provider. */
  health: Record<string, (signal: AbortSignal) => Promise<HealthNote>>;
  /** Aborted when the studio goes down: streams end. */
  closing: AbortSignal;
  /** Aborted a while later: what still waits for a body gives up. */
  cut: AbortSignal;
}

/** A file of a done step that a person may look at. */
export type ShownFile = Pick<StepFile, "role" | "ord" | "sha256" | "ext" | "bytes">;
