/** Accounts: who someone is. Secrets come in hashed. */
import { type Kysely, type Selectable, sql, type SqlBool } from "kysely";
import {
  type Change,
  DEFAULTS,
  type Defaults,
  type Entrance,
  type Member,
  type MemberChange,
  type Role,
} from "@/core/account.ts";
import type { Doer } from "@/core/audit.ts";
import type { OwnLimits } from "@/core/quota.ts";
import { writeAudit } from "./audit.ts";
import { decode, encode } from "./codec.ts";
import { useInvitation } from "./invitations.ts";
import { prepared } from "./prepared.ts";
import { isLive } from "./queries/conditions.ts";
import { ownLimitsOf, readOwnLimits } from "./queries/use.ts";
import type { Schema, UsersTable } from "./schema.ts";
import { readClock } from "./statements.ts";

export interface User {
  id: string;
  email: string;
  role: Role;
  disabledAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export type Entered = "created" | "email_taken" | "not_first" | "invitation_gone";

/**
 * Makes an account; the first one of a studio becomes its operator whatever `role` says. Addresses differ in more than
 * case. An invitation is used up in the same transaction.
 */
export async function createUser(
  writer: Kysely<Schema>,
  { id, email, passwordHash, role = "creator" }: {
    id: string;
    email: string;
    passwordHash: string;
    role?: Role;
  },
  as: Entrance = "later",
): Promise<Entered> {
  return await writer.transaction().execute(async (tx) => {
    const anybody = await tx.selectFrom("users").select("id").limit(1).executeTakeFirst();
    if (as === "first" && anybody) return "not_first";
    if (await findByEmail(tx, email)) return "email_taken";
    const at = await readClock(tx);
    if (typeof as === "object" && !await useInvitation(tx, { tokenHash: as.invitation, usedBy: id, at })) {
      return "invitation_gone";
    }
    await tx.insertInto("users").values({
      id,
      email: foldEmail(email),
      password_hash: passwordHash,
      role: anybody ? role : "operator",
      disabled_at: null,
      created_at: at,
      updated_at: at,
    }).execute();
    return "created";
  });
}

/** An account with its password hash. */
export interface Login {
  user: User;
  passwordHash: string;
}

/** For signing in: the account of an address. */
export async function findLogin(on: Kysely<Schema>, email: string): Promise<Login | null> {
  const row = await findByEmail(on, email);
  return row ? { user: toUser(row), passwordHash: row.password_hash } : null;
}

export async function readLogin(on: Kysely<Schema>, id: string): Promise<Login | null> {
  const [row] = await selectUser(on, { id });
  return row ? { user: toUser(row), passwordHash: row.password_hash } : null;
}

const selectUser = prepared((on, at) => on.selectFrom("users").where("id", "=", at("id")).selectAll());

function findByEmail(on: Kysely<Schema>, email: string) {
  return on.selectFrom("users").where((eb) => eb(eb.fn("lower", ["email"]), "=", foldEmail(email)))
    .selectAll().executeTakeFirst();
}

/** SQLite folds the case of ASCII letters alone, so addresses are folded before they are stored. */
function foldEmail(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

/** For operators: everybody who is not leaving, oldest first, with what may be known of them. */
export async function listMembers(on: Kysely<Schema>): Promise<Member[]> {
  const rows = await on.selectFrom("users").where(isStaying())
    .selectAll("users")
    .select((eb) => [
      eb.selectFrom("sessions").whereRef("sessions.user_id", "=", "users.id")
        .select((of) => of.fn.max("seen_at").as("seen")).as("seen_at"),
      eb.selectFrom("jobs").whereRef("jobs.owner_id", "=", "users.id").where("jobs.deleted_at", "is", null)
        .select((of) => of.fn.countAll<number>().as("n")).as("jobs"),
      eb.selectFrom("jobs").whereRef("jobs.owner_id", "=", "users.id").where("jobs.deleted_at", "is", null)
        .where(isLive("jobs.status")).select((of) => of.fn.countAll<number>().as("n")).as("open"),
      eb.selectFrom("slot").whereRef("slot.user_id", "=", "users.id").where("slot.state", "=", "held")
        .select((of) => of.fn.count<number>("slot.job_id").distinct().as("n")).as("running"),
    ])
    .leftJoin("quota", "quota.user_id", "users.id")
    .select(["max_queued", "max_running", "gpu_minutes", "disk_bytes", "weight"])
    .orderBy("created_at").orderBy("id").execute();
  return rows.map((row) => ({
    ...toUser(row),
    seenAt: row.seen_at,
    jobs: Number(row.jobs ?? 0),
    open: Number(row.open ?? 0),
    running: Number(row.running ?? 0),
    rev: row.rev,
    ...ownLimitsOf(row),
  }));
}

function isStaying() {
  return sql<SqlBool>`not exists (select 1 from departures where departures.user_id = users.id)`;
}

/** Whether somebody else could still operate the studio. */
export async function hasOtherOperator(on: Kysely<Schema>, id: string): Promise<boolean> {
  const other = await on.selectFrom("users").where("id", "!=", id).where("role", "=", "operator")
    .where("disabled_at", "is", null).select("id").limit(1).executeTakeFirst();
  return other !== undefined;
}

/** Changes an account; who is disabled or has a new password is signed out everywhere. One operator always stays. */
export async function changeUser(
  writer: Kysely<Schema>,
  id: string,
  change: MemberChange & { passwordHash?: string },
  by?: Doer,
): Promise<Change> {
  return await writer.transaction().execute(async (tx) => {
    const user = await tx.selectFrom("users").where("id", "=", id).where(isStaying())
      .select(["role", "disabled_at", "rev"]).executeTakeFirst();
    if (!user) return "missing";
    if (change.rev !== undefined && change.rev !== user.rev) return "stale";
    const operates = user.role === "operator" && user.disabled_at === null;
    const stops = change.role === "creator" || change.disabled === true;
    if (operates && stops && !await hasOtherOperator(tx, id)) return "last_operator";
    const at = await readClock(tx);
    await tx.updateTable("users").where("id", "=", id).set({
      updated_at: at,
      ...(by ? { rev: user.rev + 1 } : {}),
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
      ...(change.disabled === undefined ? {} : { disabled_at: change.disabled ? at : null }),
    }).execute();
    if (change.disabled || change.passwordHash !== undefined) {
      await tx.deleteFrom("sessions").where("user_id", "=", id).execute();
    }
    const limits = await readOwnLimits(tx, id);
    await saveLimits(tx, id, change);
    if (by) {
      const before = { role: user.role, disabled: user.disabled_at !== null, ...limits };
      const { passwordHash: _, rev: _rev, ...told } = change;
      const after = { ...before, ...told };
      await writeAudit(tx, { action: "person.change", subject: id, before, after }, by);
    }
    return "changed";
  });
}

/** What is not named stays as it is. */
async function saveLimits(tx: Kysely<Schema>, userId: string, own: Partial<OwnLimits>): Promise<void> {
  const { jobsMax, runningMax, gpuMinutesMax, diskGbMax, weight } = own;
  const set = {
    ...(jobsMax === undefined ? {} : { max_queued: jobsMax }),
    ...(runningMax === undefined ? {} : { max_running: runningMax }),
    ...(gpuMinutesMax === undefined ? {} : { gpu_minutes: gpuMinutesMax }),
    ...(weight === undefined ? {} : { weight }),
    ...(diskGbMax === undefined
      ? {}
      : { disk_bytes: diskGbMax === null ? null : Math.round(diskGbMax * 1e9) }),
  };
  if (Object.keys(set).length === 0) return;
  await tx.insertInto("quota").values({ user_id: userId, ...set })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(set)).execute();
}

/** Null until the person saved some. */
export async function readDefaults(on: Kysely<Schema>, userId: string): Promise<Defaults | null> {
  const [row] = await selectDefaults(on, { userId });
  return row ? { ...DEFAULTS, ...decode<Partial<Defaults>>(row.settings_json) } : null;
}

const selectDefaults = prepared((on, at) =>
  on.selectFrom("account_defaults").where("user_id", "=", at("userId")).select("settings_json")
);

export async function saveDefaults(
  writer: Kysely<Schema>,
  userId: string,
  defaults: Defaults,
): Promise<void> {
  const set = { settings_json: encode(defaults), updated_at: await readClock(writer) };
  await writer.insertInto("account_defaults").values({ user_id: userId, ...set })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(set)).execute();
}

function toUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    email: row.email,
    role: row.role === "operator" ? "operator" : "creator",
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
