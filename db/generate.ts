/** Fills a database with finished jobs, so that benchmarks and tests can see what age does to it. */
import type { Kysely } from "kysely";
import { encode } from "./codec.ts";
import type { Schema } from "./schema.ts";
import { type Bind, run, statement } from "./statements.ts";

export interface Generated {
  jobs: number;
  /** Owners take turns. */
  owners: readonly string[];
  /** Time of the newest job in milliseconds; each older one is a second older. */
  newestAt: number;
  newId: (n: number) => string;
  stepsPerJob?: number;
}

const MODES = ["animate", "audio", "text", "image"] as const;
const STATUSES = ["completed", "completed", "completed", "completed", "failed", "cancelled"] as const;
const WORDS = ["harbour", "fog", "dawn", "dancer", "tower", "river", "lantern", "market", "snow", "engine"];

const JOB = statement(
  "insert into jobs (no, id, owner_id, mode, title, prompt, negative_prompt, search, status, stage, run, rev, share, " +
    "engine, workflow_template_name, workflow_template_version, settings_json, created_at, updated_at, ended_at) " +
    "values ((select coalesce(max(no), 0) + 1 from jobs), ?, ?, ?, ?, ?, '', ?, ?, '', 1, 1, ?, ?, ?, '1', '{}', ?, ?, ?)",
);
const ACTOR = statement(
  "insert into actor (id, kind, user_id, state, ver, created_at, updated_at) values (?, 'job', ?, ?, ?, ?, ?)",
);
const STEP = statement(
  "insert into step (job_id, id, take, user_id, ord, kind, engine, family, template, weight, chosen, state, attempt, " +
    "run, digest, rev, uses, outputs, started_at, ended_at) " +
    "values (?, ?, 0, ?, ?, 'prompt', ?, 'wan', 'animate', 1, 1, 'done', 1, 1, ?, 1, '{}', '[]', ?, ?)",
);
const OUTPUT = statement(
  "insert into job_outputs (id, job_id, run, ord, output_type, file_path, poster_path, metadata_json, created_at) " +
    "values (?, ?, 1, 0, 'film', ?, ?, ?, ?)",
);
const MAIL = statement(
  "insert into mail (msg_id, actor_id, kind, body, due_at, created_at, done_at) values (?, ?, 'start', '{}', ?, ?, ?)",
);
const EFFECT = statement(
  "insert into effect (id, actor_id, user_id, kind, lane, req, status, token, next_at, created_at, done_at) " +
    "values (?, ?, ?, 'ensure_prompt', 'gpu', '{}', 'done', 1, ?, ?, ?)",
);
const EVENT = statement(
  "insert into event (actor_id, ver, user_id, kind, message, body, at) values (?, ?, ?, ?, ?, '{}', ?)",
);

/** Inserts in transactions of 1,000 jobs, the oldest first. */
export async function generateJobs(writer: Kysely<Schema>, wanted: Generated): Promise<void> {
  for (let done = 0; done < wanted.jobs; done += 1000) {
    await writer.transaction().execute(async (tx) => {
      for (let n = done; n < Math.min(done + 1000, wanted.jobs); n++) await insertJob(tx, n, wanted);
    });
  }
}

async function insertJob(tx: Kysely<Schema>, n: number, wanted: Generated): Promise<void> {
  const [id, at] = [wanted.newId(n), wanted.newestAt - (wanted.jobs - 1 - n) * 1000];
  const owner = pick(wanted.owners, n);
  const status = pick(STATUSES, n);
  const engine = n % 5 === 0 ? "draft" : "comfy";
  const title = `${pick(WORDS, n)} ${pick(WORDS, n * 7 + 3)} ${n}`;
  const prompt = `A ${pick(WORDS, n * 3 + 1)} near the ${pick(WORDS, n * 11 + 5)}, handheld camera`;
  const mode = pick(MODES, n);
  const share = status === "completed" ? 1 : 0.5;
  const row: Bind[] = [id, owner, mode, title, prompt, `${title}\n${prompt}`, status, share, engine, mode];
  await run(tx, JOB([...row, at, at, at]));
  await run(tx, ACTOR([id, owner, encode({ rev: 1 }), 2, at, at]));
  for (let step = 0; step < (wanted.stepsPerJob ?? 1); step++) {
    await run(tx, STEP([id, `part-${step}`, owner, step, engine, `${id}-${step}`, at, at]));
  }
  if (status === "completed") {
    const facts = encode({ durationS: 5, width: 832, height: 480 });
    await run(tx, OUTPUT([`${id}:film`, id, `${id}.mp4`, `${id}.jpg`, facts, at]));
  }
  await run(tx, MAIL([`${id}:start`, id, at, at, at]));
  await run(tx, EFFECT([`${id}:prompt`, id, owner, at, at, at]));
  await run(tx, EVENT([id, 1, owner, "job.queued", "The job waits.", at]));
  await run(tx, EVENT([id, 2, owner, `job.${status}`, "The job ended.", at]));
}

function pick<T>(from: readonly T[], n: number): T {
  const found = from[n % from.length];
  if (found === undefined) throw new Error("Cannot pick from an empty list");
  return found;
}
