/** One turn in memory: everything is computed before the first row is replaced, so a failing turn changes nothing. */
import type { Behaviour, TurnInput, TurnReport, TurnWrite } from "@/core/store.ts";
import { fareOn, type ServerWord, UNTRIED } from "@/core/faring.ts";
import { factsOf, revOf, tracedBy, TURN_MAIL_MAX } from "../store/plan_facts.ts";
import { freeze } from "./freeze.ts";
import { postMail, readDue, settleMail } from "./mail.ts";
import { beginSlot, chargeSlot, recordDone } from "./shares.ts";
import { loadSteps, saveSteps } from "./steps.ts";
import type { Tables } from "./tables.ts";

export function takeTurn(
  tables: Tables,
  { actorId, behaviour, at }: { actorId: string; behaviour: Behaviour; at: number },
): TurnReport | null {
  const actor = tables.actors.get(actorId);
  if (!actor) return null;
  const due = readDue(tables, { actorId, at, limit: TURN_MAIL_MAX + 1 });
  if (due.length === 0) return null;
  const mail = due.slice(0, TURN_MAIL_MAX);
  const plans: TurnInput["plans"] = new Map();
  for (const rev of [revOf(actor.state), ...mail.map((item) => revOf(item.body))]) {
    const plan = rev === null ? undefined : tables.plans.get(actorId)?.get(rev);
    if (rev !== null && plan) plans.set(rev, plan);
  }
  const trace = tracedBy(mail) ?? actor.trace ?? null;
  const known = { actor: { ...actor, trace }, at, mail, plans };
  const steps = loadSteps(tables, { jobId: actorId, wanted: behaviour.wants(known) });
  const write = freeze(behaviour.decide({ ...known, steps }));
  return writeTurn(tables, { input: { ...known, steps }, write, more: due.length > mail.length });
}

function writeTurn(
  tables: Tables,
  { input, write, more }: { input: TurnInput; write: TurnWrite; more: boolean },
): TurnReport {
  const { actor, at, mail } = input;
  const priority = write.priority ?? actor.priority;
  const ready = saveSteps(tables, write.steps, {
    jobId: actor.id,
    userId: actor.userId,
    priority,
    rank: actor.rank,
    at,
  });
  if (priority !== actor.priority) prioritise(tables, actor.id, priority);
  for (const { state, promptId, startedAt } of write.steps) {
    const isKnown = state === "running" || state === "collecting";
    if (isKnown && promptId !== null && startedAt !== null) beginSlot(tables, promptId, startedAt);
  }
  for (const step of write.steps.filter(({ state }) => state === "done")) {
    const plan = tables.plans.get(actor.id)?.get(step.rev);
    const isPrompt = factsOf(plan, step.id).kind === "prompt";
    recordDone(tables, step, { jobId: actor.id, userId: actor.userId, isPrompt, at });
  }
  const freed = writeSlots(tables, { jobId: actor.id, slots: write.slots, at });
  for (const id of write.revoke) revoke(tables, id);
  const effects = writeEffects(tables, { input, write });
  let ver = actor.ver;
  for (const { kind, message, body } of write.events) {
    const seq = tables.events.length + 1;
    const fact = { seq, actorId: actor.id, ver: ++ver, userId: actor.userId, kind, message, at };
    tables.events.push(freeze({ ...fact, body: body ?? {} }));
  }
  const told = postMail(tables, write.mail, at, actor.trace);
  const { handled, dueAgain } = settleMail(tables, write.fates, { actorId: actor.id, at, mail });
  tables.actors.set(actor.id, freeze({ ...actor, state: write.state, ver, priority }));
  writeJob(tables, { jobId: actor.id, write });
  const held = hearOf(tables, write.servers ?? []);
  return {
    handled,
    more: more || handled < mail.length || dueAgain > 0 || told.has(actor.id),
    told: [...told],
    effects,
    schedule: ready > 0 || freed > 0,
    ...(held.length > 0 ? { held } : {}),
  };
}

function hearOf(tables: Tables, said: readonly ServerWord[]): NonNullable<TurnReport["held"]> {
  return said.flatMap((one) => {
    const row = tables.backends.get(one.backendId);
    if (!row) return [];
    const before = row.faring ?? UNTRIED;
    const faring = fareOn(before, one);
    if (faring !== before) tables.backends.set(row.id, freeze({ ...row, faring }));
    return faring.holds > before.holds ? [{ backendId: row.id, faring }] : [];
  });
}

function prioritise(tables: Tables, jobId: string, priority: number): void {
  for (const [key, step] of tables.ready) {
    if (step.jobId !== jobId) continue;
    const raised = { ...step, priority };
    tables.ready.set(key, raised);
    tables.steps.get(jobId)?.set(`${step.row.id} ${step.row.take}`, raised);
  }
}

function writeSlots(
  tables: Tables,
  { jobId, slots, at }: { jobId: string; slots: TurnWrite["slots"]; at: number },
): number {
  let freed = 0;
  for (const { promptId, op } of slots) {
    const slot = tables.slots.get(promptId);
    if (slot?.jobId !== jobId) continue;
    chargeSlot(tables, promptId, at);
    if (op === "stopping") tables.slots.set(promptId, freeze({ ...slot, state: "stopping" }));
    else if (tables.slots.delete(promptId)) freed++;
  }
  return freed;
}

function revoke(tables: Tables, id: string): void {
  const effect = tables.effects.get(id);
  if (effect?.status !== "open") return;
  tables.effects.set(id, freeze({ ...effect, status: "cancelled", owner: null }));
  tables.openEffects.delete(id);
}

function writeEffects(
  tables: Tables,
  { input: { actor, at }, write }: { input: TurnInput; write: TurnWrite },
): number {
  let made = 0;
  for (const { id, kind, lane, req, delayMs } of write.effects) {
    if (tables.effects.has(id)) continue;
    tables.effects.set(
      id,
      freeze({
        id,
        actorId: actor.id,
        userId: actor.userId,
        kind,
        lane,
        req,
        status: "open",
        owner: null,
        token: 0,
        tries: 0,
        note: null,
        leaseUntil: 0,
        nextAt: at + Math.max(0, Math.ceil(delayMs ?? 0)),
        result: null,
        trace: actor.trace ?? null,
      }),
    );
    tables.openEffects.add(id);
    made++;
  }
  return made;
}

function writeJob(tables: Tables, { jobId, write }: { jobId: string; write: TurnWrite }): void {
  const job = tables.jobs.get(jobId);
  if (!job) return;
  if (write.shown) {
    const promptId = job.shown.promptId ?? write.shown.promptId;
    tables.jobs.set(jobId, freeze({ ...job, shown: { ...write.shown, promptId } }));
  }
  for (const { run, ord, type, file } of write.outputs) {
    const key = `${jobId} ${run} ${ord}`;
    if (!tables.jobOutputs.has(key)) tables.jobOutputs.set(key, freeze({ jobId, run, ord, type, file }));
  }
}
