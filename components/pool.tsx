/** The state of the render servers in one line. */
import { shell } from "@/core/words/shell.ts";

export interface PoolState {
  up: number;
  all: number;
  /** Only the draft renderer is there. */
  draftOnly: boolean;
}

export function Pool({ pool }: { pool: PoolState | null }) {
  const isUp = pool !== null && pool.up > 0;
  return (
    <div class="pool" role="status">
      <i class={isUp ? "dot" : "dot off"} aria-hidden="true"></i>
      <span class="num">{sentenceOf(pool)}</span>
    </div>
  );
}

function sentenceOf(pool: PoolState | null): string {
  const words = shell.pool;
  if (pool === null) return words.unknown;
  if (pool.all === 0) return words.none;
  if (pool.draftOnly) return pool.up > 0 ? words.draft : words.draftStarting;
  return words.servers(pool.up, pool.all);
}
