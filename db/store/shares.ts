/** Who had how much of the servers, and what it took: told by each prompt's end, and kept so that a restart forgets nothing. */
import { decayed } from "@/core/fair.ts";
import { gpuMoney } from "@/core/ledger.ts";
import { DAY_MS } from "@/core/quota.ts";
import type { Shares, UsualLimits } from "@/core/schedule_memory.ts";
import type { StepRow } from "@/core/store.ts";
import { type Connection, first, NOW, rows, run, statement } from "../statements.ts";

const SELECT_SLOT = statement<{
  user_id: string;
  job_id: string;
  step_id: string;
  backend_id: string;
  began_at: number | null;
  engine: string | null;
  cost_hour: number | null;
}>(
  "select slot.user_id, job_id, step_id, backend_id, began_at, backend.engine, backend.cost_hour from slot " +
    "left join backend on backend.id = slot.backend_id where prompt_id = ?",
);
const SELECT_SERVED = statement<{ served: number | null; served_at: number | null }>(
  "select served, served_at from quota where user_id = ?",
);
const SAVE_SERVED = statement(
  "insert into quota (user_id, served, served_at) values (?, ?, ?) " +
    "on conflict (user_id) do update set served = excluded.served, served_at = excluded.served_at",
);
const BEGIN_SLOT = statement("update slot set began_at = ? where prompt_id = ? and state = 'held'");
const ENTER = statement(
  "insert into ledger (id, user_id, job_id, step_id, kind, place, state, seconds, bytes, estimate, money, at) " +
    "values (?, ?, ?, ?, ?, ?, 'spent', ?, ?, 0, ?, ?) on conflict (id) do nothing",
);
const WEIGH = statement("update ledger set bytes = ? where id = ?");
const SELECT_SHARES = statement<{
  user_id: string;
  max_running: number | null;
  weight: number | null;
  served: number | null;
  served_at: number | null;
  gpu_minutes: number | null;
  at: number;
}>(`select user_id, max_running, weight, served, served_at, gpu_minutes, ${NOW} as at from quota`);
const SUM_DAY = statement<{ user_id: string; seconds: number }>(
  "select user_id, sum(seconds) as seconds from ledger " +
    `where kind = 'gpu' and at > ${NOW} - ${DAY_MS} group by user_id`,
);

/** A prompt was seen to run since then. */
export async function beginSlot(on: Connection, promptId: string, at: number): Promise<void> {
  await run(on, BEGIN_SLOT([at, promptId]));
}

/** What a prompt took of its server counts for its owner, up to now, and stands in the ledger. */
export async function chargeSlot(
  on: Connection,
  promptId: string,
  { at, costHour }: { at: number; costHour: number },
): Promise<void> {
  const slot = await first(on, SELECT_SLOT([promptId]));
  if (!slot || slot.began_at === null) return;
  const { user_id, job_id, step_id, backend_id } = slot;
  const seconds = Math.max(0, at - slot.began_at) / 1000;
  const before = await first(on, SELECT_SERVED([user_id]));
  const left = decayed(before?.served ?? 0, at - (before?.served_at ?? at));
  await run(on, SAVE_SERVED([user_id, left + seconds, at]));
  const money = slot.engine === "draft" ? 0 : gpuMoney(seconds, slot.cost_hour ?? costHour);
  await run(on, ENTER([promptId, user_id, job_id, step_id, "gpu", backend_id, seconds, 0, money, at]));
}

/** What a step made stands with what it took; work in the studio has an entry of its own. */
export async function recordDone(
  on: Connection,
  step: StepRow,
  of: { jobId: string; userId: string; isPrompt: boolean; at: number },
): Promise<void> {
  const bytes = step.outputs.reduce((sum, file) => sum + file.bytes, 0);
  if (of.isPrompt) {
    if (step.promptId !== null) await run(on, WEIGH([bytes, step.promptId]));
    return;
  }
  const seconds = Math.max(0, of.at - (step.startedAt ?? of.at)) / 1000;
  const id = `${of.jobId}:${step.id}:${step.take}:${step.attempt}`;
  await run(on, ENTER([id, of.userId, of.jobId, step.id, "local", "", seconds, bytes, 0, of.at]));
}

export async function readShares(on: Connection, usual: UsualLimits): Promise<Shares> {
  const found = await rows(on, SELECT_SHARES());
  const limited = usual.gpuMinutes !== null || found.some((row) => row.gpu_minutes !== null);
  const today = new Map(
    limited ? (await rows(on, SUM_DAY())).map((row) => [row.user_id, row.seconds]) : [],
  );
  const known = new Map(found.map((row) => [row.user_id, row]));
  const people = new Map([...new Set([...known.keys(), ...today.keys()])].map((userId) => {
    const row = known.get(userId);
    const minutes = row?.gpu_minutes ?? usual.gpuMinutes;
    return [userId, {
      served: decayed(row?.served ?? 0, (row?.at ?? 0) - (row?.served_at ?? row?.at ?? 0)),
      weight: row?.weight ?? 1,
      runningMax: row?.max_running ?? usual.running,
      isSpent: minutes !== null && (today.get(userId) ?? 0) >= minutes * 60,
    }];
  }));
  return { people, runningMax: usual.running };
}
