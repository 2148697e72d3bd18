/** The runtime tables as Kysely sees them; the migrations decide, a test compares. */
import type { StepState } from "@/core/store.ts";
import type { Generated } from "kysely";

export interface ActorTable {
  id: string;
  kind: string;
  user_id: string;
  state: string;
  ver: Generated<number>;
  priority: Generated<number>;
  /** The job's place among those of its owner, who may change it. */
  rank: Generated<number>;
  created_at: number;
  updated_at: number;
  /** W3C trace context of what was last asked of it. */
  trace: string | null;
  /** Place in the operators' own line; the lowest is first. */
  front: number | null;
}

export interface PlanTable {
  job_id: string;
  rev: number;
  json: string;
  created_at: number;
}

export interface StepTable {
  job_id: string;
  id: string;
  take: number;
  user_id: string;
  /** Place in the plan. */
  ord: number;
  kind: string;
  engine: string;
  family: string;
  template: string;
  /** Preset, size and frames of a prompt, the operation of work in the studio. */
  shape: Generated<string>;
  weight: number;
  chosen: number;
  stale: number;
  state: StepState;
  attempt: number;
  run: number;
  failures: number;
  losses: number;
  digest: string | null;
  rev: number;
  uses: string;
  outputs: string;
  problem: string | null;
  prompt_id: string | null;
  backend_id: string | null;
  /** The server where it failed. */
  avoid: string | null;
  started_at: number | null;
  ended_at: number | null;
  priority: number;
  /** That of its job, while it waits. */
  rank: Generated<number>;
  /** Since when the take waits for a slot; empty in other states. */
  ready_at: number | null;
  near: string | null;
}

export interface MailTable {
  seq: Generated<number>;
  msg_id: string;
  actor_id: string;
  kind: string;
  body: string;
  due_at: number;
  attempts: Generated<number>;
  trace: string | null;
  error: string | null;
  created_at: number;
  done_at: number | null;
}

export interface EventTable {
  seq: Generated<number>;
  actor_id: string;
  ver: number;
  user_id: string;
  kind: string;
  message: string;
  body: string;
  at: number;
}

export interface DeadletterTable {
  msg_id: string;
  actor_id: string;
  kind: string;
  body: string;
  error: string;
  attempts: number;
  at: number;
}

export interface MarkTable {
  name: string;
  value: number;
}

export interface EffectTable {
  id: string;
  actor_id: string;
  user_id: string;
  kind: string;
  lane: string;
  req: string;
  status: string;
  owner: string | null;
  token: Generated<number>;
  tries: Generated<number>;
  note: string | null;
  lease_until: Generated<number>;
  next_at: number;
  result: string | null;
  created_at: number;
  done_at: number | null;
  trace: string | null;
}

export interface OutputTable {
  effect_id: string;
  node: string;
  ord: number;
  actor_id: string;
  token: number;
  sha256: string;
  ext: string;
  bytes: number;
  role: string;
  created_at: number;
}

export interface BackendTable {
  id: string;
  url: string;
  engine: string;
  slots: number;
  status: string;
  epoch: number;
  last_seen_at: number | null;
  loaded_family: string | null;
  vram: number | null;
  version: string | null;
  problem: string | null;
  device: string | null;
  vram_free: number | null;
  ram_free: number | null;
  short: Generated<number>;
  faring: string | null;
  /** From here on what operators set: the runtime reads it and never writes it. */
  name: string | null;
  origin: Generated<string>;
  /** Sealed. */
  auth: string | null;
  tags: Generated<string>;
  gpu: string | null;
  vram_given: number | null;
  slots_given: number | null;
  rev: Generated<number>;
  /** Price of an hour; empty: as for all. */
  cost_hour: number | null;
  /** Whether COMFY_AUTH_HEADER goes there. */
  usual_header: Generated<number>;
}

export interface SlotTable {
  backend_id: string;
  n: number;
  job_id: string;
  step_id: string;
  prompt_id: string;
  family: string;
  state: string;
  since: number;
  user_id: Generated<string>;
  /** Seconds by the plan. */
  weight: Generated<number>;
  /** Since when its prompt runs, until it is being stopped. */
  began_at: number | null;
}

export interface BackendFileTable {
  backend_id: string;
  epoch: number;
  sha256: string;
  ref: string;
}

export interface QuotaTable {
  user_id: string;
  max_running: number | null;
  max_queued: number | null;
  weight: number | null;
  served: number | null;
  served_at: number | null;
  gpu_minutes: number | null;
  disk_bytes: number | null;
}

export interface LedgerTable {
  id: string;
  user_id: string;
  job_id: string;
  step_id: string;
  kind: string;
  place: string;
  state: string;
  seconds: number;
  bytes: number;
  estimate: number;
  money: number;
  at: number;
}

export interface SpentDayTable {
  /** Days since 1970 in UTC. */
  day: number;
  /** Empty: of people who left. */
  user_id: string;
  kind: string;
  entries: number;
  seconds: number;
  bytes: number;
  money: number;
}

export interface SpentJobTable {
  job_id: string;
  money: number;
}

export interface RuntimeTables {
  actor: ActorTable;
  plan: PlanTable;
  step: StepTable;
  mail: MailTable;
  event: EventTable;
  deadletter: DeadletterTable;
  mark: MarkTable;
  effect: EffectTable;
  output: OutputTable;
  backend: BackendTable;
  slot: SlotTable;
  backend_file: BackendFileTable;
  quota: QuotaTable;
  ledger: LedgerTable;
  spent_day: SpentDayTable;
  spent_job: SpentJobTable;
}
