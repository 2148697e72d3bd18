/** Jobs, plans and behaviours that the database tests are made of. */
import { createHash } from "node:crypto";
import { v7 } from "uuid";
import type { Plan } from "@/core/plan.ts";
import type {
  BackendRow,
  Behaviour,
  Mail,
  NewJob,
  Shown,
  StepRow,
  Store,
  TurnInput,
  TurnWrite,
} from "@/core/store.ts";
import { migrate } from "@/db/migrate.ts";
import { type Database, openDatabase, type Watching } from "@/db/sqlite.ts";
import { openSqliteStore, type SqliteStore } from "@/db/store_sqlite.ts";

export const sha = (text: string) => createHash("sha256").update(text).digest("hex");

export const newId = () => v7();

/** Polls until the condition holds; fails after `limitMs`. */
export async function until(holds: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Nothing happened within ${limitMs} ms`);
    await new Promise((wake) => setTimeout(wake, 1));
  }
}

export interface PlanOptions {
  prompts?: number;
  engine?: Plan["engine"];
  family?: string;
}

/** Prompt steps `part-0`, `part-1`, … that each need the one before, and a local step `join`. */
export function makePlan({ prompts = 2, engine = "comfy", family = "wan" }: PlanOptions = {}): Plan {
  const parts = Array.from({ length: prompts }, (_, at) => ({
    id: `part-${at}`,
    title: `Part ${at + 1}`,
    phase: "render" as const,
    weight: 1,
    needs: at === 0 ? [] : [`part-${at - 1}`],
    kind: "prompt" as const,
    template: { id: "animate", version: "1" },
    variant: "",
    preset: "",
    values: {},
    family,
    form: sha(`part ${at}`),
    timeLimitS: 60,
  }));
  const join = {
    id: "join",
    title: "Join",
    phase: "finish" as const,
    weight: 1,
    needs: parts.map((part) => part.id),
    kind: "local" as const,
    op: "join",
    values: {},
    form: sha("join"),
    timeLimitS: 60,
  };
  return {
    v: 1,
    mode: "animate",
    submode: null,
    engine,
    steps: [...parts, join],
    result: { step: "join", main: "film", poster: "poster", metadata: "metadata" },
    film: null,
    inputs: [],
  };
}

export function makeStep(id: string, change: Partial<StepRow> = {}): StepRow {
  return {
    id,
    take: 0,
    chosen: true,
    stale: false,
    state: "pending",
    attempt: 0,
    run: 1,
    failures: 0,
    losses: 0,
    digest: null,
    rev: 1,
    uses: {},
    outputs: [],
    problem: null,
    promptId: null,
    backendId: null,
    startedAt: null,
    endedAt: null,
    ...change,
  };
}

export function makeShown(change: Partial<Shown> = {}): Shown {
  return {
    status: "created",
    stage: "",
    paused: false,
    cancelling: false,
    run: 1,
    rev: 1,
    share: 0,
    problem: null,
    promptId: null,
    endedAt: null,
    ...change,
  };
}

export interface JobOptions extends PlanOptions {
  id?: string;
  userId?: string;
  priority?: number;
  steps?: StepRow[];
  mail?: Mail[];
  shown?: Partial<Shown>;
  row?: Partial<NewJob["row"]>;
}

export function makeJob(options: JobOptions = {}): NewJob {
  const id = options.id ?? newId();
  const plan = makePlan(options);
  return {
    id,
    userId: options.userId ?? newId(),
    kind: "job",
    priority: options.priority ?? 0,
    state: { rev: 1, count: 0 },
    plan,
    steps: options.steps ?? plan.steps.map((step) => makeStep(step.id)),
    mail: options.mail ?? [tell(id, "start")],
    shown: makeShown(options.shown),
    row: {
      mode: "animate",
      submode: null,
      title: "A walk",
      prompt: "A walk along the harbour",
      negativePrompt: "",
      settings: {},
      template: { name: "animate", version: "1" },
      engine: plan.engine,
      batchId: null,
      projectId: null,
      assets: [],
      parentId: null,
      draftId: null,
      ...options.row,
    },
  };
}

export function tell(to: string, kind: string, more: Partial<Mail> = {}): Mail {
  return { id: `${to}:${kind}`, to, kind, body: { type: kind }, ...more };
}

export function makeBackend(change: Partial<BackendRow> = {}): BackendRow {
  return {
    id: "alpha",
    url: "http://alpha",
    engine: "comfy",
    slots: 2,
    status: "up",
    epoch: 1,
    lastSeenAt: 1,
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
    ...change,
  };
}

/** A behaviour that settles all mail as done unless the turn says otherwise. */
export function behave(
  decide: (input: TurnInput) => Partial<TurnWrite> = () => ({}),
  wants: Behaviour["wants"] = () => "all",
): Behaviour {
  return {
    wants,
    decide: (input) => ({
      state: input.actor.state,
      steps: [],
      effects: [],
      revoke: [],
      mail: [],
      events: [],
      slots: [],
      fates: input.mail.map(({ seq }) => ({ seq, fate: "done" })),
      shown: null,
      outputs: [],
      ...decide(input),
    }),
  };
}

/** Admits a job whose first part waits for a slot; its mail is read. */
export async function admitReady(
  store: Store,
  options: JobOptions & { attempt?: number } = {},
): Promise<NewJob> {
  const job = makeJob(options);
  const [head, ...rest] = job.steps;
  if (!head) throw new Error("A job needs a step");
  job.steps = [{ ...head, state: "ready", attempt: options.attempt ?? 1 }, ...rest];
  await store.admit([job]);
  await store.turn(job.id, behave());
  return job;
}

export interface Opened {
  database: Database;
  store: SqliteStore;
  close(): Promise<void>;
}

/** A migrated database with a store on it; without a path it lives in memory. */
export async function openSqlite(path = ":memory:", watching: Watching = {}): Promise<Opened> {
  const database = openDatabase(path, watching);
  await migrate(database.writer);
  const store = openSqliteStore(database.writer, { newId, onClose: database.close });
  return { database, store, close: () => store.close() };
}
