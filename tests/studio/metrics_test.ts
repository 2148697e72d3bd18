/** The figures of a studio that made two films. */
import { Meter } from "@/core/metrics.ts";
import { watchGaps } from "@/studio/metrics.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";

const LINE = /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[0-9.e+-]+)$/;

Deno.test("films leave their marks: turns, wake-ups, waits, grants, effects by end; and nothing stays open", async () => {
  await using rig = await openRig({ env: { METRICS_TOKEN: "0123456789abcdef" } });
  const { metrics } = rig.house.studio;
  const cast = await rig.person.bringCast();
  const jobs = [];
  for (const seed of ["1", "2"]) jobs.push(await rig.person.animate(cast, { frames: 5, side: 128, seed }));
  for (const job of jobs) assertEquals((await rig.person.waitForEnd(job.id)).status, "completed");
  const text = await metrics.read();
  assertEquals(text.trimEnd().split("\n").filter((line) => !LINE.test(line)), []);
  const value = (start: string) => {
    const found = text.split("\n").filter((line) => line.startsWith(start));
    assert(found.length > 0, `${start} is not in\n${text}`);
    return found.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };
  assert(value("animatrix_turn_seconds_count") > 4);
  assert(value("animatrix_wake_seconds_count") > 4);
  assertEquals(value("animatrix_grants_total{"), 2);
  assertEquals(value("animatrix_switches_total{"), 1);
  assertEquals(value('animatrix_wait_seconds_count{class="light"}'), 2);
  assertEquals(value('animatrix_effects_total{kind="ensure_prompt",outcome="done"}'), 2);
  assertEquals([value("animatrix_live_jobs"), value("animatrix_dead_letters")], [0, 0]);
  assertEquals(value('animatrix_backends{engine="draft",state="up"}'), 1);
  assert(value("animatrix_disk_free_bytes") > 0 && value("animatrix_database_bytes") > 0);
  assert(metrics.opensWith("0123456789abcdef") && !metrics.opensWith("0123456789abcdeF"));
});

Deno.test("a server idles between two prompts only where the later one waited when the former ended", () => {
  const meter = new Meter();
  const gaps = watchGaps(meter);
  const run = (promptId: string, [readyAt, startedAt, endedAt]: [number, number, number]) => {
    gaps.granted(promptId, { backend: "gpu", readyAt });
    gaps.finished({ type: "prompt.finished", promptId, startedAt, endedAt });
  };
  run("first", [0, 0, 1000]);
  run("waited", [500, 1250, 2000]);
  run("came later", [2500, 2600, 3000]);
  const lines = meter.render([]).split("\n");
  assert(lines.includes('animatrix_idle_gap_seconds_count{backend="gpu"} 1'));
  assert(lines.includes('animatrix_idle_gap_seconds_sum{backend="gpu"} 0.25'));
});
