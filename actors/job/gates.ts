/** Gates: a step whose take is there, and which waits for a person before anything follows. It holds no slot. */
import type { StepRow } from "@/core/store.ts";
import { stages } from "@/core/words/stages.ts";
import { addWeight } from "./weight.ts";
import type { Work } from "./work.ts";

const WAITING = "waiting_for_person";

/** The take of a step that waits to be approved. */
export function waitingTake(work: Work, id: string): StepRow | undefined {
  const row = work.newest(id);
  return row?.state === WAITING ? row : undefined;
}

/** A take that is made again after its files were lost was approved already; an older one is not asked about. */
export function mustWait(work: Work, row: StepRow): boolean {
  const isNewest = work.newest(row.id)?.take === row.take;
  return isNewest && row.endedAt === null && work.step(row.id)?.gate === true;
}

export function waitForPerson(work: Work, row: StepRow): void {
  work.change(row, { state: WAITING });
  work.event("step.waits", { step: row.id, take: row.take, title: work.title(row.id) });
}

/** The person wants another take: this one stays with its files, and nothing is made from it. */
export function turnDown(work: Work, row: StepRow): void {
  addWeight(work, work.step(row.id), -1);
  work.change(row, { state: "done", chosen: false });
}

/** Says so where nothing else is under way and nothing goes on by itself. */
export function tellWait(work: Work): void {
  if (work.state.paused || work.active().length > 0) return;
  const rows = work.ids().map((id) => work.newest(id));
  if (rows.some((row) => row?.state === "pending" && row.problem !== null)) return;
  const waits = rows.find((row) => row?.state === WAITING);
  if (waits) work.state.stage = stages.waitsForYou(work.title(waits.id));
}
