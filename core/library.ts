/** What pages and the API ask of a person's library: films and files to look through, projects to keep them in, links to show one. */
import type { OwnRules } from "./kept_kinds.ts";
import type { ProblemCode } from "./problem.ts";
import type { Asset, AssetKind, JobRecord, OutputRecord } from "./studio.ts";

export const MARKS = ["starred", "rejected"] as const;
export type Mark = (typeof MARKS)[number];

/** As rows hold it: a film is starred, rejected or neither. */
const RANKS: Record<Mark, number> = { starred: 1, rejected: -1 };

export function rankOf(mark: Mark | null): number {
  return mark === null ? 0 : RANKS[mark];
}

export function markOf(rank: number): Mark | null {
  return MARKS.find((mark) => RANKS[mark] === rank) ?? null;
}

/** A name or a word of it as files are looked for: without case and accents. */
export function foldName(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** `kept` is everything but the rejected. */
export type MarkFilter = Mark | "kept";

export interface ThingFilter {
  /** Every word must be there. */
  search: string;
  mark: MarkFilter | null;
  /** Null: in no project. Undefined: wherever. */
  projectId: string | null | undefined;
  /** Made at or after. */
  from: number | null;
  /** Made before. */
  until: number | null;
}

/** `finished` has a film; `live` has not ended. */
export const FILM_STATES = ["finished", "live", "failed", "cancelled", "any"] as const;
export type FilmState = (typeof FILM_STATES)[number];

export interface FilmFilter extends ThingFilter {
  mode: string | null;
  /** Within the mode. */
  submode?: string | null;
  engine: "draft" | "comfy" | null;
  state: FilmState;
}

export interface FileFilter extends ThingFilter {
  kind: AssetKind | null;
}

/** `cursor` is the `next` of the page before, as it was handed out. */
export interface Paging {
  cursor: string | null;
  limit: number;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export type Thing = { type: "film"; film: JobRecord } | { type: "file"; file: Asset };

/** Ids of films (jobs) and files (assets). */
export interface Selection {
  films: string[];
  files: string[];
}

/** What became of a selection: each id is done, or kept as it was for a reason. */
export interface Outcome {
  done: string[];
  kept: { id: string; code: ProblemCode }[];
}

export interface Library {
  /** Newest first. Not from the trash. */
  films(userId: string, filter: FilmFilter, paging: Paging): Promise<Page<JobRecord>>;
  files(userId: string, filter: FileFilter, paging: Paging): Promise<Page<Asset>>;
  /** What was thrown away last comes first. */
  trash(userId: string, paging: Paging): Promise<Page<Thing>>;
  mark(userId: string, things: Selection, mark: Mark | null): Promise<Outcome>;
  /** The project is the person's own; null takes things out of theirs. */
  move(userId: string, things: Selection, projectId: string | null): Promise<Outcome>;
  /** Files only: a film may have to be stopped first. Those that a live job uses are kept. */
  trashFiles(userId: string, ids: string[]): Promise<Outcome>;
  restore(userId: string, things: Selection): Promise<Outcome>;
  /** For good, out of the trash. What has not ended or is still used is kept. */
  purge(userId: string, things: Selection): Promise<Outcome>;
  /** Purges everything that is in the trash. */
  empty(userId: string): Promise<Outcome>;
}

export interface Project {
  id: string;
  userId: string;
  name: string;
  description: string;
  createdAt: number;
  updatedAt: number;
}

export interface ProjectNote extends Project {
  /** How long it keeps things where that is not as in the whole studio. */
  keep: OwnRules;
  films: number;
  files: number;
  /** The newest film that has a picture. */
  cover: { jobId: string; outputId: string } | null;
}

export interface ProjectChange {
  name?: string;
  description?: string;
  keep?: OwnRules;
}

export interface Projects {
  /** The same id again changes nothing. */
  create(project: Project): Promise<void>;
  /** Newest first. */
  list(userId: string, paging: Paging): Promise<Page<ProjectNote>>;
  find(userId: string, id: string): Promise<ProjectNote | null>;
  /** False when there is no such project of this person. */
  change(userId: string, id: string, change: ProjectChange): Promise<boolean>;
  /** Takes everything out of it first: films and files stay. */
  remove(userId: string, id: string): Promise<boolean>;
}

export interface Share {
  id: string;
  userId: string;
  jobId: string;
  outputId: string;
  createdAt: number;
  expiresAt: number;
  revokedAt: number | null;
}

/** What a link shows, and nothing else of the person. */
export interface SharedFilm {
  share: Share;
  title: string;
  engine: "draft" | "comfy";
  /** The film or its owner is gone for the time being: in the trash, or the account is closed. */
  withdrawn: boolean;
  output: OutputRecord;
}

export interface Shares {
  create(share: Share, tokenHash: string): Promise<void>;
  /** Newest first, also those that have run out or were taken back. */
  list(userId: string, jobId: string): Promise<Share[]>;
  /** True when it is this person's link; taken back a second time it stays as it was. */
  revoke(userId: string, id: string): Promise<boolean>;
  find(tokenHash: string): Promise<SharedFilm | null>;
}
