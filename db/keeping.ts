/** What is older than the studio, or its project, keeps it: found, looked at, and let go. */
import { type Kysely, sql } from "kysely";
import { tellEvent } from "@/core/history.ts";
import {
  type Area,
  areasOf,
  type KeptProject,
  LATENT_ROLES,
  OwnRulesBody,
  PIECE_ROLES,
} from "@/core/keeping.ts";
import { type Gone, type KeepRules, KEPT_KINDS, type KeptKind, type OwnRules } from "@/core/kept_kinds.ts";
import { DAY_MS } from "@/core/quota.ts";
import { TakeWishes } from "@/core/request.ts";
import { TERMINAL } from "@/core/status.ts";
import { writeAudit } from "./audit.ts";
import { decode } from "./codec.ts";
import { IS_RESULT } from "./intermediates.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

/** Of one kind in one area what is older than `before`, and not so old that it goes as another kind. */
interface Wanted {
  kind: KeptKind;
  area: Area;
  days: number;
  before: number;
  since: number;
  now: number;
}

const STATUSES: Record<Exclude<KeptKind, "uploads">, readonly string[]> = {
  pieces: ["completed"],
  latents: ["completed"],
  failed: ["failed", "cancelled"],
  drafts: TERMINAL,
  films: ["completed"],
};
const PIECES: readonly KeptKind[] = ["pieces", "latents", "failed"];

export async function readOwnRules(on: Kysely<Schema>): Promise<Map<string, OwnRules>> {
  const rows = await on.selectFrom("projects").where("settings_json", "!=", "{}").select([
    "id",
    "settings_json",
  ])
    .orderBy("id").execute();
  return new Map(rows.flatMap(({ id, settings_json }) => {
    const own = keepOf(settings_json);
    return Object.keys(own).length > 0 ? [[id, own] as const] : [];
  }));
}

export function keepOf(settingsJson: string): OwnRules {
  return OwnRulesBody.catch({}).parse(decode<{ keep?: unknown }>(settingsJson).keep ?? {});
}

/** Those with rules of their own first, then the newest. */
export async function listKeptProjects(
  reader: Kysely<Schema>,
  { projectsMax = 200 }: { projectsMax?: number } = {},
): Promise<KeptProject[]> {
  const rows = await reader.selectFrom("projects").innerJoin("users", "users.id", "projects.owner_id")
    .select(["projects.id", "projects.name", "projects.settings_json", "users.email"])
    .orderBy(sql`projects.settings_json = '{}'`).orderBy("projects.created_at", "desc")
    .orderBy("projects.id").limit(projectsMax).execute();
  return rows.map(({ id, name, email, settings_json }) => ({
    id,
    name,
    owner: email,
    keep: keepOf(settings_json),
  }));
}

/** What would go now; nothing does. `youngerMs`: everything counts as so much younger. */
export async function lookAtKept(
  reader: Kysely<Schema>,
  { rules, youngerMs }: { rules: KeepRules; youngerMs: number },
): Promise<Gone[]> {
  const gone: Gone[] = [];
  for (const wanted of await listWanted(reader, { rules, youngerMs })) {
    const { things, files, bytes } = await measure(reader, wanted);
    gone.push({ kind: wanted.kind, things, files, bytes });
  }
  return sumUp(gone);
}

/** Lets go of at most `thingsMax` films and uploads, with one entry in the audit log; returns what went. */
export async function sweepKept(
  { writer, reader }: { writer: Kysely<Schema>; reader: Kysely<Schema> },
  { rules, youngerMs, thingsMax = 100 }: { rules: KeepRules; youngerMs: number; thingsMax?: number },
): Promise<Gone[]> {
  const found: { wanted: Wanted; ids: string[] }[] = [];
  let left = thingsMax;
  for (const wanted of await listWanted(reader, { rules, youngerMs })) {
    if (left <= 0) break;
    const ids = await list(reader, wanted, { limit: left });
    if (ids.length > 0) found.push({ wanted, ids });
    left -= ids.length;
  }
  if (found.length === 0) return [];
  return await writer.transaction().execute(async (tx) => {
    const gone: Gone[] = [];
    for (const { wanted, ids } of found) {
      // Since the look one may have been taken up again.
      const still = await list(tx, wanted, { limit: ids.length, among: ids });
      if (still.length > 0) gone.push(await letGo(tx, wanted, still));
    }
    const told = sumUp(gone);
    const facts = told.flatMap(({ kind, things, files, bytes }) => [
      [`${kind} things`, things],
      [`${kind} files`, files],
      [`${kind} bytes`, bytes],
    ]);
    if (told.length > 0) {
      const entry = { action: "storage.sweep", subject: "", before: null } as const;
      await writeAudit(tx, { ...entry, after: Object.fromEntries(facts) }, null);
    }
    return told;
  });
}

async function listWanted(
  on: Kysely<Schema>,
  { rules, youngerMs }: { rules: KeepRules; youngerMs: number },
): Promise<Wanted[]> {
  const now = await readClock(on);
  const ago = (days: number) => now - youngerMs - days * DAY_MS;
  const areas = areasOf(rules, await readOwnRules(on));
  return KEPT_KINDS.flatMap((kind) =>
    areas.flatMap((area) => {
      const days = area.rules[kind];
      // Latents are pieces too.
      const since = kind === "latents" && area.rules.pieces > 0 ? ago(area.rules.pieces) : 0;
      return days > 0 ? [{ kind, area, days, before: ago(days), since, now }] : [];
    })
  );
}

function sumUp(gone: Gone[]): Gone[] {
  const sums = new Map<KeptKind, Gone>();
  for (const { kind, things, files, bytes } of gone) {
    const sum = sums.get(kind) ?? { kind, things: 0, files: 0, bytes: 0 };
    sums.set(kind, {
      kind,
      things: sum.things + things,
      files: sum.files + files,
      bytes: sum.bytes + bytes,
    });
  }
  return [...sums.values()].filter(({ things }) => things > 0);
}

interface Some {
  limit: number;
  among?: string[];
}

/** Ids of films, or of uploads. */
async function list(on: Kysely<Schema>, wanted: Wanted, { limit, among }: Some): Promise<string[]> {
  const found = wanted.kind === "uploads"
    ? await uploads(on, wanted, among).select("id").orderBy("id").limit(limit).execute()
    : await films(on, wanted, among).select("id").orderBy("id").limit(limit).execute();
  return found.map(({ id }) => id);
}

function films(on: Kysely<Schema>, wanted: Wanted, among?: string[]) {
  const { kind, before, since, now, area } = wanted;
  const statuses = kind === "uploads" ? [] : STATUSES[kind];
  const query = on.selectFrom("jobs").where("deleted_at", "is", null).where("status", "in", [...statuses])
    .where("ended_at", "<", before).where("ended_at", ">=", since).where(isIn(area))
    .$if(among !== undefined, (some) => some.where("id", "in", among ?? []));
  if (PIECES.includes(kind)) {
    return query.where((eb) =>
      eb.exists(pieces(on, wanted).where(sql<boolean>`output.actor_id = jobs.id`).select("effect_id"))
    );
  }
  return query.where("engine", kind === "drafts" ? "=" : "!=", "draft").where("mark", "!=", 1)
    .where("updated_at", "<", before).where(sql<boolean>`not exists (select 1 from shares
      where shares.job_id = jobs.id and shares.revoked_at is null and shares.expires_at > ${now})`);
}

/** Whoever took something back from the trash, or changed it, wants it. */
function uploads(on: Kysely<Schema>, { before, area }: Wanted, among?: string[]) {
  return on.selectFrom("assets").where("deleted_at", "is", null).where("updated_at", "<", before)
    .where("mark", "!=", 1).where(isIn(area))
    .where(sql<boolean>`not exists (select 1 from job_assets where job_assets.asset_id = assets.id)`)
    .$if(among !== undefined, (some) => some.where("id", "in", among ?? []));
}

function isIn({ in: area }: Area) {
  if ("projectId" in area) return sql<boolean>`project_id = ${area.projectId}`;
  return area.besides.length === 0
    ? sql<boolean>`1 = 1`
    : sql<boolean>`(project_id is null or project_id not in (${sql.join(area.besides)}))`;
}

/** Rows of files that a kind lets go of: never those that are shown as a result. */
function pieces(on: Kysely<Schema>, { kind }: Wanted) {
  return on.selectFrom("output").where("output.role", "in", kind === "latents" ? LATENT_ROLES : PIECE_ROLES)
    .where(sql<boolean>`not ${IS_RESULT}`);
}

/** The same content once. */
async function measure(
  on: Kysely<Schema>,
  wanted: Wanted,
  among?: string[],
): Promise<Pick<Gone, "things" | "files" | "bytes">> {
  const { kind } = wanted;
  if (kind === "uploads") {
    const row = await uploads(on, wanted, among).select((eb) => [
      eb.fn.countAll<number>().as("things"),
      eb.fn.count<number>("sha256").distinct().as("files"),
      eb.fn.sum<number>("size_bytes").as("bytes"),
    ]).executeTakeFirstOrThrow();
    return { things: Number(row.things), files: Number(row.files), bytes: Number(row.bytes ?? 0) };
  }
  const chosen = films(on, wanted, among);
  const things = await chosen.select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  const rows = PIECES.includes(kind)
    ? pieces(on, wanted)
    : on.selectFrom("output").where(sql<boolean>`${IS_RESULT}`);
  const sums = await on.selectFrom(
    rows.where("output.actor_id", "in", chosen.select("id"))
      .select((eb) => ["output.sha256", eb.fn.max("output.bytes").as("bytes")]).groupBy("output.sha256").as(
        "files",
      ),
  ).select((eb) => [eb.fn.countAll<number>().as("files"), eb.fn.sum<number>("bytes").as("bytes")])
    .executeTakeFirstOrThrow();
  return { things: Number(things.n), files: Number(sums.files), bytes: Number(sums.bytes ?? 0) };
}

async function letGo(tx: Kysely<Schema>, wanted: Wanted, ids: string[]): Promise<Gone> {
  const { kind, now } = wanted;
  const gone = { kind, ...await measure(tx, wanted, ids) };
  if (PIECES.includes(kind)) {
    for (const id of ids) await dropPieces(tx, wanted, id);
    return gone;
  }
  const table = kind === "uploads" ? "assets" : "jobs";
  await tx.updateTable(table).where("id", "in", ids).set({ deleted_at: now, updated_at: now }).execute();
  return gone;
}

/** The rows of its pieces go, the files with the next look for what nobody names; its history says what and when. */
async function dropPieces(tx: Kysely<Schema>, wanted: Wanted, jobId: string): Promise<void> {
  const { kind, days, now } = wanted;
  const { files, bytes } = await measure(tx, wanted, [jobId]);
  const roles = kind === "latents" ? LATENT_ROLES : PIECE_ROLES;
  await tx.deleteFrom("output").where("actor_id", "=", jobId).where("role", "in", roles)
    .where(sql<boolean>`not ${IS_RESULT}`).execute();
  if (kind === "pieces") await endKeeping(tx, jobId);
  const actor = await tx.updateTable("actor").where("id", "=", jobId).set(({ eb }) => ({
    ver: eb("ver", "+", 1),
  })).returning(["ver", "user_id"]).executeTakeFirstOrThrow();
  const seconds = await secondsOf(tx, jobId);
  const stays = kind === "failed" ? "retry" as const : "film" as const;
  const told = tellEvent("pieces.dropped", { days, files, bytes, seconds, roles, stays });
  const row = { actor_id: jobId, ver: actor.ver, user_id: actor.user_id, at: now };
  await tx.insertInto("event")
    .values({ ...row, kind: told.kind, message: told.message, body: JSON.stringify(told.body) }).execute();
}

/** From now on it is a take such as was asked not to keep its pieces. */
async function endKeeping(tx: Kysely<Schema>, jobId: string): Promise<void> {
  const { mode, settings_json } = await tx.selectFrom("jobs").where("id", "=", jobId)
    .select(["mode", "settings_json"]).executeTakeFirstOrThrow();
  if (mode !== "take") return;
  const settings = JSON.parse(settings_json);
  const take = { ...TakeWishes.parse(settings.take ?? {}), keep: false };
  await tx.updateTable("jobs").where("id", "=", jobId)
    .set({ settings_json: JSON.stringify({ ...settings, take }) }).execute();
}

/** What servers took for the parts of a film as it is. */
async function secondsOf(tx: Kysely<Schema>, jobId: string): Promise<number> {
  const row = await tx.selectFrom("step").where("job_id", "=", jobId).where("kind", "=", "prompt")
    .where("state", "=", "done").where("chosen", "=", 1)
    .select(sql<number | null>`sum(ended_at - started_at)`.as("ms")).executeTakeFirst();
  return Math.max(0, Math.round(Number(row?.ms ?? 0) / 1000));
}
