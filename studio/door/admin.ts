/** What operators see and change, over the database and the render servers' own word. */
import type { Kysely } from "kysely";
import type { Comfy } from "@/core/ports.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Admin } from "@/core/studio.ts";
import { listBackends, listDeadletters, readQueue } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

export interface AdminParts {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
  store: Store;
  comfyFor(backend: BackendRow): Comfy;
  /** Backends changed: the scheduler should look. */
  schedule(): void;
}

/** A server that does not answer in time is shown without its own queue. */
const QUEUE_LIMIT_MS = 2000;

export function openAdmin({ writer, reader, store, comfyFor, schedule }: AdminParts): Admin {
  return {
    async queue() {
      const backends = await listBackends(reader);
      const { pending } = await readQueue(reader);
      const entries = await Promise.all(backends.map(async (backend) => {
        const said = backend.status === "down" ? null : await askQueue(comfyFor(backend));
        const slots = backend.held.map(({ n, jobId, stepId, promptId, state, since }) => ({
          n,
          jobId,
          stepId,
          promptId,
          state,
          since,
        }));
        const { id, url, engine, status } = backend;
        return {
          backendId: id,
          url,
          engine,
          status,
          slots,
          running: said?.running ?? null,
          pending: said?.pending ?? null,
        };
      }));
      return { waiting: pending.reduce((sum, lane) => sum + lane.steps, 0), backends: entries };
    },
    async backends() {
      return (await listBackends(reader)).map((row) => ({
        id: row.id,
        url: row.url,
        engine: row.engine,
        slots: row.slots,
        status: row.status,
        version: row.version,
        loadedFamily: row.loadedFamily,
        vram: row.vram,
        lastSeenAt: row.lastSeenAt,
        problem: row.problem,
      }));
    },
    async setBackend(id, status) {
      if (!await store.changeBackend(id, () => ({ status }))) return false;
      schedule();
      return true;
    },
    async actors(limit) {
      const rows = await reader.selectFrom("actor").innerJoin("jobs", "jobs.id", "actor.id")
        .select((eb) => [
          "actor.id",
          "actor.kind",
          "actor.user_id",
          "actor.ver",
          "actor.updated_at",
          "jobs.status",
          "jobs.stage",
          eb.selectFrom("mail").whereRef("mail.actor_id", "=", "actor.id").where("mail.done_at", "is", null)
            .select(eb.fn.countAll<number>().as("n")).as("mail"),
          eb.selectFrom("effect").whereRef("effect.actor_id", "=", "actor.id").where(
            "effect.status",
            "=",
            "open",
          )
            .select(eb.fn.countAll<number>().as("n")).as("effects"),
        ]).orderBy("actor.updated_at", "desc").limit(limit).execute();
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        userId: row.user_id,
        status: row.status,
        stage: row.stage,
        ver: row.ver,
        openMail: Number(row.mail),
        openEffects: Number(row.effects),
        updatedAt: row.updated_at,
      }));
    },
    async deadLetters(limit) {
      const { items } = await listDeadletters(reader, { limit });
      return items.map(({ id, actorId, kind, error, attempts, at }) => ({
        id,
        actorId,
        kind,
        error,
        attempts,
        at,
      }));
    },
    async settle(id, how) {
      const { items } = await listDeadletters(reader, { limit: 200 });
      const letter = items.find((item) => item.id === id);
      if (!letter) return false;
      if (how === "retry") {
        await store.post([{
          id: `${id}:again:${letter.at}`,
          to: letter.actorId,
          kind: letter.kind,
          body: letter.body,
        }]);
      }
      await writer.deleteFrom("deadletter").where("msg_id", "=", id).execute();
      return true;
    },
  };
}

async function askQueue(comfy: Comfy): Promise<{ running: string[]; pending: string[] } | null> {
  try {
    return await comfy.queue(AbortSignal.timeout(QUEUE_LIMIT_MS));
  } catch {
    return null;
  }
}
