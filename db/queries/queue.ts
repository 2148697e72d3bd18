/** What the queue pages and the look ahead read: servers, slots, what waits, and what live jobs still have to do. */
import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import type { Shares, UsualLimits } from "@/core/schedule_memory.ts";
import type { BackendRow, ReadyStep, SlotRow, StepState } from "@/core/store.ts";
import type { Schema } from "../schema.ts";
import { readClock } from "../statements.ts";
import { readShares } from "../store/shares.ts";
import { readBackends, readReady, readSlots } from "../store/slot_rows.ts";
import { isActive, isLive } from "./conditions.ts";

/** Waiting steps that are looked at; as many as the scheduler looks at in a round. */
const READY_MAX = 500;

export interface OpenStep {
  jobId: string;
  userId: string;
  stepId: string;
  take: number;
  kind: string;
  state: StepState;
  engine: ReadyStep["engine"];
  family: string;
  template: string;
  shape: string;
  weight: number;
  startedAt: number | null;
}

export interface LiveJob {
  id: string;
  ownerId: string;
  priority: number;
  rank: number;
  /** Place in the operators' own line. */
  front: number | null;
}

export interface Floor {
  at: number;
  backends: BackendRow[];
  slots: SlotRow[];
  ready: ReadyStep[];
  /** What each person had of the servers lately. */
  shares: Shares;
  /** Jobs that run, and those whose waiting steps are looked at. */
  jobs: LiveJob[];
  steps: OpenStep[];
}

export async function readFloor(reader: Kysely<Schema>, usual: UsualLimits): Promise<Floor> {
  const slots = await readSlots(reader);
  const ready = await readReady(reader, READY_MAX);
  const running = await buildRunning(reader).execute();
  const ids = [
    ...new Set([...slots, ...ready].map((row) => row.jobId).concat(running.map((row) => row.job_id))),
  ];
  return {
    at: await readClock(reader),
    backends: await readBackends(reader),
    slots,
    ready,
    shares: await readShares(reader, usual),
    jobs: await readPlaces(reader, ids),
    steps: await readOpenSteps(reader, ids),
  };
}

/** Jobs with a step under way, on a server or in the studio. */
export function buildRunning(reader: Kysely<Schema>) {
  return reader.selectFrom("step").where(isActive()).where("state", "in", [
    "granted",
    "running",
    "collecting",
  ])
    .select("job_id").distinct();
}

async function readPlaces(reader: Kysely<Schema>, ids: string[]): Promise<LiveJob[]> {
  if (ids.length === 0) return [];
  const rows = await reader.selectFrom("actor").where("id", "in", ids)
    .select(["id", "user_id", "priority", "rank", "front"]).execute();
  return rows.map(({ user_id: ownerId, ...row }) => ({ ...row, ownerId }));
}

/** Steps that are not done yet, in the order of their plans. */
async function readOpenSteps(reader: Kysely<Schema>, ids: string[]): Promise<OpenStep[]> {
  if (ids.length === 0) return [];
  const rows = await reader.selectFrom("step").where("job_id", "in", ids)
    .where("state", "in", ["pending", "ready", "granted", "running", "collecting"])
    .select([
      "job_id",
      "user_id",
      "id",
      "take",
      "kind",
      "state",
      "engine",
      "family",
      "template",
      "shape",
      "weight",
      "started_at",
    ])
    .orderBy("ord").orderBy("id").orderBy("take").execute();
  return rows.map((row) => ({
    jobId: row.job_id,
    userId: row.user_id,
    stepId: row.id,
    take: row.take,
    kind: row.kind,
    state: row.state as StepState,
    engine: row.engine === "draft" ? "draft" : "comfy",
    family: row.family,
    template: row.template,
    shape: row.shape,
    weight: row.weight,
    startedAt: row.started_at,
  }));
}

/** A person's live jobs, in the order that the person gave them. */
export async function listPlaces(reader: Kysely<Schema>, ownerId: string): Promise<LiveJob[]> {
  return (await buildPlaces(reader, ownerId).execute()).map((row) => ({ ...row, ownerId }));
}

export function buildPlaces(reader: Kysely<Schema>, ownerId: string) {
  return reader.selectFrom("jobs").innerJoin("actor", "actor.id", "jobs.id")
    .where("jobs.owner_id", "=", ownerId).where(isLive("jobs.status")).where("jobs.deleted_at", "is", null)
    .select(["jobs.id", "actor.priority", "actor.rank", "actor.front"])
    .orderBy("actor.priority", "desc").orderBy("actor.rank").orderBy("jobs.id");
}

/** Of these jobs, which are under way and which wait for a server. */
export async function readStanding(reader: Kysely<Schema>, ids: string[]): Promise<Standing> {
  if (ids.length === 0) return { runs: new Set(), waits: new Set() };
  const rows = await reader.selectFrom("step").where("job_id", "in", ids).where(isActive())
    .select(["job_id", "kind", "state"]).distinct().execute();
  return standingOf(rows.map(({ job_id, ...row }) => ({ ...row, jobId: job_id })));
}

export interface Standing {
  /** On a server, or in the studio with nothing that waits for one. */
  runs: Set<string>;
  waits: Set<string>;
}

export function standingOf(steps: readonly { jobId: string; kind: string; state: string }[]): Standing {
  const having = (holds: (step: (typeof steps)[number]) => boolean) =>
    new Set(steps.filter(holds).map((step) => step.jobId));
  const waits = having(({ state }) => state === "ready");
  const isUnderWay = (state: string) => ["granted", "running", "collecting"].includes(state);
  return {
    waits,
    runs: having(({ jobId, kind, state }) => isUnderWay(state) && (kind === "prompt" || !waits.has(jobId))),
  };
}

/** Live jobs of anybody, by id. */
export async function readLine(reader: Kysely<Schema>, ids: string[]) {
  if (ids.length === 0) return [];
  return await selectLine(reader).where("jobs.id", "in", ids).execute();
}

/** Live jobs that neither run nor wait for a server, the oldest first. */
export async function listHeld(
  reader: Kysely<Schema>,
  { offset, limit }: { offset: number; limit: number },
) {
  return await selectLine(reader).where(isHeld).orderBy("jobs.created_at").orderBy("jobs.id")
    .offset(offset).limit(limit).execute();
}

export async function countHeld(reader: Kysely<Schema>): Promise<number> {
  const row = await reader.selectFrom("jobs").where(isHeld)
    .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  return Number(row.n);
}

const isHeld = ({ eb, and }: ExpressionBuilder<Schema, "jobs">) =>
  and([
    isLive("jobs.status"),
    eb("jobs.deleted_at", "is", null),
    eb(
      "jobs.id",
      "not in",
      eb.selectFrom("step").where(isActive()).where("state", "!=", "waiting_for_person").select(
        "step.job_id",
      ),
    ),
  ]);

function selectLine(reader: Kysely<Schema>) {
  return reader.selectFrom("jobs").innerJoin("actor", "actor.id", "jobs.id")
    .leftJoin("users", "users.id", "jobs.owner_id")
    .where(isLive("jobs.status")).where("jobs.deleted_at", "is", null)
    .select([
      "jobs.id",
      "jobs.owner_id",
      "users.email",
      "jobs.title",
      "jobs.mode",
      "jobs.engine",
      "jobs.status",
      "jobs.stage",
      "jobs.paused",
      "jobs.cancelling",
      "jobs.share",
      "jobs.created_at",
      "actor.priority",
      "actor.rank",
      "actor.front",
      sql<number | null>`json_extract(actor.state, '$.byOperator')`.as("by_operator"),
    ]);
}

/** Jobs of everybody that hold a server, and jobs that wait for one: from small indexes alone. */
export async function countQueue(reader: Kysely<Schema>): Promise<{ rendering: number; waiting: number }> {
  const row = await buildCounts(reader).executeTakeFirstOrThrow();
  return { rendering: Number(row.rendering), waiting: Number(row.waiting) };
}

export function buildCounts(reader: Kysely<Schema>) {
  const held = reader.selectFrom("slot").select((eb) => eb.fn.count<number>("job_id").distinct().as("n"));
  const ready = reader.selectFrom("step").where(isActive()).where("state", "=", sql.lit("ready"))
    .select((eb) => eb.fn.count<number>("job_id").distinct().as("n"));
  return reader.selectNoFrom([held.as("rendering"), ready.as("waiting")]);
}
