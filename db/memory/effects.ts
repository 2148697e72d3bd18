/** Effects of the in-memory store: claims, leases and results. */
import type { Claim, Finish } from "@/core/store.ts";
import { freeze } from "./freeze.ts";
import { postMail } from "./mail.ts";
import type { MemoryEffect, Tables } from "./tables.ts";

export function claimEffect(
  tables: Tables,
  { owner, lanes, leaseMs, at }: { owner: string; lanes: readonly string[]; leaseMs: number; at: number },
): Claim | null {
  let oldest: MemoryEffect | undefined;
  for (const id of tables.openEffects) {
    const effect = tables.effects.get(id);
    if (!effect || effect.nextAt > at || !lanes.includes(effect.lane)) continue;
    if (!oldest || effect.nextAt < oldest.nextAt) oldest = effect;
  }
  if (!oldest) return null;
  const claimed = freeze({
    ...oldest,
    owner,
    token: oldest.token + 1,
    tries: oldest.tries + 1,
    leaseUntil: at + leaseMs,
    nextAt: at + leaseMs,
  });
  tables.effects.set(claimed.id, claimed);
  const { id, actorId, userId, kind, lane, req, token, tries, note, trace } = claimed;
  const lapsed = oldest.owner === null ? {} : { lapsed: oldest.owner };
  return { id, actorId, userId, kind, lane, req, token, tries, note, ...lapsed, trace };
}

/** Changes an effect if the lease of this token still holds. */
export function changeMine(
  tables: Tables,
  { id, token }: { id: string; token: number },
  change: Partial<MemoryEffect>,
): boolean {
  const effect = tables.effects.get(id);
  if (effect?.status !== "open" || effect.token !== token || effect.owner === null) return false;
  const changed = freeze({ ...effect, ...change });
  tables.effects.set(id, changed);
  if (changed.status !== "open") tables.openEffects.delete(id);
  return true;
}

export function finishEffect(
  tables: Tables,
  { id, token, finish, at }: { id: string; token: number; finish: Finish; at: number },
): boolean {
  const { status, result } = finish;
  if (!changeMine(tables, { id, token }, { status, result: freeze(result ?? null), owner: null })) {
    return false;
  }
  for (const { backendId, epoch, sha256, ref } of finish.files ?? []) {
    tables.files.set(`${backendId} ${epoch} ${sha256}`, ref);
  }
  for (const { node, ord, sha256 } of finish.outputs ?? []) {
    const key = `${id} ${node} ${ord}`;
    if (!tables.outputs.has(key)) {
      tables.outputs.set(key, freeze({ effectId: id, node, ord, token, sha256 }));
    }
  }
  postMail(tables, finish.mail, at, tables.effects.get(id)?.trace);
  return true;
}

export function releaseEffects(tables: Tables, { owner, at }: { owner: string; at: number }): number {
  let released = 0;
  for (const id of tables.openEffects) {
    const effect = tables.effects.get(id);
    if (effect?.owner !== owner) continue;
    tables.effects.set(id, freeze({ ...effect, owner: null, leaseUntil: 0, nextAt: at }));
    released++;
  }
  return released;
}
