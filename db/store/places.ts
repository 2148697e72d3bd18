/** The order that people give their own jobs in the queue. */
import { type Bind, type Connection, rows, run, statement } from "../statements.ts";

const SELECT_PLACES = (count: number) =>
  statement<{ id: string; priority: number; rank: number }>(
    "select actor.id, actor.priority, actor.rank from actor join jobs on jobs.id = actor.id " +
      `where actor.id in (${Array.from({ length: count }, () => "?").join(", ")}) and jobs.owner_id = ? ` +
      "and jobs.status not in ('completed', 'failed', 'cancelled') and jobs.deleted_at is null " +
      "order by actor.priority desc, actor.rank, actor.id",
  );
const MOVE_JOB = statement("update actor set priority = ?, rank = ? where id = ?");
/** Steps that wait already; later ones take the place of their job when they begin to wait. */
const MOVE_STEPS = statement("update step set priority = ?, rank = ? where job_id = ? and state = 'ready'");

/** Jobs exchange the places that they hold among them, so nobody else's place changes. Call it inside a transaction. */
export async function arrangeJobs(
  on: Connection,
  { userId, jobIds }: { userId: string; jobIds: readonly string[] },
): Promise<boolean> {
  if (jobIds.length === 0) return true;
  const places = await rows(on, SELECT_PLACES(jobIds.length)([...jobIds, userId]));
  if (places.length !== jobIds.length) return false;
  const before = new Map(places.map((place) => [place.id, place]));
  for (const [at, id] of jobIds.entries()) {
    const [mine, wanted] = [before.get(id), places[at]];
    if (!mine || !wanted) return false;
    if (mine.priority === wanted.priority && mine.rank === wanted.rank) continue;
    const values: Bind[] = [wanted.priority, wanted.rank, id];
    await run(on, MOVE_JOB(values));
    await run(on, MOVE_STEPS(values));
  }
  return true;
}
