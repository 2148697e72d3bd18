/** Letting jobs in: row, assets, actor, plan, steps and first mail together, or nothing. */
import { fail } from "@/core/problem.ts";
import type { AdmitOptions, NewJob, Revision } from "@/core/store.ts";
import { encode, encodeOrNull, encodePlan, flag } from "../codec.ts";
import { noProject } from "../projects.ts";
import { type Connection, first, readClock, run, statement } from "../statements.ts";
import { INSERT_EVENT } from "./event_rows.ts";
import { postMail } from "./mail_rows.ts";
import { saveSteps } from "./step_rows.ts";

const SELECT_QUOTA = statement<{ max_queued: number | null }>(
  "select max_queued from quota where user_id = ?",
);
const COUNT_OPEN = statement<{ n: number }>(
  "select count(*) as n from jobs where owner_id = ? and status not in ('completed', 'failed', 'cancelled') " +
    "and deleted_at is null",
);
const SELECT_ASSET = statement<{ id: string }>(
  "select id from assets where id = ? and owner_id = ? and deleted_at is null",
);
const SELECT_PROJECT = statement<{ id: string }>("select id from projects where id = ? and owner_id = ?");
const INSERT_ACTOR = statement(
  "insert into actor (id, kind, user_id, state, priority, rank, created_at, updated_at) " +
    "values (?, ?, ?, ?, ?, (select coalesce(max(no), 0) + 1 from jobs), ?, ?) on conflict (id) do nothing",
);
/** A new job stands behind all others: its rank is the number that its row gets. */
const SELECT_RANK = statement<{ rank: number }>("select no as rank from jobs where id = ?");
const INSERT_PLAN = statement(
  "insert into plan (job_id, rev, json, created_at) values (?, ?, ?, ?) on conflict (job_id, rev) do nothing",
);
const INSERT_JOB = statement(
  "insert into jobs (no, id, owner_id, mode, submode, title, prompt, negative_prompt, search, status, stage, paused, " +
    "cancelling, run, rev, share, problem, comfy_prompt_id, engine, workflow_template_name, " +
    "workflow_template_version, settings_json, project_id, batch_id, parent_id, draft_id, created_at, updated_at, ended_at) " +
    `values ((select coalesce(max(no), 0) + 1 from jobs), ${
      Array.from({ length: 28 }, () => "?").join(", ")
    })`,
);
const UPDATE_REQUEST = statement(
  "update jobs set title = ?, prompt = ?, negative_prompt = ?, search = ?, settings_json = ? where id = ?",
);
const INSERT_ASSET = statement(
  "insert into job_assets (job_id, ord, asset_id, role, used) values (?, ?, ?, ?, ?)",
);

/** Before every turn: those count their events from one. */
const FIRST_VER = 0;

export async function admitJobs(
  on: Connection,
  jobs: readonly NewJob[],
  options: AdmitOptions,
): Promise<void> {
  const at = await readClock(on);
  let admitted = 0;
  for (const job of jobs) {
    const values = [job.id, job.kind, job.userId, encode(job.state), job.priority, at, at];
    if (await run(on, INSERT_ACTOR(values)) === 0) continue;
    admitted++;
    await admitJob(on, job, at);
  }
  if (admitted > 0) {
    for (const userId of new Set(jobs.map((job) => job.userId))) {
      await checkQuota(on, { userId, openMax: options.openMax });
    }
  }
}

/** Counts with the new jobs already in: the transaction takes them out again when there are too many. */
async function checkQuota(
  on: Connection,
  { userId, openMax }: { userId: string; openMax: number | undefined },
): Promise<void> {
  const most = (await first(on, SELECT_QUOTA([userId])))?.max_queued ?? openMax;
  if (most === undefined) return;
  const open = (await first(on, COUNT_OPEN([userId])))?.n ?? 0;
  if (open > most) throw fail("job.queue_full", { detail: { limit: most, used: open } });
}

async function admitJob(on: Connection, job: NewJob, at: number): Promise<void> {
  const { projectId } = job.row;
  if (projectId !== null && !(await first(on, SELECT_PROJECT([projectId, job.userId])))) throw noProject();
  await insertJobRow(on, job, at);
  for (const [ord, asset] of job.row.assets.entries()) {
    if (!(await first(on, SELECT_ASSET([asset.assetId, job.userId])))) {
      throw fail("asset.missing", { detail: { asset: asset.assetId } });
    }
    await run(on, INSERT_ASSET([job.id, ord, asset.assetId, asset.role, flag(asset.used)]));
  }
  await run(on, INSERT_PLAN([job.id, job.shown.rev, encodePlan(job.plan), at]));
  await saveSteps(on, job.steps, {
    jobId: job.id,
    userId: job.userId,
    priority: job.priority,
    rank: (await first(on, SELECT_RANK([job.id])))?.rank ?? 0,
    at,
    plans: new Map([[job.shown.rev, job.plan]]),
  });
  if (job.begins) {
    const { kind, message, body = {} } = job.begins;
    await run(on, INSERT_EVENT([job.id, FIRST_VER, job.userId, kind, message, encode(body), at]));
  }
  await postMail(on, job.mail, { at, from: job.id });
}

async function insertJobRow(on: Connection, job: NewJob, at: number): Promise<void> {
  const { row, shown } = job;
  await run(
    on,
    INSERT_JOB([
      job.id,
      job.userId,
      row.mode,
      row.submode,
      row.title,
      row.prompt,
      row.negativePrompt,
      searchOf(row),
      shown.status,
      shown.stage,
      flag(shown.paused),
      flag(shown.cancelling),
      shown.run,
      shown.rev,
      shown.share,
      encodeOrNull(shown.problem),
      shown.promptId,
      row.engine,
      row.template.name,
      row.template.version,
      encode(row.settings),
      row.projectId,
      row.batchId,
      row.parentId,
      row.draftId,
      at,
      at,
      shown.endedAt,
    ]),
  );
}

/** False when the revision is taken. */
export async function reviseJob(
  on: Connection,
  jobId: string,
  { rev, plan, mail, row }: Revision,
): Promise<boolean> {
  const at = await readClock(on);
  if (await run(on, INSERT_PLAN([jobId, rev, encodePlan(plan), at])) === 0) return false;
  await postMail(on, [mail], { at });
  if (row) {
    const { title, prompt, negativePrompt, settings } = row;
    await run(on, UPDATE_REQUEST([title, prompt, negativePrompt, searchOf(row), encode(settings), jobId]));
  }
  return true;
}

/** What lists are searched by. */
function searchOf({ title, prompt }: { title: string; prompt: string }): string {
  return `${title}\n${prompt}`;
}
