/** What the event stream tells, and how a page's jobs follow from it. Pure. */
import type { ShownEvent, ShownJob, ShownJobDetail, ShownProgress } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { shareOf } from "../films/view.ts";

export type News =
  /** The present: every job that has not ended, and the newest ones. */
  | { kind: "snapshot"; jobs: ShownJob[] }
  /** Something happened to a job; `job` is null when it is gone for good. */
  | { kind: "job"; event: ShownEvent; job: ShownJob | null }
  | { kind: "progress"; progress: ShownProgress };

/** The newer word on a job. Within a run its share never falls, and what was heard of it stays until there is more. */
export function mergeJob<Job extends ShownJob>(before: Job, next: ShownJob): Job {
  if (next.run < before.run) return before;
  if (next.run > before.run) return { ...before, ...next };
  const share = Math.max(shareOf(before), shareOf(next));
  const progress = isTerminal(next.status) ? null : next.progress ?? before.progress;
  return { ...before, ...next, share, progress };
}

/** Progress of an earlier run, or of a job that has ended, is old news. */
export function withProgress<Job extends ShownJob>(job: Job, heard: ShownProgress): Job {
  if (heard.jobId !== job.id || heard.run !== job.run || isTerminal(job.status)) return job;
  const share = Math.max(shareOf(job), heard.share);
  const previewUrl = heard.previewUrl ?? job.progress?.previewUrl ?? null;
  return { ...job, share, progress: { ...heard, share, previewUrl } };
}

/** The jobs of a row of live cards, in the order in which they were made. What ends stays in its place; what is thrown away leaves. */
export function applyToRow(row: readonly ShownJob[], news: News): ShownJob[] {
  if (news.kind === "progress") return row.map((job) => withProgress(job, news.progress));
  if (news.kind === "job") return applyJob(row, news.event.jobId, news.job);
  const told = new Map(news.jobs.map((job) => [job.id, job]));
  const kept = row.filter((job) => told.has(job.id) || isTerminal(job.status));
  return news.jobs.toReversed().reduce(
    (jobs, job) => applyJob(jobs, job.id, job),
    kept,
  );
}

function applyJob(row: readonly ShownJob[], id: string, job: ShownJob | null): ShownJob[] {
  if (job === null || job.trashedAt !== null) return row.filter((one) => one.id !== id);
  if (row.some((one) => one.id === id)) return row.map((one) => one.id === id ? mergeJob(one, job) : one);
  return isTerminal(job.status) ? [...row] : [...row, job];
}

/** The first jobs of a row of live cards: what moves stands first, what waits for the person last, each in the order they came. */
export function startRow(jobs: readonly ShownJob[]): ShownJob[] {
  const rank = ({ parts, paused, status }: ShownJob) =>
    parts.states.includes("now") ? 0 : paused || status === "created" ? 2 : 1;
  return jobs.toSorted((a, b) => rank(a) - rank(b) || (a.createdAt < b.createdAt ? -1 : 1));
}

export interface Watched {
  job: ShownJobDetail;
  /** Steps, outputs or stages may have changed: the page reads the job again. */
  isBehind: boolean;
  /** The job is gone for good. */
  isGone: boolean;
}

export function applyToWatched(watched: Watched, news: News): Watched {
  const { job } = watched;
  if (news.kind === "progress") return { ...watched, job: withProgress(job, news.progress) };
  if (news.kind === "snapshot") {
    const told = news.jobs.find((one) => one.id === job.id);
    if (told === undefined || (told.updatedAt === job.updatedAt && told.stage === job.stage)) return watched;
    return { ...watched, job: mergeJob(job, told), isBehind: true };
  }
  if (news.event.jobId !== job.id) return watched;
  if (news.job === null) return { ...watched, isGone: true };
  const isKnown = job.events.some(({ seq }) => seq >= news.event.seq);
  const events = isKnown ? job.events : [...job.events, news.event];
  return { ...watched, job: mergeJob({ ...job, events }, news.job), isBehind: true };
}

/** The job as it was read again. What was heard meanwhile and is newer stays. */
export function applyRead({ job }: Watched, read: ShownJobDetail): Watched {
  return { job: mergeJob(job, read), isBehind: false, isGone: false };
}
