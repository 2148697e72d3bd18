/** Library, projects and links of the studio in memory. */
import { foldName, type Outcome, type Selection, type Share, type Thing } from "@/core/library.ts";
import { fail } from "@/core/problem.ts";
import { isTerminal } from "@/core/status.ts";
import type { Asset, JobRecord, Studio } from "@/core/studio.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

type Kept = FakeStudio["kept"];
type Parts = Pick<Studio, "library" | "projects" | "shares">;

/** Every fake list ends after one page, where the cursor is the number of things that came before. */
function pageOf<Item>(items: Item[], { cursor, limit }: { cursor: string | null; limit: number }) {
  const from = Number(cursor ?? 0);
  const shown = items.slice(from, from + limit);
  return Promise.resolve({ items: shown, next: items.length > from + limit ? String(from + limit) : null });
}

const newestFirst = (a: JobRecord | Asset, b: JobRecord | Asset) =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);

export function libraryParts(kept: Kept, clock: FakeClock): Parts {
  return { library: libraryOf(kept), projects: projectsOf(kept), shares: sharesOf(kept, clock) };
}

type Filter = Parameters<Parts["library"]["films"]>[1];

function passes(
  thing: JobRecord | Asset,
  { mark, projectId, from, until }: Omit<Filter, "search" | "mode" | "submode" | "engine" | "state">,
): boolean {
  return thing.trashedAt === null &&
    (mark === null || (mark === "kept" ? thing.mark !== "rejected" : thing.mark === mark)) &&
    (projectId === undefined || thing.projectId === projectId) &&
    (from === null || thing.createdAt >= from) && (until === null || thing.createdAt < until);
}

function isInState(kept: Kept, job: JobRecord, state: Filter["state"]): boolean {
  if (state === "any") return true;
  if (state === "finished") return (kept.outputs.get(job.id)?.length ?? 0) > 0;
  return state === "live" ? !isTerminal(job.status) : job.status === state;
}

function libraryOf(kept: Kept): Parts["library"] {
  const owned = (userId: string, things: Selection) =>
    [
      ...things.films.map((id) => ({ map: kept.jobs as Map<string, JobRecord | Asset>, id })),
      ...things.files.map((id) => ({ map: kept.assets as Map<string, JobRecord | Asset>, id })),
    ].map((one) => ({ ...one, thing: one.map.get(one.id) }))
      .map(({ map, id, thing }) => ({ map, id, thing: thing?.userId === userId ? thing : undefined }));
  const change = (
    userId: string,
    things: Selection,
    trashed: boolean,
    to: (thing: JobRecord | Asset) => JobRecord | Asset | "remove" | "in_use",
  ): Promise<Outcome> => {
    const outcome: Outcome = { done: [], kept: [] };
    for (const { map, id, thing } of owned(userId, things)) {
      const next = thing && (thing.trashedAt !== null) === trashed ? to(thing) : null;
      if (next === null) outcome.kept.push({ id, code: "request.not_found" });
      else if (next === "in_use") outcome.kept.push({ id, code: "asset.in_use" });
      else {
        if (next === "remove") map.delete(id);
        else map.set(id, next);
        outcome.done.push(id);
      }
    }
    return Promise.resolve(outcome);
  };
  const isUsed = (id: string) =>
    [...kept.jobs.values()].some((job) =>
      !isTerminal(job.status) && job.assets.some((one) => one.assetId === id)
    );
  const thrown = (userId: string): Thing[] =>
    [
      ...[...kept.jobs.values()].map((film): Thing => ({ type: "film", film })),
      ...[...kept.assets.values()].map((file): Thing => ({ type: "file", file })),
    ].filter((thing) => {
      const one = thing.type === "film" ? thing.film : thing.file;
      return one.userId === userId && one.trashedAt !== null;
    });
  return {
    films: (userId, filter, paging) =>
      pageOf(
        [...kept.jobs.values()].filter((job) => job.userId === userId && passes(job, filter))
          .filter((job) => filter.mode === null || job.mode === filter.mode)
          .filter((job) => !filter.submode || job.submode === filter.submode)
          .filter((job) => filter.engine === null || job.engine === filter.engine)
          .filter((job) => isInState(kept, job, filter.state))
          .filter((job) => `${job.title} ${job.prompt}`.toLowerCase().includes(filter.search.toLowerCase()))
          .sort(newestFirst),
        paging,
      ),
    files: (userId, filter, paging) =>
      pageOf(
        [...kept.assets.values()].filter((asset) => asset.userId === userId && passes(asset, filter))
          .filter((asset) =>
            asset.content !== null && (filter.kind ?? asset.content.kind) === asset.content.kind
          )
          .filter((asset) => foldName(asset.name).includes(foldName(filter.search))).sort(newestFirst),
        paging,
      ),
    trash: (userId, paging) => pageOf(thrown(userId), paging),
    mark: (userId, things, mark) => change(userId, things, false, (thing) => ({ ...thing, mark })),
    move(userId, things, projectId) {
      const isOwn = projectId === null || kept.projects.get(projectId)?.userId === userId;
      const fields = [{ path: "projectId", message: "This project does not exist, or it is not yours." }];
      if (!isOwn) return Promise.reject(fail("request.invalid", { fields }));
      return change(userId, things, false, (thing) => ({ ...thing, projectId }));
    },
    trashFiles: (userId, ids) =>
      change(
        userId,
        { films: [], files: ids },
        false,
        (thing) => isUsed(thing.id) ? "in_use" : { ...thing, trashedAt: 1 },
      ),
    restore: (userId, things) => change(userId, things, true, (thing) => ({ ...thing, trashedAt: null })),
    purge: (userId, things) =>
      change(userId, things, true, (thing) => isUsed(thing.id) ? "in_use" : "remove"),
    empty(userId) {
      const things = thrown(userId);
      const films = things.flatMap((thing) => thing.type === "film" ? [thing.film.id] : []);
      const files = things.flatMap((thing) => thing.type === "file" ? [thing.file.id] : []);
      return this.purge(userId, { films, files });
    },
  };
}

function projectsOf(kept: Kept): Parts["projects"] {
  const note = (id: string) => {
    const project = kept.projects.get(id);
    if (!project) return null;
    const inside = (thing: JobRecord | Asset) => thing.projectId === id && thing.trashedAt === null;
    return {
      ...project,
      keep: project.keep ?? {},
      films: [...kept.jobs.values()].filter(inside).length,
      files: [...kept.assets.values()].filter(inside).length,
      cover: null,
    };
  };
  return {
    create: (project) =>
      Promise.resolve(void (kept.projects.has(project.id) || kept.projects.set(project.id, project))),
    list: (userId, paging) =>
      pageOf(
        [...kept.projects.values()].filter((one) => one.userId === userId).reverse().flatMap(({ id }) =>
          note(id) ?? []
        ),
        paging,
      ),
    find: (userId, id) => Promise.resolve(kept.projects.get(id)?.userId === userId ? note(id) : null),
    change(userId, id, change) {
      const project = kept.projects.get(id);
      if (project?.userId !== userId) return Promise.resolve(false);
      kept.projects.set(id, { ...project, ...change });
      return Promise.resolve(true);
    },
    remove(userId, id) {
      if (kept.projects.get(id)?.userId !== userId) return Promise.resolve(false);
      kept.projects.delete(id);
      for (const map of [kept.jobs, kept.assets] as Map<string, JobRecord | Asset>[]) {
        for (const [key, thing] of map) {
          if (thing.projectId === id) map.set(key, { ...thing, projectId: null });
        }
      }
      return Promise.resolve(true);
    },
  };
}

function sharesOf(kept: Kept, clock: FakeClock): Parts["shares"] {
  return {
    create: (share, tokenHash) => Promise.resolve(void kept.shares.set(tokenHash, share)),
    list: (userId, jobId) =>
      Promise.resolve(
        [...kept.shares.values()].filter((one) => one.userId === userId && one.jobId === jobId).reverse(),
      ),
    revoke(userId, id) {
      const [hash, share] = [...kept.shares].find(([, one]) => one.id === id && one.userId === userId) ?? [];
      if (!hash || !share) return Promise.resolve(false);
      kept.shares.set(hash, { ...share, revokedAt: share.revokedAt ?? clock.now() });
      return Promise.resolve(true);
    },
    find(tokenHash) {
      const share: Share | undefined = kept.shares.get(tokenHash);
      const job = share && kept.jobs.get(share.jobId);
      const output = share && kept.outputs.get(share.jobId)?.find((one) => one.id === share.outputId);
      if (!share || !job || !output) return Promise.resolve(null);
      const { title, engine, trashedAt } = job;
      return Promise.resolve({ share, title, engine, withdrawn: trashedAt !== null, output });
    },
  };
}
