/** Steps between the database's rows and the actor's. */
import type { Plan } from "@/core/plan.ts";
import type { StepRow } from "@/core/store.ts";
import { decode, decodeOrNull, encode, encodeOrNull, flag } from "../codec.ts";
import type { StepTable } from "../schema_runtime.ts";
import { type Bind, type Connection, first, rows, run, statement } from "../statements.ts";
import { ACTIVE_STATES, factsOf } from "./plan_facts.ts";

/** The columns that an actor sees; the others serve the scheduler. */
const FIELDS = [
  "job_id",
  "id",
  "take",
  "chosen",
  "stale",
  "state",
  "attempt",
  "run",
  "failures",
  "losses",
  "digest",
  "rev",
  "uses",
  "outputs",
  "problem",
  "prompt_id",
  "backend_id",
  "avoid",
  "started_at",
  "ended_at",
] as const satisfies (keyof StepTable)[];
export type StepRecord = Pick<StepTable, typeof FIELDS[number]>;
export const STEP_FIELDS = FIELDS.join(", ");

const ORDER = "order by ord, id, take";
const ACTIVE_LIST = ACTIVE_STATES.map((state) => `'${state}'`).join(", ");
const SELECT_ALL = statement<StepRecord>(`select ${STEP_FIELDS} from step where job_id = ? ${ORDER}`);
const SELECT_ACTIVE = statement<StepRecord>(
  `select ${STEP_FIELDS} from step where job_id = ? and state in (${ACTIVE_LIST}) ${ORDER}`,
);
const SELECT_ONE = statement<StepRecord>(
  `select ${STEP_FIELDS} from step where job_id = ? and id = ? order by take`,
);
const SELECT_BACKEND = statement<{ backend_id: string | null }>(
  "select backend_id from step where job_id = ? and id = ? and take = ?",
);

/** Above this many wanted steps one read of all of them is faster. */
const SINGLE_READS_MAX = 48;

export function toStep(record: StepRecord): StepRow {
  return {
    id: record.id,
    take: record.take,
    chosen: record.chosen === 1,
    stale: record.stale === 1,
    state: record.state,
    attempt: record.attempt,
    run: record.run,
    failures: record.failures,
    losses: record.losses,
    digest: record.digest,
    rev: record.rev,
    uses: decode(record.uses),
    outputs: decode(record.outputs),
    problem: decodeOrNull(record.problem),
    promptId: record.prompt_id,
    backendId: record.backend_id,
    avoid: record.avoid,
    startedAt: record.started_at,
    endedAt: record.ended_at,
  };
}

/** The active takes of a job, and all takes of the wanted steps. */
export async function loadSteps(
  on: Connection,
  { jobId, wanted }: { jobId: string; wanted: "all" | string[] },
): Promise<StepRow[]> {
  if (wanted === "all") return (await rows(on, SELECT_ALL([jobId]))).map(toStep);
  if (wanted.length > SINGLE_READS_MAX) {
    const ids = new Set(wanted);
    const all = await rows(on, SELECT_ALL([jobId]));
    return all.filter((row) => ids.has(row.id) || ACTIVE_STATES.includes(row.state)).map(toStep);
  }
  const ids = new Set(wanted);
  const active = await rows(on, SELECT_ACTIVE([jobId]));
  const found = active.filter((row) => !ids.has(row.id));
  for (const id of ids) found.push(...await rows(on, SELECT_ONE([jobId, id])));
  return found.map(toStep);
}

const COLUMNS = [
  ...FIELDS,
  "user_id",
  "ord",
  "kind",
  "engine",
  "family",
  "template",
  "shape",
  "weight",
  "priority",
  "rank",
  "near",
  "ready_at",
];
const KEYS = ["job_id", "id", "take", "ready_at"];
/** A take that stays ready keeps its place in the queue. */
const UPSERT = statement(
  `insert into step (${COLUMNS.join(", ")}) values (${COLUMNS.map(() => "?").join(", ")}) ` +
    `on conflict (job_id, id, take) do update set ` +
    COLUMNS.filter((column) => !KEYS.includes(column)).map((column) => `${column} = excluded.${column}`).join(
      ", ",
    ) +
    `, ready_at = case when excluded.state = 'ready' and step.state = 'ready' and step.attempt = excluded.attempt ` +
    `then step.ready_at else excluded.ready_at end`,
);

export interface StepOwner {
  jobId: string;
  userId: string;
  priority: number;
  rank: number;
  at: number;
  /** Plans by revision; a row whose revision is missing is stored without facts. */
  plans: ReadonlyMap<number, Plan>;
}

/** Inserts or replaces takes. Returns how many wait for a slot. */
export async function saveSteps(
  on: Connection,
  steps: readonly StepRow[],
  owner: StepOwner,
): Promise<number> {
  let ready = 0;
  // What is no longer chosen goes first: at no moment may two takes of a step be chosen.
  const ordered = steps.length > 1 ? [...steps].sort((a, b) => Number(a.chosen) - Number(b.chosen)) : steps;
  for (const step of ordered) {
    const facts = factsOf(owner.plans.get(step.rev), step.id);
    const waits = step.state === "ready" && facts.kind === "prompt";
    const near = waits ? await findNear(on, { jobId: owner.jobId, step, among: steps }) : null;
    if (waits) ready++;
    const values: Bind[] = [
      owner.jobId,
      step.id,
      step.take,
      flag(step.chosen),
      flag(step.stale),
      step.state,
      step.attempt,
      step.run,
      step.failures,
      step.losses,
      step.digest,
      step.rev,
      encode(step.uses),
      encode(step.outputs),
      encodeOrNull(step.problem),
      step.promptId,
      step.backendId,
      step.avoid ?? null,
      step.startedAt,
      step.endedAt,
      owner.userId,
      facts.ord,
      facts.kind,
      facts.engine,
      facts.family,
      facts.template,
      facts.shape,
      facts.weight,
      owner.priority,
      owner.rank,
      near,
      step.state === "ready" ? owner.at : null,
    ];
    await run(on, UPSERT(values));
  }
  return ready;
}

/** The backend of a take that this one is made from: its files and models may still lie there. */
async function findNear(
  on: Connection,
  { jobId, step, among }: { jobId: string; step: StepRow; among: readonly StepRow[] },
): Promise<string | null> {
  for (const [id, take] of Object.entries(step.uses)) {
    const here = among.find((row) => row.id === id && row.take === take);
    const backend = here ? here.backendId : (await first(on, SELECT_BACKEND([jobId, id, take])))?.backend_id;
    if (backend) return backend;
  }
  return null;
}
