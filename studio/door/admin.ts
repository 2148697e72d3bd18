/** What operators see and change, over the database and the render servers' own word. */
import type { Kysely } from "kysely";
import type { Admin, BackendNote, LineJob, LineName } from "@/core/admin.ts";
import { UNTRIED } from "@/core/faring.ts";
import type { Clock, Comfy } from "@/core/ports.ts";
import { isStatus, type Status } from "@/core/status.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Template } from "@/core/template.ts";
import {
  type BackendItem,
  countHeld,
  countQueue,
  listBackends,
  listDeadletters,
  listHeld,
  readLine,
  readQueue,
  standingOf,
} from "@/db/queries/mod.ts";
import { isLive } from "@/db/queries/conditions.ts";
import type { Schema } from "@/db/schema.ts";
import { postByOperator, setBackend, settleLetter, trustBackend } from "@/db/operate.ts";
import { openQueueFile, type QueueFileParts } from "./queue_file.ts";
import { openInsight } from "./insight.ts";
import { type Ahead, type Fresh, keepFresh, queuedOf } from "./ahead.ts";
import type { ShelfDoor } from "./shelf.ts";

export interface AdminParts extends QueueFileParts {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
  store: Store;
  templates: Template[];
  clock: Clock;
  ahead: Fresh<Ahead>;
  shelf: Pick<ShelfDoor, "lacks">;
  /** The last characters of a sealed header that may be shown. */
  hintOf(sealed: string): string;
  comfyFor(backend: BackendRow): Comfy;
  /** Backends changed: the scheduler should look. */
  schedule(): void;
}

/** A server that does not answer in time is shown without its own queue. */
const QUEUE_LIMIT_MS = 2000;

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
): Pick<Admin, "queue" | "backends" | "lacks" | "setBackend" | "trustBackend"> {
  return {
    async queue() {
      const backends = await listBackends(reader);
      const { pending } = await readQueue(reader);
      const entries = await Promise.all(backends.map(async (backend) => {
        const said = backend.status === "down" ? null : await askQueue(comfyFor(backend));
        const { id, url, engine, status } = backend;
        const slots = backend.held.map(({ n, jobId, stepId, promptId, state, since }) => ({
          n,
          jobId,
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
    backends: async () => (await listBackends(reader)).map((row) => noteOf(row, { templates, hintOf })),
    async lacks(id, signal) {
      const row = (await store.backends()).find((backend) => backend.id === id);
      if (!row) return null;
      return await shelf.lacks(row, signal);
    },
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

function openLine({ reader, clock, ahead }: AdminParts): Pick<Admin, "line" | "liveJob" | "liveIds"> {
  const counts = keepFresh(clock, () => countQueue(reader));
  const held = keepFresh(clock, () => countHeld(reader));
  return {
    async line(name, { offset, limit }) {
      const seen = await ahead();
      if (name === "held") {
        const rows = await listHeld(reader, { offset, limit });
        return { items: rows.map((row) => lineJobOf(row, seen)), total: await held() };
      }
      const ids = lineOf(seen)[name];
      const rows = await readLine(reader, ids.slice(offset, offset + limit));
      const order = new Map(ids.map((id, at) => [id, at]));
      const items = rows.map((row) => lineJobOf(row, seen))
        .sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
      // The look ahead reads no further than the scheduler does.
      const total = name === "waiting" ? Math.max(ids.length, (await counts()).waiting) : ids.length;
      return { items, total };
    },
    async liveIds() {
      const rows = await reader.selectFrom("jobs").where(isLive("status")).where("deleted_at", "is", null)
        .select("id").orderBy("id").execute();
      return rows.map(({ id }) => id);
    },
    async liveJob(id) {
      const [row] = await readLine(reader, [id]);
      if (!row) return null;
      const { paused, cancelling, priority } = row;
      const status = statusOf(row.status);
      return { id, status, paused: paused === 1, cancelling: cancelling === 1, priority };
    },
  };
}

function statusOf(text: string): Status {
  if (!isStatus(text)) throw new Error(`Cannot read a job: it has the status ${text}`);
  return text;
}

type Steps = Ahead["floor"]["steps"];

interface Line {
  running: string[];
  waiting: string[];
  steps: Map<string, Steps>;
}

const lines = new WeakMap<Ahead, Line>();

/** A look ahead put in order once, for everybody who asks while it is fresh: ten thousand jobs may wait. */
function lineOf(seen: Ahead): Line {
  const known = lines.get(seen);
  if (known) return known;
  const steps = Map.groupBy(seen.floor.steps, ({ jobId }) => jobId);
  const line = { running: idsOf("running", seen), waiting: idsOf("waiting", seen), steps };
  lines.set(seen, line);
  return line;
}

/** In the order in which they end or are served. */
function idsOf(name: Exclude<LineName, "held">, { floor, likely }: Ahead): string[] {
  const { runs, waits } = standingOf(floor.steps);
  const at = (id: string) => {
    const outlook = likely.get(id);
    return (name === "running" ? outlook?.endS : outlook?.place) ?? Infinity;
  };
  const ids = name === "running" ? [...runs] : [...waits].filter((id) => !runs.has(id));
  return ids.sort((a, b) => at(a) - at(b) || (a < b ? -1 : 1));
}

function lineJobOf(row: Awaited<ReturnType<typeof readLine>>[number], ahead: Ahead): LineJob {
  const { id, owner_id: ownerId, priority, rank } = row;
  const { place, backendId, start, end } = queuedOf({ id, ownerId, priority, rank }, {
    ...standingOf(lineOf(ahead).steps.get(id) ?? []),
    ahead,
  });
  return {
    id,
    title: row.title,
    owner: row.email ?? "",
    mode: row.mode,
    engine: row.engine === "draft" ? "draft" : "comfy",
    status: statusOf(row.status),
    stage: row.stage,
    paused: row.paused === 1,
    cancelling: row.cancelling === 1,
    share: row.share,
    priority,
    place,
    backendId,
    start,
    end,
    createdAt: row.created_at,
  };
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
