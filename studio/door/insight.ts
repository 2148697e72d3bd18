/** One actor as operators look into it, and effects with their leases. */
import type { Kysely } from "kysely";
import type { ActorInsight, Admin, EffectNote } from "@/core/admin.ts";
import { sentenceOf } from "@/core/history.ts";
import type { Problem } from "@/core/problem.ts";
import { decode, decodeOrNull } from "@/db/codec.ts";
import { type EffectItem, listEffects, readActor, readJob } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

const HISTORY_MAX = 500;

export function openInsight({ reader }: { reader: Kysely<Schema> }): Pick<Admin, "actor" | "effects"> {
  return {
    effects: async () => (await listEffects(reader, { limit: 200 })).map(noteOf),
    async actor(id) {
      const found = await readActor(reader, id);
      if (!found) return null;
      const { openMail: mail, openEffects, state, kind, userId, ver, priority } = found;
      return {
        id,
        kind,
        userId,
        ver,
        priority,
        state: withoutWords(state),
        ...await filmOf(reader, id),
        steps: await stepsOf(reader, id),
        mail,
        effects: openEffects.map(noteOf),
        history: await historyOf(reader, id),
      };
    },
  };
}

async function filmOf(
  reader: Kysely<Schema>,
  id: string,
): Promise<Pick<ActorInsight, "title" | "owner" | "problem">> {
  const row = await reader.selectFrom("jobs").leftJoin("users", "users.id", "jobs.owner_id")
    .where("jobs.id", "=", id).select(["jobs.title", "jobs.problem", "users.email"]).executeTakeFirst();
  const found = decodeOrNull<Problem>(row?.problem ?? null);
  const problem = found && { code: found.code, cause: found.operator ?? found.message };
  return { title: row?.title ?? "", owner: row?.email ?? "", problem };
}

async function stepsOf(reader: Kysely<Schema>, jobId: string): Promise<ActorInsight["steps"]> {
  const job = await readJob(reader, { ownerId: null, jobId });
  const needs = new Map(job?.plan?.steps.map((step) => [step.id, step.needs]) ?? []);
  return (job?.steps ?? []).map(({ id, title, kind, state, take, attempt, backendId, promptId }) => {
    const place = { backendId: backendId ?? null, promptId: promptId ?? null };
    return { id, title, kind, needs: [...needs.get(id) ?? []], state, take, attempt, ...place };
  });
}

/** The newest of it, in order. */
async function historyOf(reader: Kysely<Schema>, id: string): Promise<ActorInsight["history"]> {
  const rows = await reader.selectFrom("event").where("actor_id", "=", id)
    .select(["seq", "at", "kind", "message", "body"]).orderBy("seq", "desc").limit(HISTORY_MAX).execute();
  return rows.reverse().map(({ seq, at, kind, message, body }) => ({
    seq,
    at,
    kind,
    message: sentenceOf({ kind, message, body: decode(body) }),
  }));
}

/** What a film told of itself may hold words of its owner. */
function withoutWords(state: unknown): Record<string, unknown> {
  const { facts: _, ...rest } = Object(state) as Record<string, unknown>;
  return rest;
}

function noteOf(effect: EffectItem): EffectNote {
  const { id, actorId, kind, lane, status, tries, note, owner, leaseUntil, nextAt } = effect;
  return { id, actorId, kind, lane, status, tries, note, owner, leaseUntil: leaseUntil || null, nextAt };
}
