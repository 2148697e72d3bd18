/** One turn of one actor: up to 32 mails folded through a pure `receive` into one write. */
import type { Plan } from "@/core/plan.ts";
import type { Hash, Log } from "@/core/ports.ts";
import { type Problem, problem } from "@/core/problem.ts";
import { fraction } from "@/core/retry.ts";
import type { Behaviour, MailFate, StepRow, StoredMail, TurnInput, TurnWrite } from "@/core/store.ts";
import { FailureWindow } from "./failures.ts";
import type { ActorKind, Outcome, View, Walker } from "./kind.ts";
import { WriteDraft } from "./write_draft.ts";

export const MAIL_PER_TURN_MAX = 32;
/** Failures of one message after which it is set aside. */
export const TRIES_MAX = 6;
const DELAY_MAX_MS = 60_000;
const INTENSITY_PASSED = "The actor failed too often in a short time";

export interface TurnTools {
  hash: Hash;
  log: Log;
  failures: FailureWindow;
}

/** An actor kind with its types folded away, so that kinds of different states fit in one registry. */
export interface EnrolledKind {
  kind: string;
  behaviour(tools: TurnTools): Behaviour;
}

export function enrol<S extends Walker, M>(kind: ActorKind<S, M>): EnrolledKind {
  return {
    kind: kind.kind,
    behaviour: (tools) => ({
      wants: (input) => chooseSteps(kind, input),
      decide: (input) => decide(kind, input, tools),
    }),
  };
}

/** The behaviour of every enrolled kind, chosen by the actor's row. Mail to an unknown kind waits for a build that knows it. */
export function behaviourOf(kinds: EnrolledKind[], tools: TurnTools): Behaviour {
  const known = new Map(kinds.map((kind) => [kind.kind, kind.behaviour(tools)]));
  return {
    wants: (input) => known.get(input.actor.kind)?.wants(input) ?? [],
    decide: (input) =>
      known.get(input.actor.kind)?.decide(input) ??
        refuseAll(input, `No actor kind is called "${input.actor.kind}"`, tools),
  };
}

/** What cannot be read here is judged in `decide`, which is why faults only widen the choice. */
function chooseSteps<S extends Walker, M>(
  kind: ActorKind<S, M>,
  input: Omit<TurnInput, "steps">,
): "all" | string[] {
  try {
    const state = kind.parseState(input.actor.state);
    const messages = input.mail.flatMap((mail) => {
      const parsed = parseMail(kind, mail);
      return parsed.ok ? [parsed.message] : [];
    });
    return kind.wants({ state, plan: planOf(input.plans, state.rev), messages });
  } catch {
    return "all";
  }
}

function decide<S extends Walker, M>(kind: ActorKind<S, M>, input: TurnInput, tools: TurnTools): TurnWrite {
  const opened = openView(kind, input);
  if (typeof opened === "string") return refuseAll(input, opened, tools);
  const fold = { kind, input, tools, view: opened, draft: new WriteDraft() };
  const fates = input.mail.slice(0, MAIL_PER_TURN_MAX).map((mail) => foldMail(fold, mail));
  return { ...fold.draft.write(), state: fold.view.state, fates, shown: show(fold) };
}

interface Fold<S extends Walker, M> {
  kind: ActorKind<S, M>;
  input: TurnInput;
  tools: TurnTools;
  view: View<S>;
  draft: WriteDraft;
}

function openView<S extends Walker, M>(kind: ActorKind<S, M>, input: TurnInput): View<S> | string {
  try {
    const state = kind.parseState(input.actor.state);
    const { id, userId, priority } = input.actor;
    return {
      actor: { id, userId, priority },
      state,
      plan: planOf(input.plans, state.rev),
      plans: input.plans,
      steps: groupSteps(input.steps),
    };
  } catch (thrown) {
    return textOf(thrown);
  }
}

function foldMail<S extends Walker, M>(fold: Fold<S, M>, mail: StoredMail): MailFate {
  const { kind, input, tools } = fold;
  const parsed = parseMail(kind, mail);
  if (!parsed.ok) {
    tools.log.error("message cannot be read", { actor: input.actor.id, mail: mail.id, error: parsed.error });
    return { seq: mail.seq, fate: "dead", error: parsed.error };
  }
  try {
    accept(fold, kind.receive(fold.view, parsed.message, { at: input.at, hash: tools.hash }));
    return { seq: mail.seq, fate: "done" };
  } catch (thrown) {
    return judge(fold, mail, textOf(thrown));
  }
}

/** What becomes of a message that made `receive` throw: later, or dead with the actor brought to an end. */
function judge<S extends Walker, M>(fold: Fold<S, M>, mail: StoredMail, error: string): MailFate {
  const { input, tools } = fold;
  const tries = mail.attempts + 1;
  tools.log.warn("message failed", { actor: input.actor.id, mail: mail.id, tries, error });
  const passed = tools.failures.add(input.actor.id, `${mail.seq}:${tries}`, input.at);
  if (tries < TRIES_MAX && !passed) {
    return { seq: mail.seq, fate: "later", delayMs: retryDelayMs(mail, input.actor.id, tools.hash), error };
  }
  const operator = tries >= TRIES_MAX ? error : `${INTENSITY_PASSED}; the last error was: ${error}`;
  crash(fold, problem("studio.bug", { operator }));
  return { seq: mail.seq, fate: "dead", error: operator };
}

function crash<S extends Walker, M>(fold: Fold<S, M>, found: Problem): void {
  const { kind, input, tools } = fold;
  try {
    accept(fold, kind.crashed(fold.view, found, { at: input.at, hash: tools.hash }));
  } catch (thrown) {
    // The dead letter still says what happened; the actor stays as it was.
    tools.log.error("actor cannot be ended", { actor: input.actor.id, error: textOf(thrown) });
  }
}

/** Makes the next view before anything is kept, so that an outcome whose plan is missing changes nothing. */
function accept<S extends Walker, M>(fold: Fold<S, M>, outcome: Outcome<S>): void {
  const { view } = fold;
  const plan = planOf(view.plans, outcome.state.rev);
  const priority = outcome.priority ?? view.actor.priority;
  fold.view = {
    ...view,
    actor: { ...view.actor, priority },
    state: outcome.state,
    plan,
    steps: mergeSteps(view.steps, outcome.steps),
  };
  fold.draft.add(outcome);
}

function show<S extends Walker, M>(fold: Fold<S, M>): TurnWrite["shown"] {
  try {
    return fold.kind.shown(fold.view);
  } catch (thrown) {
    fold.tools.log.error("actor cannot be shown", { actor: fold.input.actor.id, error: textOf(thrown) });
    return null;
  }
}

/** State or plan cannot be read: nothing changes, and every mail waits for a build that can read it. */
function refuseAll(input: TurnInput, error: string, tools: TurnTools): TurnWrite {
  tools.log.error("actor cannot be read", { actor: input.actor.id, kind: input.actor.kind, error });
  const fates = input.mail.slice(0, MAIL_PER_TURN_MAX).map((mail): MailFate =>
    mail.attempts + 1 >= TRIES_MAX ? { seq: mail.seq, fate: "dead", error } : {
      seq: mail.seq,
      fate: "later",
      delayMs: retryDelayMs(mail, input.actor.id, tools.hash),
      error,
    }
  );
  return { ...new WriteDraft().write(), state: input.actor.state, fates, shown: null };
}

/** 1, 2, 4 … 60 s ± 20 %; the jitter comes from the message, so that a replay waits equally long. */
export function retryDelayMs(mail: { seq: number; attempts: number }, actorId: string, hash: Hash): number {
  const plainMs = Math.min(DELAY_MAX_MS, 1000 * 2 ** mail.attempts);
  return Math.round(plainMs * (0.8 + 0.4 * fraction(`${actorId}:${mail.seq}:${mail.attempts}`, hash)));
}

type Parsed<M> = { ok: true; message: M } | { ok: false; error: string };

function parseMail<S extends Walker, M>(kind: ActorKind<S, M>, mail: StoredMail): Parsed<M> {
  try {
    return { ok: true, message: kind.parseMessage(mail.body) };
  } catch (thrown) {
    return { ok: false, error: textOf(thrown) };
  }
}

function planOf(plans: ReadonlyMap<number, Plan>, rev: number): Plan {
  const plan = plans.get(rev);
  if (!plan) throw new Error(`Plan revision ${rev} is not there`);
  return plan;
}

function groupSteps(rows: readonly StepRow[]): Map<string, StepRow[]> {
  const groups = new Map<string, StepRow[]>();
  for (const row of rows) {
    const takes = groups.get(row.id);
    if (takes) takes.push(row);
    else groups.set(row.id, [row]);
  }
  for (const takes of groups.values()) takes.sort((a, b) => a.take - b.take);
  return groups;
}

function mergeSteps(
  loaded: ReadonlyMap<string, readonly StepRow[]>,
  changed: readonly StepRow[],
): ReadonlyMap<string, readonly StepRow[]> {
  if (changed.length === 0) return loaded;
  const merged = new Map(loaded);
  for (const row of changed) {
    const others = (merged.get(row.id) ?? []).filter((take) => take.take !== row.take);
    merged.set(row.id, [...others, row].sort((a, b) => a.take - b.take));
  }
  return merged;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}
