/** Backends, their slots, and which step may have one next. */
import type { BackendChange, BackendChanged, BackendRow, Grant, ReadyStep, SlotRow } from "@/core/store.ts";
import { MAINTENANCE_KEY } from "@/core/maintenance.ts";
import type { Origin } from "@/core/servers.ts";
import { fareOn, type Faring, type ServerWord, takesNew, UNTRIED } from "@/core/faring.ts";
import { decode, decodeOrNull, encodeOrNull } from "../codec.ts";
import type { UsualLimits } from "@/core/schedule_memory.ts";
import { type Connection, first, readClock, rows, run, statement } from "../statements.ts";
import { postMail } from "./mail_rows.ts";
import { grantMailId } from "./plan_facts.ts";
import { chargeSlot } from "./shares.ts";

const WAITS = "state = 'ready' and kind = 'prompt'";
const FIRST_LANE = statement<Lane>(
  `select user_id, engine, family from step where ${WAITS} order by user_id, engine, family limit 1`,
);
/** Jumps from lane to lane along the index, however many steps wait in each. */
const NEXT_LANE = statement<Lane>(
  `select user_id, engine, family from step where ${WAITS} and (user_id, engine, family) > (?, ?, ?) ` +
    "order by user_id, engine, family limit 1",
);
const LANE_HEADS = statement<ReadyRecord>(
  "select job_id, user_id, id, take, attempt, engine, family, template, digest, priority, rank, ready_at, near, weight, avoid from step " +
    `where ${WAITS} and user_id = ? and engine = ? and family = ? ` +
    "order by priority desc, rank, ready_at, job_id, id limit ? + 0",
);

/** What operators put in front, wherever it stands in its lane. */
const IN_FRONT = statement<ReadyRecord>(
  "select step.job_id, step.user_id, step.id, step.take, step.attempt, step.engine, step.family, step.template, " +
    "step.digest, step.priority, step.rank, step.ready_at, step.near, step.weight, step.avoid, actor.front " +
    "from actor cross join step on step.job_id = actor.id " +
    "where actor.front is not null and step.state = 'ready' and step.kind = 'prompt' " +
    "order by actor.front, step.ready_at, step.id limit ? + 0",
);

interface ReadyRecord {
  job_id: string;
  user_id: string;
  id: string;
  take: number;
  attempt: number;
  engine: ReadyStep["engine"];
  family: string;
  template: string;
  digest: string | null;
  priority: number;
  rank: number;
  ready_at: number;
  near: string | null;
  avoid: string | null;
  weight: number;
  front?: number;
}

interface Lane {
  user_id: string;
  engine: string;
  family: string;
}

export async function readReady(on: Connection, limit: number): Promise<ReadyStep[]> {
  const lanes: Lane[] = [];
  let lane = await first(on, FIRST_LANE());
  while (lane) {
    lanes.push(lane);
    lane = await first(on, NEXT_LANE([lane.user_id, lane.engine, lane.family]));
  }
  if (lanes.length === 0) return [];
  const share = Math.max(1, Math.ceil(limit / lanes.length));
  const heads: ReadyStep[][] = [];
  for (const { user_id, engine, family } of lanes) {
    heads.push((await rows(on, LANE_HEADS([user_id, engine, family, share]))).map(toReady));
  }
  const found = heads.reduce((sum, head) => sum + head.length, 0);
  if (found < limit && lanes.length > 1) {
    for (const [at, { user_id, engine, family }] of lanes.entries()) {
      if (heads[at]?.length !== share) continue;
      heads[at] = (await rows(on, LANE_HEADS([user_id, engine, family, limit]))).map(toReady);
    }
  }
  const front = (await rows(on, IN_FRONT([limit]))).map(toReady);
  if (front.length === 0) return mergeLanes(heads, limit);
  const isThere = new Set(front.map(({ jobId }) => jobId));
  const others = heads.map((head) => head.filter(({ jobId }) => !isThere.has(jobId)));
  return [...front, ...mergeLanes(others, Math.max(0, limit - front.length))];
}

/** The head of every lane before the second of any; among equals by priority, then age. */
export function mergeLanes(lanes: readonly (readonly ReadyStep[])[], limit: number): ReadyStep[] {
  return lanes
    .flatMap((lane) => lane.map((step, at) => ({ step, at })))
    .sort((a, b) => a.at - b.at || compareReady(a.step, b.step))
    .slice(0, limit)
    .map(({ step }) => step);
}

function compareReady(a: ReadyStep, b: ReadyStep): number {
  return b.priority - a.priority || a.readyAt - b.readyAt || compareText(a.jobId, b.jobId) ||
    compareText(a.stepId, b.stepId);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toReady(row: ReadyRecord): ReadyStep {
  return {
    jobId: row.job_id,
    userId: row.user_id,
    stepId: row.id,
    take: row.take,
    attempt: row.attempt,
    engine: row.engine,
    family: row.family,
    template: row.template,
    digest: row.digest,
    weight: row.weight,
    priority: row.priority,
    rank: row.rank,
    readyAt: row.ready_at,
    near: row.near,
    avoid: row.avoid,
    ...(row.front === undefined ? {} : { front: row.front }),
  };
}

const SELECT_STEP = statement<{
  state: string;
  attempt: number;
  kind: string;
  engine: string;
  user_id: string;
  weight: number;
}>(
  "select state, attempt, kind, engine, user_id, weight from step where job_id = ? and id = ? and take = ?",
);
const SELECT_BACKEND = statement<{ status: string; slots: number; engine: string; faring: string | null }>(
  "select status, slots, engine, faring from backend where id = ?",
);
const SLOT_TAKEN = statement<{ n: number }>(
  "select n from slot where (backend_id = ? and n = ?) or prompt_id = ? or (job_id = ? and step_id = ? and state = 'held')",
);
const COUNT_SLOTS = statement<{ n: number }>("select count(*) as n from slot where backend_id = ?");
const MAINTENANCE = statement<{ key: string }>(
  "select key from system_config where key = ? and value is not null",
);
const HOLD = statement(
  "insert into slot (backend_id, n, job_id, step_id, prompt_id, family, state, since, user_id, weight) " +
    "values (?, ?, ?, ?, ?, ?, 'held', ?, ?, ?)",
);
const SET_GRANTED = statement(
  "update step set state = 'granted', prompt_id = ?, backend_id = ?, ready_at = null where job_id = ? and id = ? and take = ?",
);

export async function grantSlot(on: Connection, grant: Grant, usual: UsualLimits): Promise<boolean> {
  const { jobId, stepId, take, attempt, backendId, n, promptId, family } = grant;
  const step = await first(on, SELECT_STEP([jobId, stepId, take]));
  if (step?.state !== "ready" || step.attempt !== attempt || step.kind !== "prompt") return false;
  const backend = await first(on, SELECT_BACKEND([backendId]));
  if (backend?.status !== "up" || backend.engine !== step.engine) return false;
  if (!Number.isInteger(n) || n < 0 || n >= backend.slots) return false;
  if (await first(on, SLOT_TAKEN([backendId, n, promptId, jobId, stepId]))) return false;
  // Where slots were taken away while they were held, those of higher numbers still count.
  const held = (await first(on, COUNT_SLOTS([backendId])))?.n ?? 0;
  if (held >= backend.slots) return false;
  const at = await readClock(on);
  if (!takesNew(decodeOrNull<Faring>(backend.faring), { held, now: at })) return false;
  // Another process may not know yet that nothing new may begin.
  if (await first(on, MAINTENANCE([MAINTENANCE_KEY]))) return false;
  if (await isOverLimit(on, { userId: step.user_id, jobId, usual })) return false;
  await run(on, HOLD([backendId, n, jobId, stepId, promptId, family, at, step.user_id, step.weight]));
  await run(on, SET_GRANTED([promptId, backendId, jobId, stepId, take]));
  const body = { type: "grant", step: stepId, take, attempt, backendId, promptId };
  await postMail(on, [{ id: grantMailId(grant), to: jobId, kind: "grant", body }], { at });
  return true;
}

const SELECT_RUNNING_MAX = statement<{ max_running: number | null }>(
  "select max_running from quota where user_id = ?",
);
const SELECT_RUNNING = statement<{ job_id: string }>(
  "select distinct job_id from slot where user_id = ? and state = 'held'",
);

/** Another process may have granted meanwhile: who has as many jobs on servers as they may gets no further one. */
async function isOverLimit(
  on: Connection,
  { userId, jobId, usual }: { userId: string; jobId: string; usual: UsualLimits },
): Promise<boolean> {
  const most = (await first(on, SELECT_RUNNING_MAX([userId])))?.max_running ?? usual.running;
  if (most === null) return false;
  const jobs = (await rows(on, SELECT_RUNNING([userId]))).map((row) => row.job_id);
  return jobs.length >= most && !jobs.includes(jobId);
}

const FREE_SLOT = statement("delete from slot where prompt_id = ?");
const SELECT_SLOTS = statement<{
  backend_id: string;
  n: number;
  job_id: string;
  step_id: string;
  prompt_id: string;
  family: string;
  state: SlotRow["state"];
  since: number;
  user_id: string;
  weight: number;
}>(
  "select backend_id, n, job_id, step_id, prompt_id, family, state, since, user_id, weight from slot " +
    "order by backend_id, n",
);

export async function freeSlot(on: Connection, promptId: string, costHour: number): Promise<void> {
  await chargeSlot(on, promptId, { at: await readClock(on), costHour });
  await run(on, FREE_SLOT([promptId]));
}

export async function readSlots(on: Connection): Promise<SlotRow[]> {
  return (await rows(on, SELECT_SLOTS())).map((row) => ({
    backendId: row.backend_id,
    n: row.n,
    jobId: row.job_id,
    userId: row.user_id,
    stepId: row.step_id,
    promptId: row.prompt_id,
    family: row.family,
    weight: row.weight,
    state: row.state,
    since: row.since,
  }));
}

interface BackendRecord {
  id: string;
  url: string;
  engine: BackendRow["engine"];
  slots: number;
  status: BackendRow["status"];
  epoch: number;
  last_seen_at: number | null;
  loaded_family: string | null;
  vram: number | null;
  version: string | null;
  problem: string | null;
  device: string | null;
  vram_free: number | null;
  ram_free: number | null;
  short: number;
  faring: string | null;
  name: string | null;
  origin: Origin;
  auth: string | null;
  tags: string;
  gpu: string | null;
  vram_given: number | null;
  slots_given: number | null;
  cost_hour: number | null;
  usual_header: number;
  rev: number;
}
const SELECT_BACKENDS = statement<BackendRecord>("select * from backend order by id");
/** What the runtime tells of a server; what operators set is not touched. */
const TOLD = [
  "id",
  "url",
  "engine",
  "slots",
  "status",
  "epoch",
  "last_seen_at",
  "loaded_family",
  "vram",
  "version",
  "problem",
  "device",
  "vram_free",
  "ram_free",
  "short",
  "faring",
];
const SAVE_BACKEND = statement(
  `insert into backend (${TOLD.join(", ")}) values (${TOLD.map(() => "?").join(", ")}) ` +
    `on conflict (id) do update set ${TOLD.slice(1).map((name) => `${name} = excluded.${name}`).join(", ")}`,
);
const FORGET_FILES = statement("delete from backend_file where backend_id = ? and epoch <> ?");
const SELECT_FILE = statement<{ ref: string }>(
  "select file.ref from backend_file file join backend on backend.id = file.backend_id and backend.epoch = file.epoch " +
    "where file.backend_id = ? and file.sha256 = ?",
);

export async function readBackends(on: Connection): Promise<BackendRow[]> {
  return (await rows(on, SELECT_BACKENDS())).map((row) => ({
    id: row.id,
    url: row.url,
    engine: row.engine,
    slots: row.slots,
    status: row.status,
    epoch: row.epoch,
    lastSeenAt: row.last_seen_at,
    loadedFamily: row.loaded_family,
    vram: row.vram,
    version: row.version,
    problem: row.problem,
    device: row.device,
    vramFree: row.vram_free,
    ramFree: row.ram_free,
    short: row.short === 1,
    faring: decodeOrNull<Faring>(row.faring),
    name: row.name,
    origin: row.origin,
    auth: row.auth,
    tags: decode<string[]>(row.tags),
    gpu: row.gpu,
    vramGiven: row.vram_given,
    slotsGiven: row.slots_given,
    costHour: row.cost_hour,
    usualHeader: row.usual_header === 1,
    rev: row.rev,
  }));
}

export async function saveBackend(on: Connection, row: BackendRow): Promise<void> {
  const { id, url, engine, slots, status, epoch, lastSeenAt, loadedFamily, vram, version, problem } = row;
  const { device = null, vramFree = null, ramFree = null, short = false, faring = null } = row;
  const standing = [slots, status, epoch, lastSeenAt, loadedFamily, vram, version, problem];
  await run(
    on,
    SAVE_BACKEND([
      id,
      url,
      engine,
      ...standing,
      device,
      vramFree,
      ramFree,
      short ? 1 : 0,
      encodeOrNull(faring),
    ]),
  );
  await run(on, FORGET_FILES([id, epoch]));
}

export async function changeBackend(
  on: Connection,
  { id, decide }: { id: string; decide: (row: BackendRow) => BackendChange | null },
): Promise<BackendChanged | null> {
  const before = (await readBackends(on)).find((row) => row.id === id);
  const change = before && decide(before);
  if (!before || !change) return null;
  const after = { ...before, ...change };
  await saveBackend(on, after);
  return { before, after };
}

const SELECT_FARING = statement<{ faring: string | null }>("select faring from backend where id = ?");
const SET_FARING = statement("update backend set faring = ? where id = ?");

/** Returns how a server fares that is held from now on. */
export async function hearOf(on: Connection, said: ServerWord): Promise<Faring | null> {
  const row = await first(on, SELECT_FARING([said.backendId]));
  if (!row) return null;
  const before = decodeOrNull<Faring>(row.faring) ?? UNTRIED;
  const after = fareOn(before, said);
  if (after === before) return null;
  await run(on, SET_FARING([encodeOrNull(after), said.backendId]));
  return after.holds > before.holds ? after : null;
}

export async function readBackendFile(
  on: Connection,
  { backendId, sha256 }: { backendId: string; sha256: string },
): Promise<string | null> {
  return (await first(on, SELECT_FILE([backendId, sha256])))?.ref ?? null;
}
