/** What the studio measures of itself: told by the engine as it happens, and read from the database when somebody asks. */
import { z } from "zod";
import { failuresIn } from "@/actors/job/effects/failures.ts";
import type { EngineWatch } from "@/actors/runtime/watch.ts";
import type { Config } from "@/core/config.ts";
import { Meter, type Metrics, type Sample } from "@/core/metrics.ts";
import type { Clock, Storage } from "@/core/ports.ts";
import type { Store } from "@/core/store.ts";
import { countOpen, readLedgerSums, readOldestWaitMs } from "@/db/queries/mod.ts";
import type { Database } from "@/db/sqlite.ts";
import { keepFresh } from "./door/ahead.ts";
import { placesOf } from "./places.ts";

/** With so many steps waiting a person counts as heavy. */
const HEAVY = 20;
/** Prompts under way whose waiting is remembered. */
const PROMPTS_MAX = 1000;

/** What an effect tells of a prompt that ended, by the server's own clock. */
const Finished = z.object({
  type: z.literal("prompt.finished"),
  promptId: z.string(),
  startedAt: z.number(),
  endedAt: z.number(),
});

/** Servers that get a label of their own; servers come and go, and series stay. */
const SERVERS_MAX = 64;
/** The label of work that no server does. */
const STUDIO = "studio";

/** The first so many names as they are, all later ones as one. */
export function bounded(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name) && known.size < most) known.add(name);
    return known.has(name) ? name : "others";
  };
}

export interface MetricParts {
  config: Config;
  db: Database;
  store: Store;
  storage: Storage;
  clock: Clock;
  hashText(text: string): string;
}

export interface Measured {
  watch: EngineWatch;
  metrics: Metrics;
}

export function openMetrics(parts: MetricParts): Measured {
  const meter = new Meter();
  const gaps = watchGaps(meter);
  const named = bounded(SERVERS_MAX);
  // The ledger grows with every step, and sums over all of it are asked for every few seconds.
  const sums = keepFresh(parts.clock, () => readLedgerSums(parts.db.reader), 0);
  const token = parts.config.METRICS_TOKEN?.reveal() ?? null;
  const tokenHash = token === null ? null : parts.hashText(token);
  return {
    watch: {
      turned(waitedMs, tookMs) {
        meter.observe("animatrix_wake_seconds", waitedMs / 1000);
        meter.observe("animatrix_turn_seconds", tookMs / 1000);
      },
      granted({ slot, step, switched, waiting }) {
        const labels = { backend: slot.backendId };
        meter.count("animatrix_grants_total", labels);
        if (switched) meter.count("animatrix_switches_total", labels);
        const waitMs = Math.max(0, slot.since - step.readyAt);
        meter.observe("animatrix_wait_seconds", waitMs / 1000, {
          class: waiting >= HEAVY ? "heavy" : "light",
        });
        gaps.granted(slot.promptId, { backend: slot.backendId, readyAt: step.readyAt });
      },
      lapsed({ kind }) {
        meter.count("animatrix_leases_expired_total", { kind });
      },
      ended(claim, outcome, end) {
        const { kind } = claim;
        const failures = failuresIn(claim, end);
        const mail = end !== null && "finish" in end ? end.finish.mail : [];
        meter.count("animatrix_effects_total", {
          kind,
          outcome: outcome === "done" && failures.length > 0 ? "failed" : outcome,
        });
        for (const { backend, code } of failures) {
          meter.count("animatrix_failures_total", { backend: named(backend ?? STUDIO), code });
        }
        for (const { body } of mail) gaps.finished(body);
      },
    },
    metrics: {
      read: async () => meter.render(await readGauges(parts, await sums())),
      // Hashes are compared, so that the time of it tells nothing of the token.
      opensWith: (given) => tokenHash !== null && parts.hashText(given) === tokenHash,
    },
  };
}

/** Idleness of a server between prompts, where the later one waited already when the former ended. */
export function watchGaps(meter: Meter) {
  const prompts = new Map<string, { backend: string; readyAt: number }>();
  const endedAt = new Map<string, number>();
  return {
    granted(promptId: string, prompt: { backend: string; readyAt: number }) {
      prompts.set(promptId, prompt);
      const [oldest] = prompts.keys();
      if (prompts.size > PROMPTS_MAX && oldest !== undefined) prompts.delete(oldest);
    },
    finished(body: unknown) {
      const found = Finished.safeParse(body);
      const prompt = found.success ? prompts.get(found.data.promptId) : undefined;
      if (!found.success || !prompt) return;
      const { promptId, startedAt, endedAt: end } = found.data;
      const { backend, readyAt } = prompt;
      prompts.delete(promptId);
      const before = endedAt.get(backend);
      endedAt.set(backend, Math.max(end, before ?? 0));
      if (before === undefined || readyAt > before || end < before) return;
      meter.observe("animatrix_idle_gap_seconds", Math.max(0, startedAt - before) / 1000, { backend });
    },
  };
}

async function readGauges(
  { config, db, store, storage }: MetricParts,
  sums: Awaited<ReturnType<typeof readLedgerSums>>,
): Promise<Sample[]> {
  const counts = await countOpen(db.reader);
  const oldestWaitMs = await readOldestWaitMs(db.reader);
  const backends = await store.backends();
  const free = await storage.freeBytes();
  const { size } = await Deno.stat(placesOf(config).database);
  const states = new Map<string, number>();
  for (const { engine, status } of backends) {
    states.set(`${engine} ${status}`, (states.get(`${engine} ${status}`) ?? 0) + 1);
  }
  const slots = backends.filter(({ status }) => status === "up").reduce((sum, { slots }) => sum + slots, 0);
  return [
    { name: "animatrix_open_mail", value: counts.openMail },
    { name: "animatrix_open_effects", value: counts.openEffects },
    { name: "animatrix_dead_letters", value: counts.deadletters },
    { name: "animatrix_ready_steps", value: counts.readySteps },
    { name: "animatrix_held_slots", value: counts.heldSlots },
    { name: "animatrix_live_jobs", value: counts.liveJobs },
    { name: "animatrix_oldest_wait_seconds", value: oldestWaitMs / 1000 },
    { name: "animatrix_slots", value: slots },
    ...backends.map(({ id, faring }): Sample => ({
      name: "animatrix_backend_on_hold",
      labels: { backend: id },
      value: faring && faring.heldUntil !== null ? 1 : 0,
    })),
    ...[...states].map(([key, value]): Sample => {
      const [engine = "", state = ""] = key.split(" ");
      return { name: "animatrix_backends", labels: { engine, state }, value };
    }),
    ...(free === null ? [] : [{ name: "animatrix_disk_free_bytes" as const, value: free }]),
    { name: "animatrix_disk_min_bytes", value: config.DISK_MIN_GB * 1e9 },
    ...sums.flatMap(({ kind, seconds, bytes, money }): Sample[] => [
      { name: "animatrix_spent_seconds_total", labels: { kind }, value: Number(seconds) },
      { name: "animatrix_spent_money_total", labels: { kind }, value: Number(money) },
      { name: "animatrix_made_bytes_total", labels: { kind }, value: Number(bytes) },
    ]),
    { name: "animatrix_database_bytes", value: size },
  ];
}
