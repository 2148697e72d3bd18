/** Effects: one runner at a time by lease, and a result only from the runner whose lease still holds. */
import type { Claim, Finish } from "@/core/store.ts";
import { decode, encode } from "../codec.ts";
import { type Connection, first, NOW, readClock, run, statement } from "../statements.ts";
import { postMail } from "./mail_rows.ts";

const SELECT_DUE = statement<{ id: string; next_at: number; owner: string | null }>(
  `select id, next_at, owner from effect where status = 'open' and lane = ? and next_at <= ${NOW} order by next_at limit 1`,
);
const CLAIM = statement<{
  id: string;
  actor_id: string;
  user_id: string;
  kind: string;
  lane: string;
  req: string;
  token: number;
  tries: number;
  note: string | null;
  trace: string | null;
}>(
  `update effect set owner = ?, token = token + 1, tries = tries + 1, lease_until = ${NOW} + ?, next_at = ${NOW} + ? ` +
    "where id = ? returning id, actor_id, user_id, kind, lane, req, token, tries, note, trace",
);

/** Holds as long as nobody else claimed, finished or revoked it and it was not given back. */
const MINE = "id = ? and token = ? and status = 'open' and owner is not null";
const BEAT = statement(`update effect set lease_until = ${NOW} + ?, next_at = ${NOW} + ? where ${MINE}`);
const NOTE = statement(`update effect set note = ? where ${MINE}`);
const PUT_OFF = statement(
  `update effect set owner = null, lease_until = 0, next_at = ${NOW} + ? where ${MINE}`,
);
const FINISH = statement<{ actor_id: string; done_at: number; trace: string | null }>(
  `update effect set status = ?, result = ?, owner = null, done_at = ${NOW} where ${MINE} returning actor_id, done_at, trace`,
);
const RELEASE = statement(
  `update effect set owner = null, lease_until = 0, next_at = ${NOW} where owner = ? and owner is not null and status = 'open'`,
);
const INSERT_OUTPUT = statement(
  "insert into output (effect_id, node, ord, actor_id, token, sha256, ext, bytes, role, created_at) " +
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (effect_id, node, ord) do nothing",
);
export const REMEMBER_FILE = statement(
  "insert into backend_file (backend_id, epoch, sha256, ref) values (?, ?, ?, ?) " +
    "on conflict (backend_id, epoch, sha256) do update set ref = excluded.ref",
);

/** The effect that has been due longest in any of these lanes. */
export async function claimEffect(
  on: Connection,
  { owner, lanes, leaseMs }: { owner: string; lanes: readonly string[]; leaseMs: number },
): Promise<Claim | null> {
  let oldest: { id: string; next_at: number; owner: string | null } | undefined;
  for (const lane of lanes) {
    const head = await first(on, SELECT_DUE([lane]));
    if (head && (!oldest || head.next_at < oldest.next_at)) oldest = head;
  }
  if (!oldest) return null;
  const row = await first(on, CLAIM([owner, leaseMs, leaseMs, oldest.id]));
  if (!row) return null;
  return {
    id: row.id,
    actorId: row.actor_id,
    userId: row.user_id,
    kind: row.kind,
    lane: row.lane,
    req: decode(row.req),
    token: row.token,
    tries: row.tries,
    note: row.note,
    ...(oldest.owner === null ? {} : { lapsed: oldest.owner }),
    trace: row.trace,
  };
}

export async function beatEffect(
  on: Connection,
  { id, token, leaseMs }: { id: string; token: number; leaseMs: number },
): Promise<boolean> {
  return await run(on, BEAT([leaseMs, leaseMs, id, token])) === 1;
}

const LOOK = statement<{ status: string; note: string | null; lease: number }>(
  `select status, note, max(0, lease_until - ${NOW}) as lease from effect where id = ?`,
);

export async function lookAtEffect(
  on: Connection,
  id: string,
): Promise<{ status: string; note: string | null; leaseMs: number } | null> {
  const row = await first(on, LOOK([id]));
  return row ? { status: row.status, note: row.note, leaseMs: row.lease } : null;
}

export async function noteEffect(
  on: Connection,
  { id, token, note }: { id: string; token: number; note: string },
): Promise<boolean> {
  return await run(on, NOTE([note, id, token])) === 1;
}

export async function putOffEffect(
  on: Connection,
  { id, token, delayMs }: { id: string; token: number; delayMs: number },
): Promise<boolean> {
  return await run(on, PUT_OFF([Math.max(0, Math.ceil(delayMs)), id, token])) === 1;
}

export async function releaseEffects(on: Connection, owner: string): Promise<number> {
  return await run(on, RELEASE([owner]));
}

export async function finishEffect(
  on: Connection,
  { id, token, finish }: { id: string; token: number; finish: Finish },
): Promise<boolean> {
  const done = await first(on, FINISH([finish.status, encode(finish.result), id, token]));
  if (!done) return false;
  for (const file of finish.files ?? []) {
    await run(on, REMEMBER_FILE([file.backendId, file.epoch, file.sha256, file.ref]));
  }
  for (const output of finish.outputs ?? []) {
    const { node, ord, sha256, ext, bytes, role } = output;
    await run(
      on,
      INSERT_OUTPUT([id, node, ord, done.actor_id, token, sha256, ext, bytes, role, done.done_at]),
    );
  }
  const at = finish.mail.length > 0 ? await readClock(on) : done.done_at;
  await postMail(on, finish.mail, { at, trace: done.trace });
  return true;
}
