/** What pages and the API ask of a person's files. */
import type { Mark } from "./library.ts";
import type { Probe } from "./media.ts";
import type { StoredFile } from "./ports.ts";

export type AssetKind = "image" | "video" | "audio";

export interface AssetContent {
  file: StoredFile;
  kind: AssetKind;
  mime: string;
  probe: Probe;
  /** Storage name of the thumbnail, where there is one. */
  thumbnail: string | null;
}

export interface Asset {
  id: string;
  userId: string;
  /** Cleaned for showing; never part of a path. */
  name: string;
  /** What the person said it would be, before there is content. */
  wanted: AssetKind | null;
  content: AssetContent | null;
  projectId: string | null;
  mark: Mark | null;
  createdAt: number;
  trashedAt: number | null;
}

/** Reads a list from newest to oldest, starting below this place. */
export interface Before {
  createdAt: number;
  id: string;
}

/** A live job that needs an asset. */
export interface AssetUse {
  jobId: string;
  title: string;
  isStarted: boolean;
  isPaused: boolean;
}

export interface Assets {
  /** The same id again changes nothing. */
  create(asset: Asset): Promise<void>;
  /** False when the asset has content already or is gone. */
  setContent(id: string, content: AssetContent): Promise<boolean>;
  /** Null for assets of others, those in the trash and unknown ones alike. */
  find(userId: string, id: string): Promise<Asset | null>;
  /** As `find`, but also from the trash: what lies there can still be looked at. */
  look(userId: string, id: string): Promise<Asset | null>;
  list(
    userId: string,
    options: { kind: AssetKind | null; projectId: string | null; before: Before | null; limit: number },
  ): Promise<Asset[]>;
  /** Into the trash; one transaction with the check that no live job uses it. Null when there is no such asset. */
  remove(userId: string, id: string): Promise<{ removed: boolean; usedBy: AssetUse[] } | null>;
}
