/** The state of the render servers in one line. */

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
  if (pool === null) return "The studio cannot read its state";
  if (pool.all === 0) return "No render server yet";
  if (pool.draftOnly) return pool.up > 0 ? "Draft renderer ready" : "Draft renderer starting";
  return `${pool.up} of ${pool.all} render servers up`;
}
