/** What must hold when everything has come to rest, read from the database alone. */
import { sql } from "kysely";
import type { Media } from "@/core/ports.ts";
import { openReader } from "@/db/sqlite.ts";
import { assertEquals } from "@/tests/assert.ts";

export interface Ended {
  jobs: number;
  completed: number;
  cancelled: number;
  films: number;
  prompts: number;
  claimedAgain: number;
  losses: number;
}

const LEFT = {
  "jobs that have not ended": sql`select id, status, stage from jobs
    where status not in ('completed', 'failed', 'cancelled')`,
  "failed jobs": sql`select id, problem from jobs where status = 'failed'`,
  "slots": sql`select job_id, step_id, state from slot`,
  "open mail": sql`select msg_id, actor_id, kind from mail where done_at is null`,
  "open effects": sql`select id, kind, actor_id from effect where status = 'open'`,
  "dead letters": sql`select msg_id, kind, error from deadletter`,
  "steps under way":
    sql`select job_id, id, state from step where state in ('ready', 'granted', 'running', 'collecting')`,
  "gaps among events":
    sql`select actor_id from event group by actor_id having count(*) <> max(ver) - min(ver) + 1 or min(ver) > 1`,
  "completed jobs without exactly one film of their run": sql`select id from jobs where status = 'completed'
    and (select count(*) from job_outputs o where o.job_id = jobs.id and o.run = jobs.run) <> 1`,
  "films of jobs that did not complete": sql`select id from jobs where status <> 'completed' and run = 1
    and exists (select 1 from job_outputs o where o.job_id = jobs.id)`,
  "runs with more than one end": sql`select actor_id from event where kind = 'status'
    and json_extract(body, '$.status') in ('completed', 'failed', 'cancelled')
    group by actor_id, json_extract(body, '$.run') having count(*) > 1`,
  "effects with two results":
    sql`select effect_id from output group by effect_id having count(distinct token) > 1`,
};

/** Throws with the rows that should not be there. */
export async function checkFinal(dataDir: string, media: Media): Promise<Ended> {
  const db = openReader(`${dataDir}/studio.db`);
  try {
    for (const [what, query] of Object.entries(LEFT)) {
      const { rows } = await query.execute(db);
      assertEquals(rows.map((row) => ({ ...Object(row) })), [], `There are ${what}`);
    }
    const films = await db.selectFrom("job_outputs").innerJoin("jobs", "jobs.id", "job_outputs.job_id")
      .select(["file_path", "settings_json", "mode", "jobs.id"]).execute();
    for (const { file_path: name, id } of films) {
      await checkFilm(`${dataDir}/files/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`, { id, media });
    }
    const count = async (query: ReturnType<typeof sql<{ n: number }>>) =>
      Number((await query.execute(db)).rows[0]?.n ?? 0);
    return {
      jobs: await count(sql`select count(*) as n from jobs`),
      completed: await count(sql`select count(*) as n from jobs where status = 'completed'`),
      cancelled: await count(sql`select count(*) as n from jobs where status = 'cancelled'`),
      films: films.length,
      prompts: await count(sql`select count(*) as n from effect where kind = 'ensure_prompt'`),
      claimedAgain: await count(sql`select count(*) as n from effect where tries > 1`),
      losses: await count(sql`select coalesce(sum(losses), 0) as n from step`),
    };
  } finally {
    await db.destroy();
  }
}

async function checkFilm(path: string, { id, media }: { id: string; media: Media }): Promise<void> {
  const { video, audio } = await media.probe(path);
  if (!video?.frames || !video.rate) throw new Error(`The film of ${id} cannot be played`);
  const durationS = video.frames * video.rate.den / video.rate.num;
  const apartS = Math.abs((audio?.durationS ?? durationS) - durationS);
  if (apartS > video.rate.den / video.rate.num) {
    throw new Error(`Sound and picture of ${id} end ${apartS} s apart`);
  }
}
