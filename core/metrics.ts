/** What the studio measures of itself, as Prometheus reads it: one table of names, counts and durations in memory. */

export interface Metrics {
  /** The whole page in Prometheus' text format. */
  read(): Promise<string>;
  /** Whether this is the token of METRICS_TOKEN. */
  opensWith(token: string): boolean;
}

const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const LONG = [0.1, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600];

interface Family {
  type: "counter" | "gauge" | "histogram";
  help: string;
  buckets?: readonly number[];
}

export const FAMILIES = {
  animatrix_turn_seconds: { type: "histogram", help: "Time of one turn of an actor.", buckets: SHORT },
  animatrix_wake_seconds: { type: "histogram", help: "From wake-up to the turn.", buckets: SHORT },
  animatrix_wait_seconds: {
    type: "histogram",
    help: "Waiting of a step for its slot; light people had few steps waiting then, heavy ones many.",
    buckets: LONG,
  },
  animatrix_idle_gap_seconds: {
    type: "histogram",
    help: "Idleness of a render server between two prompts, the second of which waited already.",
    buckets: SHORT,
  },
  animatrix_grants_total: { type: "counter", help: "Slots granted." },
  animatrix_switches_total: { type: "counter", help: "Grants for which a server has to load other models." },
  animatrix_effects_total: {
    type: "counter",
    help: "Runs of effects by kind and end; lost: the lease ran out or the effect was revoked.",
  },
  animatrix_failures_total: {
    type: "counter",
    help: "Failures of steps by problem and render server; `studio` where no server did the work.",
  },
  animatrix_backend_on_hold: {
    type: "gauge",
    help: "1 for a render server where film after film failed, and that is given one prompt at most.",
  },
  animatrix_leases_expired_total: {
    type: "counter",
    help: "Effects taken over from a runner that fell silent, by kind.",
  },
  animatrix_open_mail: { type: "gauge", help: "Messages not yet handled." },
  animatrix_open_effects: { type: "gauge", help: "Effects that run or wait." },
  animatrix_dead_letters: { type: "gauge", help: "Messages set aside after too many failures." },
  animatrix_ready_steps: { type: "gauge", help: "Steps that wait for a slot." },
  animatrix_oldest_wait_seconds: { type: "gauge", help: "Age of the step that waits longest for a slot." },
  animatrix_held_slots: { type: "gauge", help: "Slots that carry a prompt." },
  animatrix_slots: { type: "gauge", help: "Slots of the servers that are up." },
  animatrix_backends: { type: "gauge", help: "Render servers by engine and state." },
  animatrix_live_jobs: { type: "gauge", help: "Jobs that have not ended." },
  animatrix_disk_free_bytes: { type: "gauge", help: "Free disk where work lies." },
  animatrix_disk_min_bytes: { type: "gauge", help: "Free disk below which nothing new starts." },
  animatrix_spent_seconds_total: { type: "counter", help: "What steps took, by kind: gpu, local, provider." },
  animatrix_spent_money_total: {
    type: "counter",
    help: "What steps cost, by kind, in the studio's currency.",
  },
  animatrix_made_bytes_total: { type: "counter", help: "What steps made, by kind." },
  animatrix_database_bytes: { type: "gauge", help: "Size of the database file." },
} as const satisfies Record<string, Family>;

export type MetricName = keyof typeof FAMILIES;
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  name: MetricName;
  labels?: Labels;
  value: number;
}

interface Spread {
  counts: number[];
  sum: number;
  count: number;
}

/** Counts since the start of this process; gauges are handed in when somebody reads. */
export class Meter {
  readonly #counts = new Map<MetricName, Map<string, number>>();
  readonly #spreads = new Map<MetricName, Map<string, Spread>>();

  count(name: MetricName, labels: Labels = {}): void {
    const series = seriesOf(this.#counts, name);
    const key = textOf(labels);
    series.set(key, (series.get(key) ?? 0) + 1);
  }

  observe(name: MetricName, seconds: number, labels: Labels = {}): void {
    const buckets = bucketsOf(name);
    const series = seriesOf(this.#spreads, name);
    const key = textOf(labels);
    const spread = series.get(key) ?? { counts: buckets.map(() => 0), sum: 0, count: 0 };
    series.set(key, spread);
    const at = buckets.findIndex((bound) => seconds <= bound);
    if (at >= 0) spread.counts[at] = (spread.counts[at] ?? 0) + 1;
    spread.sum += seconds;
    spread.count++;
  }

  render(gauges: readonly Sample[]): string {
    const lines: string[] = [];
    for (const [name, family] of Object.entries<Family>(FAMILIES)) {
      lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.type}`);
      for (const [labels, value] of this.#counts.get(name as MetricName) ?? []) {
        lines.push(line(name, labels, value));
      }
      for (const [labels, spread] of this.#spreads.get(name as MetricName) ?? []) {
        lines.push(...spreadLines(name as MetricName, labels, spread));
      }
      for (const gauge of gauges) {
        if (gauge.name === name) lines.push(line(name, textOf(gauge.labels ?? {}), gauge.value));
      }
    }
    return `${lines.join("\n")}\n`;
  }
}

function seriesOf<Value>(
  all: Map<MetricName, Map<string, Value>>,
  name: MetricName,
): Map<string, Value> {
  const found = all.get(name) ?? new Map<string, Value>();
  all.set(name, found);
  return found;
}

function bucketsOf(name: MetricName): readonly number[] {
  const family: Family = FAMILIES[name];
  return family.buckets ?? [];
}

/** Prometheus' buckets hold everything below their bound, so each counts all before it too. */
function spreadLines(name: MetricName, labels: string, { counts, sum, count }: Spread): string[] {
  let below = 0;
  const withBound = (bound: string) => (labels === "" ? "" : `${labels},`) + `le="${bound}"`;
  const lines = bucketsOf(name).map((bound, at) => {
    below += counts[at] ?? 0;
    return line(`${name}_bucket`, withBound(String(bound)), below);
  });
  return [
    ...lines,
    line(`${name}_bucket`, withBound("+Inf"), count),
    line(`${name}_sum`, labels, Number(sum.toFixed(6))),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${value}`;
}

function textOf(labels: Labels): string {
  return Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
