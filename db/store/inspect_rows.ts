/** Reads a whole SQLite store for checkers. Not for production paths: it reads every row. */
import type { Transaction } from "kysely";
import { decode, decodeOrNull } from "../codec.ts";
import type { EffectFact, Since, Snapshot } from "../inspect.ts";
import type { Schema } from "../schema.ts";
import { rows, statement } from "../statements.ts";
import { readBackends, readSlots } from "./slot_rows.ts";
import { STEP_FIELDS, type StepRecord, toStep } from "./step_rows.ts";

const SELECT_STEPS = statement<StepRecord>(
  `select ${STEP_FIELDS} from step order by job_id, ord, id, take`,
);
const EFFECT_STATUS: Record<string, EffectFact["status"]> = {
  open: "open",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

export async function inspectRows(tx: Transaction<Schema>, since?: Since): Promise<Snapshot> {
  const steps = (await rows(tx, SELECT_STEPS())).map((row) => ({ ...toStep(row), jobId: row.job_id }));
  return {
    steps,
    ...await inspectActors(tx, since),
    ...await inspectEffects(tx),
    ...await inspectJobs(tx),
    slots: await readSlots(tx),
    backends: await readBackends(tx),
    ledger: (await tx.selectFrom("ledger").selectAll().orderBy("id").execute()).map((row) => ({
      id: row.id,
      userId: row.user_id,
      jobId: row.job_id,
      stepId: row.step_id,
      kind: row.kind === "gpu" ? "gpu" : row.kind === "local" ? "local" : "provider",
      seconds: row.seconds,
      bytes: row.bytes,
      at: row.at,
    })),
  };
}

async function inspectActors(tx: Transaction<Schema>, since?: Since) {
  const actors = await tx.selectFrom("actor").selectAll().orderBy("id").execute();
  const mail = await tx.selectFrom("mail").selectAll().orderBy("seq")
    .$if(since !== undefined, (query) => query.where("done_at", "is", null)).execute();
  const events = await tx.selectFrom("event").selectAll().orderBy("seq")
    .where("seq", ">", since?.event ?? 0).execute();
  const dead = await tx.selectFrom("deadletter").selectAll().orderBy("msg_id").execute();
  return {
    actors: actors.map((row) => ({
      id: row.id,
      kind: row.kind,
      userId: row.user_id,
      state: decode<unknown>(row.state),
      ver: row.ver,
      priority: row.priority,
      rank: row.rank,
    })),
    mail: mail.map((row) => ({
      seq: row.seq,
      id: row.msg_id,
      to: row.actor_id,
      kind: row.kind,
      body: decode<unknown>(row.body),
      dueAt: row.due_at,
      attempts: row.attempts,
      error: row.error,
      doneAt: row.done_at,
    })),
    events: events.map((row) => ({
      seq: row.seq,
      actorId: row.actor_id,
      ver: row.ver,
      userId: row.user_id,
      kind: row.kind,
      message: row.message,
      body: decode<unknown>(row.body),
      at: row.at,
    })),
    deadletters: dead.map((row) => ({
      id: row.msg_id,
      actorId: row.actor_id,
      kind: row.kind,
      body: decode<unknown>(row.body),
      error: row.error,
      at: row.at,
    })),
  };
}

async function inspectEffects(tx: Transaction<Schema>) {
  const effects = await tx.selectFrom("effect").selectAll().orderBy("id").execute();
  const outputs = await tx.selectFrom("output").selectAll().orderBy("effect_id").orderBy("node").orderBy(
    "ord",
  )
    .execute();
  return {
    effects: effects.map((row) => ({
      id: row.id,
      actorId: row.actor_id,
      kind: row.kind,
      lane: row.lane,
      req: decode<unknown>(row.req),
      status: EFFECT_STATUS[row.status] ?? "failed",
      owner: row.owner,
      token: row.token,
      tries: row.tries,
      note: row.note,
      leaseUntil: row.lease_until,
      nextAt: row.next_at,
      result: decodeOrNull<unknown>(row.result),
    })),
    outputs: outputs.map((row) => ({
      effectId: row.effect_id,
      node: row.node,
      ord: row.ord,
      token: row.token,
      sha256: row.sha256,
    })),
  };
}

async function inspectJobs(tx: Transaction<Schema>) {
  const jobs = await tx.selectFrom("jobs").selectAll().orderBy("id").execute();
  const jobOutputs = await tx.selectFrom("job_outputs").selectAll().orderBy("job_id").orderBy("run")
    .orderBy("ord").execute();
  return {
    jobs: jobs.map((row) => ({
      id: row.id,
      userId: row.owner_id,
      status: row.status,
      stage: row.stage,
      paused: row.paused === 1,
      cancelling: row.cancelling === 1,
      run: row.run,
      rev: row.rev,
      share: row.share,
      promptId: row.comfy_prompt_id,
      endedAt: row.ended_at,
    })),
    jobOutputs: jobOutputs.map((row) => ({
      jobId: row.job_id,
      run: row.run,
      ord: row.ord,
      type: row.output_type,
      file: row.file_path,
    })),
  };
}
