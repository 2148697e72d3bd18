/** The store on SQLite: one writer connection, every method one transaction, the database's clock for all times. */
import type { Kysely, Transaction } from "kysely";
import { NO_LIMITS, type UsualLimits } from "@/core/schedule_memory.ts";
import type { Store } from "@/core/store.ts";
import { decode } from "./codec.ts";
import type { Inspect } from "./inspect.ts";
import type { Schema } from "./schema.ts";
import { first, NOW, readClock, rows, run, statement } from "./statements.ts";
import { admitJobs, reviseJob } from "./store/admit.ts";
import {
  beatEffect,
  claimEffect,
  finishEffect,
  lookAtEffect,
  noteEffect,
  putOffEffect,
  releaseEffects,
  REMEMBER_FILE,
} from "./store/effect_rows.ts";
import { inspectRows } from "./store/inspect_rows.ts";
import { postMail } from "./store/mail_rows.ts";
import { arrangeJobs } from "./store/places.ts";
import { PlanCache } from "./store/plan_cache.ts";
import { type Retention, sweepRows, type Swept } from "./store/retention.ts";
import {
  changeBackend,
  freeSlot,
  grantSlot,
  readBackendFile,
  readBackends,
  readReady,
  readSlots,
  saveBackend,
} from "./store/slot_rows.ts";
import { readShares } from "./store/shares.ts";
import { loadSteps, STEP_FIELDS, type StepRecord, toStep } from "./store/step_rows.ts";
import { takeTurn } from "./store/turn.ts";

const SELECT_ACTOR = statement<{
  id: string;
  kind: string;
  user_id: string;
  state: string;
  ver: number;
  priority: number;
  rank: number;
}>("select id, kind, user_id, state, ver, priority, rank from actor where id = ?");
const DUE_ACTORS = statement<{ actor_id: string }>(
  `select actor_id from mail where done_at is null and due_at <= ${NOW} group by actor_id order by min(due_at) limit ? + 0`,
);
const HAS_DUE = statement<{ seq: number }>(
  `select seq from mail where actor_id = ? and done_at is null and due_at <= ${NOW} limit 1`,
);
const NEXT_MAIL = statement<{ wait: number }>(
  `select due_at - ${NOW} as wait from mail where done_at is null order by due_at limit 1`,
);
const NEXT_EFFECT = statement<{ wait: number }>(
  `select next_at - ${NOW} as wait from effect where status = 'open' order by next_at limit 1`,
);
const FIND_DONE = statement<StepRecord>(
  `select ${STEP_FIELDS} from step where user_id = ? and digest = ? and state = 'done' and digest is not null ` +
    "and chosen = 1 order by ended_at desc limit 1",
);
const DISOWN = statement(
  "update step set digest = null where user_id = ? and digest = ? and state = 'done' and digest is not null",
);

export interface SqliteStore extends Store, Inspect {
  /** Prunes what nobody needs any more, in short transactions. */
  sweepRetention(retention?: Partial<Retention>): Promise<Swept>;
}

export interface SqliteStoreOptions {
  /** Ids for output rows; UUIDv7 from the `Ids` port. */
  newId: () => string;
  plansMax?: number;
  /** Of whoever has none of their own. */
  limits?: () => UsualLimits;
  /** What an hour costs on a server without a price of its own. */
  costHour?: () => number;
  /** Closes the connection too. Without it `close` leaves the connection to whoever opened it. */
  onClose?: () => Promise<void>;
}

/** The database must have been migrated. */
export function openSqliteStore(writer: Kysely<Schema>, options: SqliteStoreOptions): SqliteStore {
  const { newId, limits = () => NO_LIMITS, costHour = () => 0 } = options;
  const tools = { plans: new PlanCache(options.plansMax), newId, costHour };
  const within = <T>(work: (tx: Transaction<Schema>) => Promise<T>) => writer.transaction().execute(work);
  return {
    now: () => readClock(writer),
    admit: (jobs, admitOptions = {}) => within((tx) => admitJobs(tx, jobs, admitOptions)),
    revise: (jobId, revision) => within((tx) => reviseJob(tx, jobId, revision)),
    plan: async (jobId, rev) => (await tools.plans.load(writer, { jobId, rev })) ?? null,
    post: (mail) =>
      within(async (tx) => {
        await postMail(tx, mail, { at: await readClock(tx) });
      }),
    turn: async (actorId, behaviour) => {
      // Most wake-ups that come too late find nothing to do: they need no write lock.
      if (!(await first(writer, HAS_DUE([actorId])))) return null;
      return await within((tx) => takeTurn(tx, { actorId, behaviour, tools }));
    },
    dueActors: async (limit) => (await rows(writer, DUE_ACTORS([limit]))).map((row) => row.actor_id),
    nextDueIn: async () => {
      const heads = [await first(writer, NEXT_MAIL()), await first(writer, NEXT_EFFECT())];
      const waits = heads.flatMap((head) => head ? [Math.max(0, head.wait)] : []);
      return waits.length > 0 ? Math.min(...waits) : null;
    },
    claim: (owner, lanes, leaseMs) => within((tx) => claimEffect(tx, { owner, lanes, leaseMs })),
    beat: (id, token, leaseMs) => beatEffect(writer, { id, token, leaseMs }),
    effect: (id) => lookAtEffect(writer, id),
    note: (id, token, note) => noteEffect(writer, { id, token, note }),
    finish: (id, token, finish) => within((tx) => finishEffect(tx, { id, token, finish })),
    putOff: (id, token, delayMs) => putOffEffect(writer, { id, token, delayMs }),
    release: (owner) => releaseEffects(writer, owner),
    backends: () => readBackends(writer),
    saveBackend: (row) => within((tx) => saveBackend(tx, row)),
    changeBackend: (id, decide) => within((tx) => changeBackend(tx, { id, decide })),
    slots: () => readSlots(writer),
    ready: (limit) => within((tx) => readReady(tx, limit)),
    grant: (grant) => within((tx) => grantSlot(tx, grant, limits())),
    arrange: (userId, jobIds) => within((tx) => arrangeJobs(tx, { userId, jobIds })),
    freeSlot: (promptId) => within((tx) => freeSlot(tx, promptId, costHour())),
    shares: () => readShares(writer, limits()),
    backendFile: (backendId, sha256) => readBackendFile(writer, { backendId, sha256 }),
    rememberFile: async (backendId, epoch, sha256, ref) => {
      await run(writer, REMEMBER_FILE([backendId, epoch, sha256, ref]));
    },
    findDone: async (userId, digest) => {
      const row = await first(writer, FIND_DONE([userId, digest]));
      if (!row) return null;
      const { id, take, outputs } = toStep(row);
      return { jobId: row.job_id, stepId: id, take, outputs };
    },
    disown: async (userId, digest) => {
      await run(writer, DISOWN([userId, digest]));
    },
    steps: (jobId) => loadSteps(writer, { jobId, wanted: "all" }),
    actor: async (id) => {
      const row = await first(writer, SELECT_ACTOR([id]));
      if (!row) return null;
      const { kind, user_id: userId, ver, priority, rank } = row;
      return { id, kind, userId, state: decode<unknown>(row.state), ver, priority, rank };
    },
    close: async () => {
      await options.onClose?.();
    },
    inspect: (since) => within((tx) => inspectRows(tx, since)),
    sweepRetention: (retention) => sweepRows(writer, retention ?? {}),
  };
}
