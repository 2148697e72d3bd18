/** Render servers as operators change them: each change and its entry in the audit log are one transaction. */
import type { Kysely, Updateable } from "kysely";
import type { AuditFacts, By } from "@/core/audit.ts";
import { sameAddress, type Saved, type ServerSettings } from "@/core/servers.ts";
import type { BackendRow } from "@/core/store.ts";
import { writeAudit } from "./audit.ts";
import { encode } from "./codec.ts";
import type { Schema } from "./schema.ts";
import { readBackends, saveBackend } from "./store/slot_rows.ts";

/** Settings of a server; `url` and `slots` are also what the runtime goes by. */
export interface ServerChange extends Partial<Omit<ServerSettings, "rev">> {
  url?: string;
  slots?: number;
}

/** Inside the transaction of the change. */
export async function setServer(
  tx: Kysely<Schema>,
  id: string,
  change: Partial<ServerSettings>,
): Promise<void> {
  const { name, origin, auth, tags, gpu, vramGiven, costHour, slotsGiven, usualHeader, rev } = change;
  const values: Updateable<Schema["backend"]> = {
    name,
    origin,
    auth,
    tags: tags === undefined ? undefined : encode(tags),
    gpu,
    vram_given: vramGiven,
    cost_hour: costHour,
    usual_header: usualHeader === undefined ? undefined : Number(usualHeader),
    slots_given: slotsGiven,
    rev,
  };
  await tx.updateTable("backend").where("id", "=", id).set(values).execute();
}

/** Enters a server that a person named. */
export async function addServer(
  writer: Kysely<Schema>,
  { row, change }: { row: BackendRow; change: ServerChange },
  by: By,
): Promise<Saved> {
  return await writer.transaction().execute(async (tx) => {
    const twin = (await readBackends(tx)).find(({ url }) => sameAddress(url, row.url));
    if (twin) return { end: "taken", id: twin.id };
    await saveBackend(tx, row);
    await setServer(tx, row.id, { ...change, origin: "added" });
    const after = await readOne(tx, row.id);
    await writeAudit(tx, { action: "backend.add", subject: row.id, before: null, after: factsOf(after) }, by);
    return { end: "saved", id: row.id, rev: 1, headerGone: false };
  });
}

/**
 * Another address empties its memory of files, and waits until nothing runs at the old one. What was drained stays so, and
 * no header goes along: it was given for the old one.
 */
export async function editServer(
  writer: Kysely<Schema>,
  { id, rev, change, slots }: { id: string; rev: number; change: ServerChange; slots: number },
  by: By,
): Promise<Saved> {
  return await writer.transaction().execute(async (tx) => {
    const rows = await readBackends(tx);
    const row = rows.find((one) => one.id === id);
    if (!row) return { end: "missing" };
    if (row.rev !== rev) return { end: "changed" };
    const { url = row.url, slotsGiven = row.slotsGiven, vramGiven = row.vramGiven } = change;
    const isMoved = !sameAddress(url, row.url);
    if (isMoved && row.origin !== "added") return { end: "fixed", origin: row.origin ?? "config" };
    const twin = isMoved && rows.find((one) => sameAddress(one.url, url));
    if (twin) return { end: "taken", id: twin.id };
    const parts = isMoved ? await countParts(tx, id) : 0;
    if (parts > 0) return { end: "works", parts };
    const next = { ...row, slots: slotsGiven ?? slots };
    if (vramGiven !== row.vramGiven) next.vram = vramGiven ?? null;
    const status = row.status === "drain" ? "drain" : "down";
    const moved = { url, status, epoch: row.epoch + 1, loadedFamily: null, problem: null } as const;
    // What is known of the old one says nothing of this one.
    const free = { vramFree: null, ramFree: null };
    const unknown = { lastSeenAt: null, faring: null, version: null, device: null, ...free };
    await saveBackend(tx, isMoved ? { ...next, ...moved, ...unknown } : next);
    const auth = isMoved && change.auth === undefined ? null : change.auth;
    const usualHeader = isMoved ? false : undefined;
    await setServer(tx, id, { ...change, auth, usualHeader, rev: rev + 1 });
    const [before, after] = [factsOf(row), factsOf(await readOne(tx, id))];
    if (change.auth !== undefined && change.auth !== null && row.auth !== null && after) {
      after.header = "set anew";
    }
    await writeAudit(tx, { action: "backend.edit", subject: id, before, after }, by);
    const headerGone = isMoved && change.auth === undefined &&
      (row.auth !== null || row.usualHeader === true);
    return { end: "saved", id, rev: rev + 1, headerGone };
  });
}

/** Only what carries no work goes, and what the configuration does not bring back. */
export async function removeServer(
  writer: Kysely<Schema>,
  id: string,
  by: By,
): Promise<Extract<Saved, { end: "missing" | "works" | "fixed" }> | null> {
  return await writer.transaction().execute(async (tx) => {
    const row = await readOne(tx, id);
    if (!row) return { end: "missing" };
    const { origin = "config" } = row;
    if (origin !== "added" && origin !== "former") return { end: "fixed", origin };
    const parts = await countParts(tx, id);
    if (parts > 0) return { end: "works", parts };
    await tx.deleteFrom("backend_file").where("backend_id", "=", id).execute();
    await tx.deleteFrom("backend").where("id", "=", id).execute();
    await writeAudit(tx, { action: "backend.remove", subject: id, before: factsOf(row), after: null }, by);
    return null;
  });
}

async function readOne(tx: Kysely<Schema>, id: string): Promise<BackendRow | undefined> {
  return (await readBackends(tx)).find((row) => row.id === id);
}

/** Parts of films that it renders or that are being fetched from it; prompts on their way out, while it still answers. */
async function countParts(tx: Kysely<Schema>, id: string): Promise<number> {
  const count = await tx.selectFrom("step").where("backend_id", "=", id)
    .where("state", "in", ["granted", "running", "collecting"])
    .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  const row = await readOne(tx, id);
  const isSilent = row?.status === "down" || (row?.status === "drain" && row.problem !== null);
  if (isSilent) return Number(count.n);
  const stopping = await tx.selectFrom("slot").where("backend_id", "=", id).where("state", "=", "stopping")
    .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  return Number(count.n) + Number(stopping.n);
}

function factsOf(row: BackendRow | undefined): AuditFacts {
  if (!row) return null;
  const { url, name = null, slotsGiven = null, auth = null, tags = [], gpu = null } = row;
  const { vramGiven = null, costHour = null } = row;
  return {
    url,
    name,
    slots: slotsGiven,
    header: auth === null ? null : "set",
    tags: tags.join(", ") || null,
    gpu,
    vramBytes: vramGiven,
    costHour,
  };
}
