/** What people own: accounts, projects, assets, jobs as they are shown, presets, webhooks, settings. */
import { sql } from "kysely";
import { createIndex, createTable, type Kit, type Migration } from "./kit.ts";

export const product: Migration = {
  name: "0002_product",
  async up(kit) {
    await createAccounts(kit);
    await createAssets(kit);
    await createJobs(kit);
    await createJobLists(kit);
    await createJobParts(kit);
    await createExtras(kit);
    await createSettings(kit);
  },
};

async function createAccounts(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "users",
    columns: {
      id: "text!",
      email: "text!",
      password_hash: "text!",
      role: "text!",
      disabled_at: "int",
      created_at: "int!",
      updated_at: "int!",
    },
    options: { primary: ["id"] },
  });
  await createIndex(kit, { name: "users_email", table: "users", columns: ["lower(email)"], unique: true });
  await createTable(kit, {
    name: "sessions",
    columns: {
      token_hash: "text!",
      user_id: "text!",
      created_at: "int!",
      seen_at: "int!",
      expires_at: "int!",
      address: "text",
      agent: "text",
    },
    options: { primary: ["token_hash"], belongs: { user_id: "users.id" } },
  });
  await createIndex(kit, { name: "sessions_user", table: "sessions", columns: ["user_id"] });
  await createIndex(kit, { name: "sessions_expires", table: "sessions", columns: ["expires_at"] });
  await createTable(kit, {
    name: "api_tokens",
    columns: {
      id: "text!",
      user_id: "text!",
      name: "text!",
      token_hash: "text!",
      hint: "text!",
      created_at: "int!",
      used_at: "int",
      expires_at: "int",
    },
    options: { primary: ["id"], unique: [["token_hash"]], belongs: { user_id: "users.id" } },
  });
  await createIndex(kit, { name: "api_tokens_user", table: "api_tokens", columns: ["user_id"] });
  await createTable(kit, {
    name: "projects",
    columns: {
      id: "text!",
      owner_id: "text!",
      name: "text!",
      description: "text!",
      settings_json: "json!",
      created_at: "int!",
      updated_at: "int!",
      deleted_at: "int",
    },
    options: { primary: ["id"], belongs: { owner_id: "users.id" } },
  });
  await createIndex(kit, {
    name: "projects_owner",
    table: "projects",
    columns: ["owner_id", "created_at", "id"],
  });
}

async function createAssets(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "assets",
    columns: {
      id: "text!",
      owner_id: "text!",
      project_id: "text",
      asset_type: "text!",
      mime_type: "text",
      original_filename: "text!",
      sha256: "text",
      ext: "text",
      storage_path: "text",
      thumbnail_path: "text",
      size_bytes: "int",
      width: "int",
      height: "int",
      duration_seconds: "real",
      probe_json: "json",
      created_at: "int!",
      updated_at: "int!",
      deleted_at: "int",
    },
    options: { primary: ["id"], belongs: { owner_id: "users.id" } },
  });
  await createIndex(kit, {
    name: "assets_owner",
    table: "assets",
    columns: ["owner_id", "created_at", "id"],
    where: "deleted_at is null",
  });
  // Names of files, looked up when storage is swept.
  await createIndex(kit, { name: "assets_file", table: "assets", columns: ["storage_path"] });
  await createIndex(kit, { name: "assets_thumbnail", table: "assets", columns: ["thumbnail_path"] });
}

async function createJobs(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "jobs",
    columns: {
      id: "text!",
      no: "int!",
      owner_id: "text!",
      mode: "text!",
      submode: "text",
      title: "text!",
      prompt: "text!",
      negative_prompt: "text!",
      search: "text!",
      status: "text!",
      stage: "text!",
      paused: "flag!",
      cancelling: "flag!",
      run: "int!",
      rev: "int!",
      share: "real!",
      problem: "json",
      comfy_prompt_id: "text",
      engine: "text!",
      workflow_template_name: "text!",
      workflow_template_version: "text!",
      settings_json: "json!",
      project_id: "text",
      batch_id: "text",
      parent_id: "text",
      created_at: "int!",
      updated_at: "int!",
      ended_at: "int",
      deleted_at: "int",
    },
    options: { primary: ["id"], unique: [["no"]] },
  });
}

async function createJobLists(kit: Kit): Promise<void> {
  await createSearch(kit);
  const lists: Record<string, string[]> = {
    jobs_owner: ["owner_id"],
    jobs_owner_status: ["owner_id", "status"],
    jobs_owner_mode: ["owner_id", "mode"],
    jobs_owner_engine: ["owner_id", "engine"],
    jobs_owner_project: ["owner_id", "project_id"],
    jobs_batch: ["batch_id"],
    jobs_all: [],
  };
  for (const [name, columns] of Object.entries(lists)) {
    await createIndex(kit, {
      name,
      table: "jobs",
      columns: [...columns, "created_at", "id"],
      where: "deleted_at is null",
    });
  }
  await createIndex(kit, {
    name: "jobs_trash",
    table: "jobs",
    columns: ["owner_id", "deleted_at", "id"],
    where: "deleted_at is not null",
  });
  await createIndex(kit, {
    name: "jobs_live",
    table: "jobs",
    columns: ["owner_id", "id"],
    where: "status not in ('completed', 'failed', 'cancelled')",
  });
}

async function createJobParts(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "job_assets",
    columns: { job_id: "text!", ord: "int!", asset_id: "text!", role: "text!", used: "flag!" },
    options: { primary: ["job_id", "ord"], belongs: { job_id: "jobs.id" } },
  });
  await createIndex(kit, { name: "job_assets_asset", table: "job_assets", columns: ["asset_id"] });
  await createTable(kit, {
    name: "job_outputs",
    columns: {
      id: "text!",
      job_id: "text!",
      run: "int!",
      ord: "int!",
      output_type: "text!",
      file_path: "text!",
      poster_path: "text",
      metadata_json: "json!",
      created_at: "int!",
    },
    options: { primary: ["id"], unique: [["job_id", "run", "ord"]], belongs: { job_id: "jobs.id" } },
  });
  await createIndex(kit, { name: "job_outputs_file", table: "job_outputs", columns: ["file_path"] });
  await createIndex(kit, { name: "job_outputs_poster", table: "job_outputs", columns: ["poster_path"] });
  await sql`create view job_events as
    select event.seq as id, event.actor_id as job_id, event.kind as event_type, event.message as message,
      event.body as payload_json, event.at as created_at
    from event where exists (select 1 from jobs where jobs.id = event.actor_id)`.execute(kit.on);
}

/**
 * Words of titles and prompts. `jobs.no` counts jobs in the order in which they came, so the index of words hands out
 * matches newest first and a page never has to sort all of them.
 */
async function createSearch(kit: Kit): Promise<void> {
  if (kit.dialect === "postgres") {
    await sql`create index jobs_words on jobs using gin (to_tsvector('simple', search))`.execute(kit.on);
    return;
  }
  // What never changes of a job stands beside its words, so that the index of words narrows by it too.
  const tags = "replace(new.owner_id, '-', '') || ' m' || new.mode || ' e' || new.engine";
  const insert = sql.raw(
    `insert into jobs_words (rowid, tags, words) values (new.no, ${tags}, new.search);`,
  );
  const remove = sql.raw("delete from jobs_words where rowid = old.no;");
  await sql`create virtual table jobs_words using fts5(tags, words, content='', contentless_delete=1,
    tokenize="unicode61 remove_diacritics 2", prefix='1 2 3')`.execute(kit.on);
  await sql`create trigger jobs_words_insert after insert on jobs begin ${insert} end`.execute(kit.on);
  await sql`create trigger jobs_words_delete after delete on jobs begin ${remove} end`.execute(kit.on);
  await sql`create trigger jobs_words_update after update of search on jobs begin ${remove} ${insert} end`
    .execute(kit.on);
}

async function createExtras(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "presets",
    columns: {
      id: "text!",
      owner_id: "text!",
      name: "text!",
      mode: "text!",
      submode: "text",
      settings_json: "json!",
      created_at: "int!",
      updated_at: "int!",
    },
    options: { primary: ["id"], unique: [["owner_id", "name"]], belongs: { owner_id: "users.id" } },
  });
  await createTable(kit, {
    name: "webhooks",
    columns: {
      id: "text!",
      owner_id: "text!",
      url: "text!",
      secret: "text!",
      events_json: "json!",
      enabled: "flag!",
      created_at: "int!",
      updated_at: "int!",
    },
    options: { primary: ["id"], belongs: { owner_id: "users.id" } },
  });
  await createIndex(kit, { name: "webhooks_owner", table: "webhooks", columns: ["owner_id"] });
  await createTable(kit, {
    name: "webhook_deliveries",
    columns: {
      id: "text!",
      webhook_id: "text!",
      event_seq: "int!",
      job_id: "text",
      run: "int",
      kind: "text!",
      body: "json!",
      status: "text!",
      attempts: "zero!",
      response_status: "int",
      error: "text",
      created_at: "int!",
      delivered_at: "int",
    },
    options: {
      primary: ["id"],
      unique: [["webhook_id", "event_seq"]],
      belongs: { webhook_id: "webhooks.id" },
    },
  });
}

async function createSettings(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "audit_log",
    columns: {
      seq: "seq",
      user_id: "text",
      action: "text!",
      subject: "text!",
      detail_json: "json!",
      address: "text",
      at: "int!",
    },
  });
  await createIndex(kit, { name: "audit_log_user", table: "audit_log", columns: ["user_id", "seq"] });
  await createTable(kit, {
    name: "system_config",
    columns: { key: "text!", value: "text", description: "text!", is_secret: "flag!", updated_at: "int!" },
    options: { primary: ["key"] },
  });
  await createTable(kit, {
    name: "idempotency",
    columns: {
      user_id: "text!",
      route: "text!",
      key: "text!",
      body_hash: "text!",
      status: "int!",
      response: "json!",
      created_at: "int!",
      expires_at: "int!",
    },
    options: { primary: ["user_id", "route", "key"] },
  });
  await createIndex(kit, { name: "idempotency_expires", table: "idempotency", columns: ["expires_at"] });
}
