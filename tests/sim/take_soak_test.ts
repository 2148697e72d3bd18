/** Twenty long takes through crashes, restarts, dropped calls and failures, in virtual time: nearly all end well by themselves. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { simulate } from "./simulate.ts";

const TAKES = 20;

Deno.test("[PR49] of twenty takes on servers with faults at least 95 % complete without help, whatever the faults are", async () => {
  const faults = new Set<string>();
  for (const seed of [1, 3]) {
    const { statuses, violations, hits } = await simulate({ seed, takes: TAKES });
    assertEquals(violations, []);
    for (const fault of hits.keys()) faults.add(fault);
    const done = statuses.get("completed") ?? 0;
    assert(done >= 0.95 * TAKES, `seed ${seed}: ${JSON.stringify([...statuses])}`);
  }
  for (const fault of ["process crashed", "server restarted", "next error"]) assert(faults.has(fault), fault);
});
