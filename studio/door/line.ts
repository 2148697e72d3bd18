/** Everybody's queue for operators, over the database and the look ahead: who is where, and what is told to many. */
import type { Admin, LineJob, LineName } from "@/core/admin.ts";
import { type LineFilter, movedInLine } from "@/core/line.ts";
import { isStatus, type Status } from "@/core/status.ts";
import { reorderFront, reviseByOperator, selectFitting, tellChosen } from "@/db/operate_line.ts";
import { countHeld, countQueue, listHeld, readLine, standingOf } from "@/db/queries/mod.ts";
import type { AdminParts } from "./admin.ts";
import { type Ahead, keepFresh, queuedOf } from "./ahead.ts";

type Parts = Pick<AdminParts, "reader" | "writer" | "clock" | "ids" | "ahead" | "schedule" | "hint">;
type Line = Pick<Admin, "line" | "count" | "liveJob" | "tellMany" | "move" | "revise">;

export function openLine(parts: Parts): Line {
  const { reader, writer, ids, ahead, schedule, hint } = parts;
  return {
    ...openReads(parts),
    async tellMany(chosen, errand, by) {
      const { ids: heard, ...told } = await tellChosen(writer, { chosen, errand, cause: ids.uuid7() }, by);
      hint(heard);
      return told;
    },
    async move(chosen, to, by) {
      const { waiting } = orderOf(await ahead());
      const decide = (front: string[], moved: string[]) => movedInLine({ waiting, front }, moved, to);
      const told = await reorderFront(writer, { chosen, to, decide }, by);
      ahead.forget();
      schedule();
      return told;
    },
    async revise(jobId, revision, entry, by) {
      if (!await reviseByOperator(writer, { jobId, revision, entry }, by)) return false;
      hint([jobId]);
      return true;
    },
    async liveJob(id) {
      const [row] = await readLine(reader, [id]);
      if (!row) return null;
      const { owner_id: ownerId, email, paused, cancelling, priority } = row;
      const status = statusOf(row.status);
      return {
        id,
        ownerId,
        owner: email ?? "",
        status,
        paused: paused === 1,
        cancelling: cancelling === 1,
        priority,
      };
    },
  };
}

function openReads({ reader, clock, ahead }: Parts): Pick<Line, "line" | "count"> {
  const counts = keepFresh(clock, () => countQueue(reader));
  const held = keepFresh(clock, () => countHeld(reader));
  const fitting = async (filter: LineFilter) =>
    (await selectFitting(reader, filter).select("jobs.id").orderBy("jobs.created_at").orderBy("jobs.id")
      .execute()).map(({ id }) => id);
  return {
    async line(filter, { offset, limit }) {
      const { name, owner, mode, search } = filter;
      const seen = await ahead();
      const isAll = owner === null && mode === null && search === null;
      if (isAll && name === "held") {
        const rows = await listHeld(reader, { offset, limit });
        return { items: rows.map((row) => lineJobOf(row, seen)), total: await held() };
      }
      const known = name === "held" ? [] : orderOf(seen)[name];
      const total = name === "waiting" ? Math.max(known.length, (await counts()).waiting) : known.length;
      // The look ahead reads no further than the scheduler does: those behind it stand as they came.
      const isKnown = isAll &&
        (name !== "waiting" || offset + limit <= known.length || total === known.length);
      const ids = isKnown ? known : ordered(await fitting(filter), known);
      const rows = await readLine(reader, ids.slice(offset, offset + limit));
      const order = new Map(ids.map((id, at) => [id, at]));
      const items = rows.map((row) => lineJobOf(row, seen))
        .sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
      return { items, total: isKnown ? total : ids.length };
    },
    async count(filter) {
      const row = await selectFitting(reader, filter).select((eb) => eb.fn.countAll<number>().as("n"))
        .executeTakeFirstOrThrow();
      return Number(row.n);
    },
  };
}

/** In the order of the look ahead, as far as it reaches. */
function ordered(ids: readonly string[], known: readonly string[]): string[] {
  const place = new Map(known.map((id, at) => [id, at]));
  const at = (id: string) => place.get(id) ?? known.length;
  return ids.toSorted((a, b) => at(a) - at(b));
}

function statusOf(text: string): Status {
  if (!isStatus(text)) throw new Error(`Cannot read a job: it has the status ${text}`);
  return text;
}

type Steps = Ahead["floor"]["steps"];

interface Order {
  running: string[];
  waiting: string[];
  steps: Map<string, Steps>;
}

const lines = new WeakMap<Ahead, Order>();

/** A look ahead put in order once, for everybody who asks while it is fresh: ten thousand jobs may wait. */
function orderOf(seen: Ahead): Order {
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
  // Where no server is up there are no places: as the scheduler would look at them.
  const turns = new Map(floor.ready.map(({ jobId }, turn) => [jobId, turn] as const).reverse());
  const turn = (id: string) => turns.get(id) ?? Infinity;
  return ids.sort((a, b) => compare(at(a), at(b)) || compare(turn(a), turn(b)) || (a < b ? -1 : 1));
}

function lineJobOf(row: Awaited<ReturnType<typeof readLine>>[number], ahead: Ahead): LineJob {
  const { id, owner_id: ownerId, priority, rank } = row;
  const { place, backendId, start, end } = queuedOf({ id, ownerId, priority, rank }, {
    ...standingOf(orderOf(ahead).steps.get(id) ?? []),
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
    front: row.front !== null,
    byOperator: row.paused === 1 && row.by_operator === 1,
    place,
    backendId,
    start,
    end,
    createdAt: row.created_at,
  };
}

/** Infinity less Infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
