/** What the actor runtime stores: actors, plans, steps, mail, events, effects, backends and their slots. */
import { createIndex, createTable, type Kit, type Migration } from "./kit.ts";

export const runtime: Migration = {
  name: "0001_runtime",
  async up(kit) {
    await createActors(kit);
    await createSteps(kit);
    await createMail(kit);
    await createEvents(kit);
    await createEffects(kit);
    await createBackends(kit);
  },
};

async function createActors(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "actor",
    columns: {
      id: "text!",
      kind: "text!",
      user_id: "text!",
      state: "json!",
      ver: "zero!",
      priority: "zero!",
      created_at: "int!",
      updated_at: "int!",
    },
    options: { primary: ["id"] },
  });
  await createTable(kit, {
    name: "plan",
    columns: { job_id: "text!", rev: "int!", json: "json!", created_at: "int!" },
    options: { primary: ["job_id", "rev"] },
  });
}

async function createSteps(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "step",
    columns: {
      job_id: "text!",
      id: "text!",
      take: "int!",
      user_id: "text!",
      ord: "zero!",
      kind: "text!",
      engine: "text!",
      family: "text!",
      template: "text!",
      weight: "real!",
      chosen: "flag!",
      stale: "flag!",
      state: "text!",
      attempt: "zero!",
      run: "int!",
      failures: "zero!",
      losses: "zero!",
      digest: "text",
      rev: "int!",
      uses: "json!",
      outputs: "json!",
      problem: "json",
      prompt_id: "text",
      backend_id: "text",
      started_at: "int",
      ended_at: "int",
      priority: "zero!",
      ready_at: "int",
      near: "text",
    },
    options: { primary: ["job_id", "id", "take"] },
  });
  await createIndex(kit, {
    name: "step_chosen",
    table: "step",
    columns: ["job_id", "id"],
    unique: true,
    where: "chosen = 1",
  });
  await createIndex(kit, {
    name: "step_active",
    table: "step",
    columns: ["job_id"],
    where: "state in ('ready', 'granted', 'running', 'collecting', 'waiting_for_person')",
  });
  await createIndex(kit, {
    name: "step_lane",
    table: "step",
    columns: ["user_id", "engine", "family", "priority desc", "ready_at", "job_id", "id"],
    where: "state = 'ready' and kind = 'prompt'",
  });
  await createIndex(kit, {
    name: "step_digest",
    table: "step",
    columns: ["user_id", "digest"],
    where: "state = 'done' and digest is not null",
  });
}

async function createMail(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "mail",
    columns: {
      seq: "seq",
      msg_id: "text!",
      actor_id: "text!",
      kind: "text!",
      body: "json!",
      due_at: "int!",
      attempts: "zero!",
      trace: "text",
      error: "text",
      created_at: "int!",
      done_at: "int",
    },
    options: { unique: [["msg_id"]] },
  });
  await createIndex(kit, {
    name: "mail_open",
    table: "mail",
    columns: ["due_at", "actor_id"],
    where: "done_at is null",
  });
  await createIndex(kit, {
    name: "mail_actor",
    table: "mail",
    columns: ["actor_id", "seq"],
    where: "done_at is null",
  });
  await createIndex(kit, {
    name: "mail_done",
    table: "mail",
    columns: ["done_at"],
    where: "done_at is not null",
  });
}

async function createEvents(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "event",
    columns: {
      seq: "seq",
      actor_id: "text!",
      ver: "int!",
      user_id: "text!",
      kind: "text!",
      message: "text!",
      body: "json!",
      at: "int!",
    },
    options: { unique: [["actor_id", "ver"]] },
  });
  await createIndex(kit, { name: "event_user", table: "event", columns: ["user_id", "seq"] });
  await createTable(kit, {
    name: "deadletter",
    columns: {
      msg_id: "text!",
      actor_id: "text!",
      kind: "text!",
      body: "json!",
      error: "text!",
      attempts: "zero!",
      at: "int!",
    },
    options: { primary: ["msg_id"] },
  });
  await createIndex(kit, { name: "deadletter_at", table: "deadletter", columns: ["at", "msg_id"] });
  // Remembers what was pruned, so that a reader that asks for older events is told to start over.
  await createTable(kit, {
    name: "mark",
    columns: { name: "text!", value: "int!" },
    options: { primary: ["name"] },
  });
}

async function createEffects(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "effect",
    columns: {
      id: "text!",
      actor_id: "text!",
      user_id: "text!",
      kind: "text!",
      lane: "text!",
      req: "json!",
      status: "text!",
      owner: "text",
      token: "zero!",
      tries: "zero!",
      note: "text",
      lease_until: "zero!",
      next_at: "int!",
      result: "json",
      created_at: "int!",
      done_at: "int",
    },
    options: { primary: ["id"] },
  });
  // `next_at` is moved to the end of the lease by a claim, so that leased rows never stand in the way of a search.
  await createIndex(kit, {
    name: "effect_open",
    table: "effect",
    columns: ["lane", "next_at"],
    where: "status = 'open'",
  });
  await createIndex(kit, {
    name: "effect_due",
    table: "effect",
    columns: ["next_at"],
    where: "status = 'open'",
  });
  await createIndex(kit, {
    name: "effect_owner",
    table: "effect",
    columns: ["owner"],
    where: "status = 'open' and owner is not null",
  });
  await createIndex(kit, {
    name: "effect_done",
    table: "effect",
    columns: ["done_at"],
    where: "done_at is not null",
  });
  await createIndex(kit, { name: "effect_actor", table: "effect", columns: ["actor_id"] });
  await createTable(kit, {
    name: "output",
    columns: {
      effect_id: "text!",
      node: "text!",
      ord: "int!",
      actor_id: "text!",
      token: "int!",
      sha256: "text!",
      ext: "text!",
      bytes: "int!",
      role: "text!",
      created_at: "int!",
    },
    options: { primary: ["effect_id", "node", "ord"] },
  });
  await createIndex(kit, { name: "output_actor", table: "output", columns: ["actor_id"] });
  await createIndex(kit, { name: "output_file", table: "output", columns: ["sha256"] });
}

async function createBackends(kit: Kit): Promise<void> {
  await createTable(kit, {
    name: "backend",
    columns: {
      id: "text!",
      url: "text!",
      engine: "text!",
      slots: "int!",
      status: "text!",
      epoch: "zero!",
      last_seen_at: "int",
      loaded_family: "text",
      vram: "int",
      version: "text",
      problem: "text",
    },
    options: { primary: ["id"] },
  });
  await createTable(kit, {
    name: "slot",
    columns: {
      backend_id: "text!",
      n: "int!",
      job_id: "text!",
      step_id: "text!",
      prompt_id: "text!",
      family: "text!",
      state: "text!",
      since: "int!",
    },
    options: { primary: ["backend_id", "n"], unique: [["prompt_id"]] },
  });
  // Only held slots count: a step that moved away from a silent backend may not wait for the slot it left there.
  await createIndex(kit, {
    name: "slot_step",
    table: "slot",
    columns: ["job_id", "step_id"],
    unique: true,
    where: "state = 'held'",
  });
  await createTable(kit, {
    name: "backend_file",
    columns: { backend_id: "text!", epoch: "int!", sha256: "text!", ref: "text!" },
    options: { primary: ["backend_id", "epoch", "sha256"] },
  });
  await createTable(kit, {
    name: "quota",
    columns: {
      user_id: "text!",
      max_running: "int",
      max_queued: "int",
      weight: "real",
      served: "real",
      served_at: "int",
    },
    options: { primary: ["user_id"] },
  });
}
