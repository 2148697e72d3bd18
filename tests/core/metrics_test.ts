/** Counts and durations in Prometheus' text format, and the dashboard that reads them. */
import { FAMILIES, Meter } from "@/core/metrics.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

Deno.test("durations become buckets that each hold all below their bound, with sum and count", () => {
  const meter = new Meter();
  for (const seconds of [0.0005, 0.02, 0.02, 99]) meter.observe("animatrix_turn_seconds", seconds);
  const text = meter.render([]);
  for (
    const line of [
      'animatrix_turn_seconds_bucket{le="0.001"} 1',
      'animatrix_turn_seconds_bucket{le="0.01"} 1',
      'animatrix_turn_seconds_bucket{le="0.025"} 3',
      'animatrix_turn_seconds_bucket{le="2.5"} 3',
      'animatrix_turn_seconds_bucket{le="+Inf"} 4',
      "animatrix_turn_seconds_sum 99.0405",
      "animatrix_turn_seconds_count 4",
    ]
  ) assert(text.split("\n").includes(line), `${line} is not in\n${text}`);
});

Deno.test("labels are kept apart and escaped, and every family says what it is", () => {
  const meter = new Meter();
  meter.count("animatrix_grants_total", { backend: 'a"b\\c\nd' });
  meter.count("animatrix_grants_total", { backend: "b" });
  meter.count("animatrix_grants_total", { backend: "b" });
  const lines = meter.render([{ name: "animatrix_backends", labels: { state: "up" }, value: 2 }]).split("\n");
  assert(lines.includes('animatrix_grants_total{backend="a\\"b\\\\c\\nd"} 1'));
  assert(lines.includes('animatrix_grants_total{backend="b"} 2'));
  assert(lines.includes('animatrix_backends{state="up"} 2'));
  for (const [name, { type }] of Object.entries(FAMILIES)) assert(lines.includes(`# TYPE ${name} ${type}`));
});

Deno.test("the dashboard shows every figure, and none that is not there", async () => {
  const text = await Deno.readTextFile("deploy/grafana.json");
  const named = [...text.matchAll(/animatrix_\w+/g)].map(([name]) => name.replace(/_bucket$/, ""));
  assertEquals([...new Set(named)].sort(), Object.keys(FAMILIES).sort());
});
