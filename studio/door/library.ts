/** Library, projects and links, as the API asks for them, over the database. */
import type { Kysely } from "kysely";
import {
  type FileFilter,
  type FilmFilter,
  foldName,
  type Library,
  type Projects,
  rankOf,
  type Shares,
  type Thing,
  type ThingFilter,
} from "@/core/library.ts";
import { changeThings, emptyTrash, purgeThings, restoreThings, trashAssets } from "@/db/library.ts";
import { changeProject, createProject, listProjects, readProject, removeProject } from "@/db/projects.ts";
import { type AssetFilter, listAssets, listTrashedAssets } from "@/db/queries/assets.ts";
import { writeCursor } from "@/db/queries/cursor.ts";
import { readRecords } from "@/db/queries/job_records.ts";
import { type JobFilter, listJobs, listTrash } from "@/db/queries/jobs.ts";
import type { Schema } from "@/db/schema.ts";
import { createShare, findShared, listShares, revokeShare } from "@/db/shares.ts";
import { toAsset } from "./assets.ts";
import { tellReach, toRecord } from "./jobs.ts";

interface Databases {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
}

export function openLibrary({ writer, reader }: Databases): Library {
  const records = async (ownerId: string, items: readonly { id: string }[]) =>
    await tellReach(
      reader,
      (await readRecords(reader, { ownerId, jobIds: items.map(({ id }) => id) })).map(toRecord),
    );
  return {
    async films(ownerId, filter, paging) {
      const { items, next } = await listJobs(reader, { ownerId, filter: filmFilter(filter), ...paging });
      return { items: await records(ownerId, items), next };
    },
    async files(ownerId, filter, paging) {
      const { items, next } = await listAssets(reader, { ownerId, filter: fileFilter(filter), ...paging });
      return { items: items.map(toAsset), next };
    },
    async trash(ownerId, paging) {
      const jobs = await listTrash(reader, { ownerId, ...paging });
      const assets = await listTrashedAssets(reader, { ownerId, ...paging });
      const films = await records(ownerId, jobs.items);
      const things: Thing[] = [
        ...films.map((film): Thing => ({ type: "film", film })),
        ...assets.items.map((item): Thing => ({ type: "file", file: toAsset(item) })),
      ];
      return cut(things, paging.limit, jobs.next !== null || assets.next !== null);
    },
    mark: (ownerId, things, mark) =>
      changeThings(writer, { ownerId, things, change: { mark: rankOf(mark) } }),
    move: (ownerId, things, projectId) =>
      changeThings(writer, { ownerId, things, change: { project_id: projectId } }),
    trashFiles: (ownerId, assetIds) => trashAssets(writer, { ownerId, assetIds }),
    restore: (ownerId, things) => restoreThings(writer, { ownerId, things }),
    purge: (ownerId, things) => purgeThings(writer, { ownerId, things }),
    empty: (ownerId) => emptyTrash(writer, ownerId),
  };
}

/** One page of two lists, each of which is in order and has at most a page. */
function cut(things: Thing[], limit: number, isMore: boolean): { items: Thing[]; next: string | null } {
  const place = (thing: Thing) => {
    const { id, trashedAt } = thing.type === "film" ? thing.film : thing.file;
    return { at: trashedAt ?? 0, id };
  };
  const items = things.map((thing) => ({ thing, ...place(thing) }))
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, limit);
  const last = items.at(-1);
  const next = last && (isMore || things.length > limit) ? writeCursor({ at: last.at, id: last.id }) : null;
  return { items: items.map(({ thing }) => thing), next };
}

function thingFilter({ mark, projectId, from, until }: ThingFilter) {
  return {
    projectId,
    mark: mark ?? undefined,
    from: from ?? undefined,
    until: until ?? undefined,
  };
}

/** Whoever asks for what failed or was stopped means that, with or without an older film. */
function filmFilter(filter: FilmFilter): JobFilter {
  const { search, mode, submode, engine, state } = filter;
  return {
    ...thingFilter(filter),
    search,
    mode: mode ?? undefined,
    submode: submode ?? undefined,
    engine: engine ?? undefined,
    ...(state === "finished" ? { having: "film" as const } : {}),
    ...(state === "live" ? { having: "live" as const } : {}),
    ...(state === "failed" || state === "cancelled" ? { statuses: [state] } : {}),
  };
}

function fileFilter(filter: FileFilter): AssetFilter {
  return {
    ...thingFilter(filter),
    type: filter.kind ?? undefined,
    filled: true,
    words: foldName(filter.search).split(/\s+/).filter((word) => word !== "").slice(0, 12),
  };
}

export function openProjects({ writer, reader }: Databases): Projects {
  return {
    create: (project) => createProject(writer, project),
    list: (ownerId, paging) => listProjects(reader, { ownerId, ...paging }),
    find: (ownerId, projectId) => readProject(reader, { ownerId, projectId }),
    change: (ownerId, projectId, change) => changeProject(writer, { ownerId, projectId, change }),
    remove: (ownerId, projectId) => removeProject(writer, { ownerId, projectId }),
  };
}

export function openShares({ writer, reader }: Databases): Shares {
  return {
    create: (share, tokenHash) => createShare(writer, share, tokenHash),
    list: (ownerId, jobId) => listShares(reader, { ownerId, jobId }),
    revoke: (ownerId, shareId) => revokeShare(writer, { ownerId, shareId }),
    find: (tokenHash) => findShared(reader, tokenHash),
  };
}
