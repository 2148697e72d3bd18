/** What people may use of the studio and what they use, from the ledger, their jobs and their files. */
import { type Kysely, type Selectable, sql } from "kysely";
import {
  DAY_MS,
  freesAt,
  type Limits,
  limitsFor,
  type OwnLimits,
  type PersonSpend,
  type Standing,
} from "@/core/quota.ts";
import { type FilmSize, type Learned, NOTHING_RESERVED, type OpenRender, reserve } from "@/core/reserve.ts";
import type { Schema } from "../schema.ts";
import type { QuotaTable } from "../schema_runtime.ts";
import { readClock } from "../statements.ts";
import { isLive } from "./conditions.ts";

const MONTH_MS = 30 * DAY_MS;
const GB = 1e9;

export const NO_OWN: OwnLimits = {
  jobsMax: null,
  runningMax: null,
  gpuMinutesMax: null,
  diskGbMax: null,
  weight: null,
};

export async function readOwnLimits(on: Kysely<Schema>, userId: string): Promise<OwnLimits> {
  const row = await on.selectFrom("quota").where("user_id", "=", userId)
    .select(["max_queued", "max_running", "gpu_minutes", "disk_bytes", "weight"]).executeTakeFirst();
  return row ? ownLimitsOf(row) : NO_OWN;
}

export function ownLimitsOf(
  row: Pick<Selectable<QuotaTable>, "max_queued" | "max_running" | "gpu_minutes" | "disk_bytes" | "weight">,
): OwnLimits {
  return {
    jobsMax: row.max_queued,
    runningMax: row.max_running,
    gpuMinutesMax: row.gpu_minutes,
    diskGbMax: row.disk_bytes === null ? null : row.disk_bytes / GB,
    weight: row.weight,
  };
}

export async function readUse(
  on: Kysely<Schema>,
  userId: string,
  { usual, all, learned }: { usual: Limits; all: boolean; learned: () => Promise<Learned> },
): Promise<Standing> {
  const limits = limitsFor(await readOwnLimits(on, userId), usual);
  const at = await readClock(on);
  const queued = await on.selectFrom("jobs").where("owner_id", "=", userId).where(isLive("status"))
    .where("deleted_at", "is", null).select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirst();
  const running = await on.selectFrom("slot").where("user_id", "=", userId).where("state", "=", "held")
    .select((eb) => eb.fn.count<number>("job_id").distinct().as("n")).executeTakeFirst();
  const today = on.selectFrom("ledger").where("user_id", "=", userId).where("at", ">", at - DAY_MS)
    .where("kind", "=", "gpu");
  const served = await today.select((eb) => eb.fn.sum<number>("seconds").as("seconds")).executeTakeFirst();
  const gpuSeconds = Number(served?.seconds ?? 0);
  const money = await on.selectFrom("ledger").where("user_id", "=", userId).where("at", ">", at - MONTH_MS)
    .select((eb) => eb.fn.sum<number>("money").as("money")).executeTakeFirst();
  const isAsked = limits.gpuMinutes !== null || limits.diskBytes !== null;
  const reserved = isAsked
    ? reserve(await readOpenRenders(on, userId, at), await learned())
    : NOTHING_RESERVED;
  const minutesLeft = limits.gpuMinutes === null ? 0 : limits.gpuMinutes * 60 - reserved.gpuSeconds;
  return {
    limits,
    use: {
      reserved,
      queued: Number(queued?.n ?? 0),
      running: Number(running?.n ?? 0),
      gpuSeconds,
      diskBytes: all || limits.diskBytes !== null ? (await readDisk(on, userId)).get(userId) ?? 0 : 0,
      money: Number(money?.money ?? 0),
      // Entry by entry only where the limit is met: the sum says so.
      freesAt: limits.gpuMinutes === null || gpuSeconds < minutesLeft
        ? null
        : freesAt(await today.select(["at", "seconds"]).execute(), minutesLeft),
    },
  };
}

/** Renders of a person's films that are not done; what is being fetched has run. */
async function readOpenRenders(on: Kysely<Schema>, userId: string, at: number): Promise<OpenRender[]> {
  const rows = await on.selectFrom("jobs").innerJoin("step", "step.job_id", "jobs.id")
    .where("jobs.owner_id", "=", userId).where(isLive("jobs.status")).where("jobs.deleted_at", "is", null)
    .where("step.kind", "=", "prompt").where("step.state", "in", ["pending", "ready", "granted", "running"])
    .select(["step.engine", "step.template", "step.shape", "step.weight", "step.started_at"]).execute();
  return rows.map(({ engine, started_at, ...row }) => ({
    ...row,
    engine: engine === "draft" ? "draft" : "comfy",
    backendId: null,
    ranS: started_at === null ? 0 : Math.max(0, at - started_at) / 1000,
  }));
}

const SIZED_MAX = 300;

/** What the newest films that are ready left in files, for the renders of their plans. */
export async function readFilmSizes(on: Kysely<Schema>): Promise<FilmSize[]> {
  const films = on.selectFrom("jobs").where("status", "=", "completed").orderBy("created_at", "desc")
    .orderBy("id", "desc").limit(SIZED_MAX).select(["id", "engine"]).as("film");
  const rows = await on.selectFrom(films).innerJoin("step", "step.job_id", "film.id")
    .where("step.kind", "=", "prompt").where("step.state", "=", "done")
    .select((eb) => [
      "film.id",
      "film.engine",
      "step.template",
      eb.fn.sum<number>("step.weight").as("weight"),
      sql<number>`(select coalesce(sum(bytes), 0) from output where output.actor_id = film.id)`.as("bytes"),
    ]).groupBy(["film.id", "film.engine", "step.template"]).execute();
  return [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((renders) => {
    // A film of several templates left its files for all of them together.
    const weight = renders.reduce((sum, render) => sum + Number(render.weight), 0);
    return renders.map(({ engine, template, bytes }) => ({
      engine: engine === "draft" ? "draft" as const : "comfy" as const,
      template,
      weight,
      bytes: Number(bytes),
    }));
  });
}

/** Bytes by person: what they uploaded and what was made for them, the same content once each. */
async function readDisk(on: Kysely<Schema>, userId?: string): Promise<Map<string, number>> {
  const uploads = await on.selectFrom("assets").where("size_bytes", "is not", null)
    .$if(userId !== undefined, (query) => query.where("owner_id", "=", userId ?? ""))
    .select((eb) => ["owner_id", eb.fn.sum<number>("size_bytes").as("bytes")]).groupBy("owner_id").execute();
  const made = await on.selectFrom(
    on.selectFrom("jobs").innerJoin("output", "output.actor_id", "jobs.id")
      .$if(userId !== undefined, (query) => query.where("jobs.owner_id", "=", userId ?? ""))
      .select(["jobs.owner_id", "output.sha256", "output.bytes"]).distinct().as("files"),
  ).select((eb) => ["owner_id", eb.fn.sum<number>("bytes").as("bytes")]).groupBy("owner_id").execute();
  const disk = new Map<string, number>();
  for (const { owner_id, bytes } of [...uploads, ...made]) {
    disk.set(owner_id, (disk.get(owner_id) ?? 0) + Number(bytes));
  }
  return disk;
}

/** Everybody who used anything within 30 days, who used most first. */
export async function readSpend(on: Kysely<Schema>): Promise<PersonSpend[]> {
  const at = await readClock(on);
  const today = at - DAY_MS;
  const rows = await on.selectFrom("ledger").leftJoin("users", "users.id", "ledger.user_id")
    .where("ledger.at", ">", at - MONTH_MS)
    .select((eb) => [
      "ledger.user_id",
      "users.email",
      eb.fn.sum<number>("money").as("money"),
      sql<number>`sum(case when kind = 'gpu' then seconds else 0 end)`.as("seconds"),
      sql<number>`sum(case when ledger.at > ${today} then money else 0 end)`.as("day_money"),
      sql<number>`sum(case when kind = 'gpu' and ledger.at > ${today} then seconds else 0 end)`.as(
        "day_seconds",
      ),
    ]).groupBy(["ledger.user_id", "users.email"]).execute();
  const disk = await readDisk(on);
  return rows.map((row) => ({
    userId: row.user_id,
    email: row.email,
    day: { gpuSeconds: Number(row.day_seconds), money: Number(row.day_money) },
    month: { gpuSeconds: Number(row.seconds), money: Number(row.money) },
    diskBytes: disk.get(row.user_id) ?? 0,
  })).sort((a, b) => b.month.gpuSeconds - a.month.gpuSeconds);
}

interface LedgerSum {
  kind: string;
  seconds: number;
  bytes: number;
  money: number;
}

/**
 * All that was ever entered, by kind, in one statement: an entry that is being rolled up counts once. Rounded to what
 * entries are made of, so that adding them up in another order never makes a sum smaller.
 */
export async function readLedgerSums(on: Kysely<Schema>): Promise<LedgerSum[]> {
  const { rows } = await sql<LedgerSum>`
    select kind, round(sum(seconds), 3) as seconds, sum(bytes) as bytes, round(sum(money), 6) as money from (
      select kind, seconds, bytes, money from ledger where state = 'spent'
      union all select kind, seconds, bytes, money from spent_day
    ) as entries group by kind order by kind`.execute(on);
  return rows;
}
