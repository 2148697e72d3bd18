/** Twenty long takes through crashes, restarts, dropped calls and failures, in virtual time: nearly all end well by themselves. */
import type { Snapshot } from "@/db/inspect.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { simulate } from "./simulate.ts";

const TAKES = 20;
/** Bytes of memory that the process may have more after the last take than after the second. */
const GROWTH_MAX = 128e6;

Deno.test("[PR49] [PR52] of twenty takes on servers with faults at least 95 % complete without help, and memory stays bounded", async () => {
  const faults = new Set<string>();
  for (const seed of [1, 3]) {
    const resident: number[] = [];
    const meddle = ({ jobs }: Snapshot) => {
      const done = jobs.filter(({ status }) => status === "completed").length;
      while (resident.length < done) resident.push(Deno.memoryUsage().rss);
    };
    const { statuses, violations, hits } = await simulate({ seed, takes: TAKES, meddle });
    const [second = 0, last = Infinity] = [resident[1], resident.at(-1)];
    assert(last - second <= GROWTH_MAX, `${(last - second) / 1e6} MB more than after the second take`);
    assertEquals(violations, []);
    for (const fault of hits.keys()) faults.add(fault);
    const done = statuses.get("completed") ?? 0;
    assert(done >= 0.95 * TAKES, `seed ${seed}: ${JSON.stringify([...statuses])}`);
  }
  for (const fault of ["process crashed", "server restarted", "next error"]) assert(faults.has(fault), fault);
});
