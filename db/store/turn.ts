/** One turn of an actor: its due mail goes in, everything that follows from it is written, all in one transaction. */
import type { Plan } from "@/core/plan.ts";
import type { Behaviour, Shown, StoredMail, TurnInput, TurnReport, TurnWrite } from "@/core/store.ts";
import { decode, encode, encodeOrNull, flag } from "../codec.ts";
import { type Connection, first, NOW, run, statement } from "../statements.ts";
import { INSERT_EVENT } from "./event_rows.ts";
import { postMail, readDue, settleMail } from "./mail_rows.ts";
import type { PlanCache } from "./plan_cache.ts";
import { factsOf, revOf, tracedBy, TURN_MAIL_MAX } from "./plan_facts.ts";
import { hearOf } from "./slot_rows.ts";
import { beginSlot, chargeSlot, recordDone } from "./shares.ts";
import { loadSteps, saveSteps } from "./step_rows.ts";

export interface TurnTools {
  plans: PlanCache;
  /** Ids for rows that have none of their own. */
  newId: () => string;
  /** Of an hour on a server without a price of its own. */
  costHour: () => number;
}

const SELECT_ACTOR = statement<{
  id: string;
  kind: string;
  user_id: string;
  state: string;
  ver: number;
  priority: number;
  rank: number;
  trace: string | null;
  at: number;
}>(`select id, kind, user_id, state, ver, priority, rank, trace, ${NOW} as at from actor where id = ?`);
const UPDATE_ACTOR = statement(
  "update actor set state = ?, ver = ?, priority = ?, trace = ?, updated_at = ? where id = ?",
);
const PRIORITISE_STEPS = statement("update step set priority = ? where job_id = ? and state = 'ready'");
const INSERT_EFFECT = statement(
  "insert into effect (id, actor_id, user_id, kind, lane, req, status, next_at, created_at, trace) " +
    "values (?, ?, ?, ?, ?, ?, 'open', ?, ?, ?) on conflict (id) do nothing",
);
const REVOKE_EFFECT = statement(
  "update effect set status = 'cancelled', owner = null, done_at = ? where id = ? and status = 'open'",
);
const FREE_SLOT = statement("delete from slot where prompt_id = ? and job_id = ?");
const STOP_SLOT = statement(
  "update slot set state = 'stopping', began_at = null where prompt_id = ? and job_id = ?",
);
const UPDATE_JOB = statement(
  "update jobs set status = ?, stage = ?, paused = ?, cancelling = ?, run = ?, rev = ?, share = ?, problem = ?, " +
    "comfy_prompt_id = coalesce(comfy_prompt_id, ?), ended_at = ?, updated_at = ? where id = ?",
);
/** What has ended waits in no line. */
const LEAVE_FRONT = statement("update actor set front = null where id = ? and front is not null");
const INSERT_OUTPUT = statement(
  "insert into job_outputs (id, job_id, run, ord, output_type, file_path, poster_path, metadata_json, created_at) " +
    "select ?, id, ?, ?, ?, ?, ?, ?, ? from jobs where id = ? on conflict (job_id, run, ord) do nothing",
);

/** Null when the actor is unknown or has no due mail. Call it inside a transaction that excludes other writers. */
export async function takeTurn(
  on: Connection,
  { actorId, behaviour, tools }: { actorId: string; behaviour: Behaviour; tools: TurnTools },
): Promise<TurnReport | null> {
  const read = await readTurn(on, { actorId, plans: tools.plans });
  if (!read) return null;
  const { more, ...known } = read;
  const steps = await loadSteps(on, { jobId: actorId, wanted: behaviour.wants(known) });
  const input = { ...known, steps };
  const write = behaviour.decide(input);
  return await writeTurn(on, { input, write, more, tools });
}

async function readTurn(
  on: Connection,
  { actorId, plans }: { actorId: string; plans: PlanCache },
): Promise<(Omit<TurnInput, "steps"> & { more: boolean }) | null> {
  const row = await first(on, SELECT_ACTOR([actorId]));
  if (!row) return null;
  const due = await readDue(on, { actorId, at: row.at, limit: TURN_MAIL_MAX + 1 });
  if (due.length === 0) return null;
  const mail = due.slice(0, TURN_MAIL_MAX);
  const state = decode<unknown>(row.state);
  return {
    actor: {
      id: row.id,
      kind: row.kind,
      userId: row.user_id,
      state,
      ver: row.ver,
      priority: row.priority,
      rank: row.rank,
      trace: tracedBy(mail) ?? row.trace,
    },
    at: row.at,
    mail,
    plans: await loadPlans(on, { actorId, state, mail, plans }),
    more: due.length > mail.length,
  };
}

async function loadPlans(
  on: Connection,
  { actorId, state, mail, plans }: {
    actorId: string;
    state: unknown;
    mail: readonly StoredMail[];
    plans: PlanCache;
  },
): Promise<Map<number, Plan>> {
  const found = new Map<number, Plan>();
  for (const rev of [revOf(state), ...mail.map((item) => revOf(item.body))]) {
    if (rev === null || found.has(rev)) continue;
    const plan = await plans.load(on, { jobId: actorId, rev });
    if (plan) found.set(rev, plan);
  }
  return found;
}

async function writeTurn(
  on: Connection,
  { input, write, more, tools }: { input: TurnInput; write: TurnWrite; more: boolean; tools: TurnTools },
): Promise<TurnReport> {
  const { actor, at, mail } = input;
  const priority = write.priority ?? actor.priority;
  const ready = await writeSteps(on, { input, write, priority, plans: tools.plans });
  if (priority !== actor.priority) await run(on, PRIORITISE_STEPS([priority, actor.id]));
  const freed = await writeSlots(on, { jobId: actor.id, slots: write.slots, at, costHour: tools.costHour() });
  for (const id of write.revoke) await run(on, REVOKE_EFFECT([at, id]));
  const effects = await writeEffects(on, { input, write });
  let ver = actor.ver;
  for (const event of write.events) {
    const body = encode(event.body ?? {});
    await run(on, INSERT_EVENT([actor.id, ++ver, actor.userId, event.kind, event.message, body, at]));
  }
  const told = await postMail(on, write.mail, { at, from: actor.id, trace: actor.trace });
  const { handled, dueAgain } = await settleMail(on, write.fates, { actorId: actor.id, at, mail });
  await run(on, UPDATE_ACTOR([encode(write.state), ver, priority, actor.trace ?? null, at, actor.id]));
  if (write.shown) await writeShown(on, { jobId: actor.id, shown: write.shown, at });
  await writeOutputs(on, { input, write, newId: tools.newId });
  const held: NonNullable<TurnReport["held"]> = [];
  for (const said of write.servers ?? []) {
    const faring = await hearOf(on, said);
    if (faring) held.push({ backendId: said.backendId, faring });
  }
  return {
    handled,
    more: more || handled < mail.length || dueAgain > 0 || told.has(actor.id),
    told: [...told],
    effects,
    schedule: ready > 0 || freed > 0,
    ...(held.length > 0 ? { held } : {}),
  };
}

async function writeSteps(
  on: Connection,
  { input, write, priority, plans }: {
    input: TurnInput;
    write: TurnWrite;
    priority: number;
    plans: PlanCache;
  },
): Promise<number> {
  if (write.steps.length === 0) return 0;
  const { actor, at } = input;
  const known = new Map(input.plans);
  for (const { rev } of write.steps) {
    if (known.has(rev)) continue;
    const plan = await plans.load(on, { jobId: actor.id, rev });
    if (plan) known.set(rev, plan);
  }
  for (const { state, promptId, startedAt } of write.steps) {
    const isKnown = state === "running" || state === "collecting";
    if (isKnown && promptId !== null && startedAt !== null) await beginSlot(on, promptId, startedAt);
  }
  for (const step of write.steps.filter(({ state }) => state === "done")) {
    const isPrompt = factsOf(known.get(step.rev), step.id).kind === "prompt";
    await recordDone(on, step, { jobId: actor.id, userId: actor.userId, isPrompt, at });
  }
  return await saveSteps(on, write.steps, {
    jobId: actor.id,
    userId: actor.userId,
    priority,
    rank: actor.rank,
    at,
    plans: known,
  });
}

async function writeSlots(
  on: Connection,
  { jobId, slots, at, costHour }: { jobId: string; slots: TurnWrite["slots"]; at: number; costHour: number },
): Promise<number> {
  let freed = 0;
  for (const { promptId, op } of slots) {
    await chargeSlot(on, promptId, { at, costHour });
    if (op === "free") freed += await run(on, FREE_SLOT([promptId, jobId]));
    else await run(on, STOP_SLOT([promptId, jobId]));
  }
  return freed;
}

async function writeEffects(
  on: Connection,
  { input: { actor, at }, write }: { input: TurnInput; write: TurnWrite },
): Promise<number> {
  let made = 0;
  for (const effect of write.effects) {
    const nextAt = at + Math.max(0, Math.ceil(effect.delayMs ?? 0));
    const req = encode(effect.req);
    made += await run(
      on,
      INSERT_EFFECT([
        effect.id,
        actor.id,
        actor.userId,
        effect.kind,
        effect.lane,
        req,
        nextAt,
        at,
        actor.trace ?? null,
      ]),
    );
  }
  return made;
}

async function writeShown(
  on: Connection,
  { jobId, shown, at }: { jobId: string; shown: Shown; at: number },
): Promise<void> {
  await run(
    on,
    UPDATE_JOB([
      shown.status,
      shown.stage,
      flag(shown.paused),
      flag(shown.cancelling),
      shown.run,
      shown.rev,
      shown.share,
      encodeOrNull(shown.problem),
      shown.promptId,
      shown.endedAt,
      at,
      jobId,
    ]),
  );
  if (shown.endedAt !== null) await run(on, LEAVE_FRONT([jobId]));
}

async function writeOutputs(
  on: Connection,
  { input: { actor, at }, write, newId }: { input: TurnInput; write: TurnWrite; newId: () => string },
): Promise<void> {
  for (const output of write.outputs) {
    await run(
      on,
      INSERT_OUTPUT([
        newId(),
        output.run,
        output.ord,
        output.type,
        output.file,
        output.poster,
        encode(output.metadata),
        at,
        actor.id,
      ]),
    );
  }
}
