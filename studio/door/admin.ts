/** What operators see and change, over the database and the render servers' own word. */
import type { Kysely } from "kysely";
import type { Admin, BackendNote } from "@/core/admin.ts";
import { UNTRIED } from "@/core/faring.ts";
import type { Clock, Comfy, Ids } from "@/core/ports.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Template } from "@/core/template.ts";
import { type BackendItem, listBackends, listDeadletters, readQueue } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";
import { postByOperator, setBackend, settleLetter, trustBackend } from "@/db/operate.ts";
import { openLine } from "./line.ts";
import { openQueueFile, type QueueFileParts } from "./queue_file.ts";
import { openInsight } from "./insight.ts";
import type { Ahead, Fresh } from "./ahead.ts";
import type { ShelfDoor } from "./shelf.ts";

export interface AdminParts extends QueueFileParts {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
  store: Store;
  templates: Template[];
  clock: Clock;
  ahead: Fresh<Ahead>;
  shelf: Pick<ShelfDoor, "lacks" | "knownLacks">;
  /** The last characters of a sealed header that may be shown. */
  hintOf(sealed: string): string;
  comfyFor(backend: BackendRow): Comfy;
  ids: Ids;
  /** Backends or places in line changed: the scheduler should look. */
  schedule(): void;
}

/** A server that does not answer in time is shown without its own queue. */
const QUEUE_LIMIT_MS = 1000;

export function openAdmin(parts: AdminParts): Admin {
  return {
    ...openServers(parts),
    ...openLine(parts),
    ...openLetters(parts),
    ...openInsight(parts),
    ...openQueueFile(parts),
  };
}

function openServers(
  { reader, writer, store, templates, hintOf, shelf, comfyFor, schedule }: AdminParts,
): Pick<Admin, "queue" | "backends" | "lacks" | "knownLacks" | "setBackend" | "trustBackend"> {
  return {
    async queue() {
      const backends = await listBackends(reader);
      const { pending, running } = await readQueue(reader);
      const titles = new Map(running.map(({ jobId, title }) => [jobId, title]));
      const entries = await Promise.all(backends.map(async (backend) => {
        const said = backend.status === "down" ? null : await askQueue(comfyFor(backend));
        const { id, url, engine, status } = backend;
        const slots = backend.held.map(({ n, jobId, stepId, promptId, state, since }) => ({
          n,
          jobId,
          title: titles.get(jobId) ?? "",
          stepId,
          promptId,
          state,
          since,
        }));
        const asked = { running: said?.running ?? null, pending: said?.pending ?? null };
        return { backendId: id, url, engine, status, slots, ...asked };
      }));
      return { waiting: pending.reduce((sum, lane) => sum + lane.steps, 0), backends: entries };
    },
    backends: async () =>
      (await listBackends(reader)).toSorted(byAddress).map((row) => noteOf(row, { templates, hintOf })),
    async lacks(id, signal) {
      const row = (await store.backends()).find((backend) => backend.id === id);
      if (!row) return null;
      return await shelf.lacks(row, signal);
    },
    knownLacks: () => shelf.knownLacks(),
    async trustBackend(id, by) {
      if (!await trustBackend(writer, id, by)) return false;
      schedule();
      return true;
    },
    async setBackend(id, status, by) {
      if (!await setBackend(writer, { id, status }, by)) return false;
      schedule();
      return true;
    },
  };
}

function byAddress(a: BackendItem, b: BackendItem): number {
  return a.url < b.url ? -1 : a.url > b.url ? 1 : 0;
}

function noteOf(
  row: BackendItem,
  { templates, hintOf }: Pick<AdminParts, "templates" | "hintOf">,
): BackendNote {
  const { id, url, engine, slots, status, version, loadedFamily, vram, lastSeenAt, problem } = row;
  const { name = null, origin = "config", tags = [], gpu = null, auth = null, rev = 1 } = row;
  const { device = null, vramFree = null, ramFree = null, short = false } = row;
  const loadedFor = loadedFamily === null ? [] : titlesOf(loadedFamily, templates);
  const standing = { slots, held: row.held.length, status, version, loadedFamily, loadedFor, vram };
  const own = { name, origin, tags, gpu, device, vramFree, ramFree, short, rev };
  return {
    ...{ id, url, engine, ...standing, lastSeenAt, problem, ...own, ...faringOf(row) },
    slotsGiven: row.slotsGiven ?? null,
    vramGiven: row.vramGiven ?? null,
    costHour: row.costHour ?? null,
    header: auth === null ? null : hintOf(auth),
  };
}

function faringOf({ faring }: BackendItem): Pick<BackendNote, "failures" | "lastFailure" | "hold"> {
  const { failed, last, row, heldUntil } = faring ?? UNTRIED;
  const hold = heldUntil === null ? null : { films: row.length, until: heldUntil };
  return { failures: failed, lastFailure: last, hold };
}

/** The templates that load every one of these model files. */
function titlesOf(family: string, templates: Template[]): string[] {
  const files = family.split(" + ");
  const fitting = templates.filter(({ manifest }) => {
    const own = new Set(manifest.requires.models.map((model) => model.file));
    return files.every((file) => own.has(file));
  });
  return [...new Set(fitting.map(({ manifest }) => manifest.title))];
}

function openLetters(
  { reader, writer, hint }: AdminParts,
): Pick<Admin, "actors" | "deadLetters" | "settle" | "tell"> {
  return {
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
          eb.selectFrom("effect").whereRef("effect.actor_id", "=", "actor.id")
            .where("effect.status", "=", "open").select(eb.fn.countAll<number>().as("n")).as("effects"),
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
      return items.map(({ body: _, ...letter }) => letter);
    },
    async settle(id, how, by) {
      const to = await settleLetter(writer, { id, how }, by);
      if (to !== null) hint([to]);
      return to !== null;
    },
    async tell(mail, entry, by) {
      await postByOperator(writer, mail, { entry, by });
      hint([mail.to]);
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
