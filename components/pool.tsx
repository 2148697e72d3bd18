/** The state of the render servers in one line: how many, what they render, what waits. */
import type { PoolState } from "@/core/queue.ts";
import { shell } from "@/core/words/shell.ts";

export function Pool({ pool }: { pool: PoolState | null }) {
  const isUp = pool !== null && pool.up > 0;
  const load = pool === null ? [] : loadOf(pool);
  return (
    <div class="pool num" role="status">
      <i class={!isUp ? "dot off" : load.length > 0 ? "dot now" : "dot"} aria-hidden="true"></i>
      <span>
        {pool === null ? shell.pool.unknown : <Servers pool={pool} />}
        {load.map((words) => ` · ${words}`)}
      </span>
    </div>
  );
}

function Servers({ pool: { servers, up, draftOnly } }: { pool: PoolState }) {
  const words = shell.pool;
  if (servers === 0) return <>{words.none}</>;
  if (draftOnly) return <>{up > 0 ? words.draft : words.draftStarting}</>;
  const [figure, rest] = words.servers(up, servers);
  return (
    <>
      <b>{figure}</b> {rest}
    </>
  );
}

function loadOf({ rendering, waiting }: PoolState): string[] {
  return [
    ...(rendering > 0 ? [shell.pool.rendering(rendering)] : []),
    ...(waiting > 0 ? [shell.pool.waiting(waiting)] : []),
  ];
}
