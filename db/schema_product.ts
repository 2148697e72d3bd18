/** The tables of accounts, assets and jobs as Kysely sees them; the migrations decide, a test compares. */
import type { Generated } from "kysely";

export interface UsersTable {
  id: string;
  email: string;
  password_hash: string;
  role: string;
  disabled_at: number | null;
  created_at: number;
  updated_at: number;
  /** How often operators changed the person, from 1. */
  rev: Generated<number>;
}

export interface SessionsTable {
  token_hash: string;
  user_id: string;
  created_at: number;
  seen_at: number;
  expires_at: number;
  address: string | null;
  agent: string | null;
}

export interface InvitationsTable {
  id: string;
  token_hash: string;
  note: string;
  role: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  used_by: string | null;
}

export interface AccountDefaultsTable {
  user_id: string;
  settings_json: string;
  updated_at: number;
}

export interface DeparturesTable {
  user_id: string;
  begun_at: number;
}

export interface ApiTokensTable {
  id: string;
  user_id: string;
  name: string;
  token_hash: string;
  hint: string;
  scope: Generated<string>;
  created_at: number;
  used_at: number | null;
  expires_at: number | null;
}

export interface ProjectsTable {
  id: string;
  owner_id: string;
  name: string;
  description: string;
  settings_json: string;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}

export interface AssetsTable {
  id: string;
  owner_id: string;
  project_id: string | null;
  asset_type: string;
  mime_type: string | null;
  original_filename: string;
  sha256: string | null;
  ext: string | null;
  /** Name in storage, never a path of one machine. */
  storage_path: string | null;
  thumbnail_path: string | null;
  size_bytes: number | null;
  width: number | null;
  height: number | null;
  duration_seconds: number | null;
  probe_json: string | null;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  /** 1 is starred, -1 is rejected. */
  mark: Generated<number>;
  /** The name as it is looked for: without case and accents. */
  search: Generated<string>;
}

export interface JobsTable {
  id: string;
  /** Counts jobs in the order in which they came; the search hands them out by it. */
  no: number;
  owner_id: string;
  mode: string;
  submode: string | null;
  title: string;
  prompt: string;
  negative_prompt: string;
  /** Title and prompt, for the search of lists. */
  search: string;
  status: string;
  stage: string;
  paused: number;
  cancelling: number;
  run: number;
  rev: number;
  share: number;
  problem: string | null;
  comfy_prompt_id: string | null;
  engine: string;
  workflow_template_name: string;
  workflow_template_version: string;
  settings_json: string;
  project_id: string | null;
  batch_id: string | null;
  parent_id: string | null;
  /** The draft that this is the final film of. */
  draft_id: Generated<string | null>;
  created_at: number;
  updated_at: number;
  ended_at: number | null;
  deleted_at: number | null;
  /** 1 is starred, -1 is rejected. */
  mark: Generated<number>;
}

export interface JobAssetsTable {
  job_id: string;
  ord: number;
  asset_id: string;
  role: string;
  used: number;
}

export interface JobOutputsTable {
  id: string;
  job_id: string;
  run: number;
  ord: number;
  output_type: string;
  file_path: string;
  poster_path: string | null;
  metadata_json: string;
  created_at: number;
}

export interface JobEventsView {
  id: number;
  job_id: string;
  event_type: string;
  message: string;
  payload_json: string;
  created_at: number;
}

export interface SharesTable {
  id: string;
  owner_id: string;
  job_id: string;
  output_id: string;
  token_hash: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

export interface PresetsTable {
  id: string;
  owner_id: string;
  name: string;
  mode: string;
  submode: string | null;
  settings_json: string;
  created_at: number;
  updated_at: number;
}

export interface WebhooksTable {
  id: string;
  owner_id: string;
  url: string;
  /** Sealed, as the former one. */
  secret: string;
  former_secret: string | null;
  former_until: number | null;
  events_json: string;
  enabled: number;
  /** Why the studio switched it off. */
  ended: string | null;
  failing_since: number | null;
  /** Since when it is switched on. */
  since: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface WebhookDeliveriesTable {
  id: string;
  webhook_id: string;
  event_seq: number;
  job_id: string | null;
  run: number | null;
  kind: string;
  body: string;
  status: string;
  attempts: Generated<number>;
  /** Tries before the newest replay. */
  base: Generated<number>;
  next_at: number | null;
  response_status: number | null;
  error: string | null;
  created_at: number;
  delivered_at: number | null;
}

export interface WebhookTriesTable {
  delivery_id: string;
  n: number;
  at: number;
  took_ms: number;
  response_status: number | null;
  ended: string;
}

export interface AuditLogTable {
  seq: Generated<number>;
  user_id: string | null;
  action: string;
  subject: string;
  detail_json: string;
  address: string | null;
  at: number;
}

export interface SystemConfigTable {
  key: string;
  /** Encrypted when `is_secret`. */
  value: string | null;
  description: string;
  is_secret: number;
  updated_at: number;
}

export interface IdempotencyTable {
  user_id: string;
  route: string;
  key: string;
  body_hash: string;
  status: number;
  response: string;
  created_at: number;
  expires_at: number;
}

export interface ProductTables {
  users: UsersTable;
  sessions: SessionsTable;
  invitations: InvitationsTable;
  account_defaults: AccountDefaultsTable;
  departures: DeparturesTable;
  api_tokens: ApiTokensTable;
  projects: ProjectsTable;
  assets: AssetsTable;
  jobs: JobsTable;
  job_assets: JobAssetsTable;
  job_outputs: JobOutputsTable;
  job_events: JobEventsView;
  shares: SharesTable;
  presets: PresetsTable;
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_tries: WebhookTriesTable;
  audit_log: AuditLogTable;
  system_config: SystemConfigTable;
  idempotency: IdempotencyTable;
}
