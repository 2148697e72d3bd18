/** The configured render servers as rows, and one client for each in this process. */
import type { JobMessage } from "@/actors/job/messages.ts";
import { openComfy } from "@/adapters/comfy/client.ts";
import type { CountingComfy } from "@/adapters/comfy/memory.ts";
import type { Vault } from "@/adapters/auth/vault.ts";
import { Secret } from "@/core/config.ts";
import type { Clock, Comfy, Hash, Ids, Log, Random } from "@/core/ports.ts";
import { type Origin, sameAddress } from "@/core/servers.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Schema } from "@/db/schema.ts";
import { setServer } from "@/db/servers.ts";
import { readClock } from "@/db/statements.ts";
import { readBackends, saveBackend } from "@/db/store/slot_rows.ts";
import type { Kysely } from "kysely";

export const DRAFT_ID = "draft";

export interface BackendSetup {
  id: string;
  url: string;
  engine: "draft" | "comfy";
}

/** A server keeps its id for as long as its address stays; named twice, however it is written, it is one. */
export function backendSetups(urls: string[], draftUrl: string | null, hash: Hash): BackendSetup[] {
  const idOf = (url: string) => `comfy-${hash(new TextEncoder().encode(url)).slice(0, 8)}`;
  const real = urls.filter((url, at) => urls.findIndex((one) => sameAddress(one, url)) === at)
    .map((url): BackendSetup => ({ id: idOf(url), url, engine: "comfy" }));
  return draftUrl === null ? real : [...real, { id: DRAFT_ID, url: draftUrl, engine: "draft" }];
}

/**
 * Brings the rows in line with the configuration. What operators set wins over it; a server that is gone from it is
 * drained, never deleted; one of the same address that was added while the studio ran stays the one that it is.
 */
export async function saveSetups(db: Kysely<Schema>, setups: BackendSetup[], slots: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const now = await readClock(tx);
    // Silence counts from here; who never answered was never seen.
    const seen = (row: BackendRow | undefined) => row?.lastSeenAt == null ? null : now;
    const rows = await readBackends(tx);
    const kept = new Set<string>();
    for (const setup of setups) {
      const origin: Origin = setup.engine === "draft" ? "draft" : "config";
      const known = rows.find(({ id }) => id === setup.id) ??
        rows.find((row) => row.engine === setup.engine && sameAddress(row.url, setup.url));
      const id = known?.id ?? setup.id;
      kept.add(id);
      const row = rowFor({ ...setup, id }, known);
      await saveBackend(tx, { ...row, slots: known?.slotsGiven ?? slots, lastSeenAt: seen(known) });
      const usualHeader = setup.engine === "comfy";
      await setServer(tx, id, known?.origin === "added" ? { usualHeader } : { origin, usualHeader });
    }
    for (const row of rows) {
      if (kept.has(row.id)) continue;
      if (row.origin === "added") {
        await saveBackend(tx, { ...row, slots: row.slotsGiven ?? slots, lastSeenAt: seen(row) });
        continue;
      }
      await saveBackend(tx, { ...row, status: "drain" });
      await setServer(tx, row.id, { origin: "former" });
    }
  });
}

/** A server that was never reached takes no work before its first answer: jobs then say that they wait. */
function rowFor(setup: BackendSetup, known: BackendRow | undefined): BackendRow {
  if (known === undefined) return fresh(setup);
  if (known.origin === "added") return known;
  const hasMoved = !sameAddress(known.url, setup.url);
  const isBack = known.origin === "former" || hasMoved;
  const epoch = hasMoved ? known.epoch + 1 : known.epoch;
  return { ...known, ...setup, epoch, status: isBack ? "down" : known.status };
}

export function fresh(setup: BackendSetup): BackendRow {
  return {
    ...setup,
    slots: 1,
    status: "down",
    epoch: 1,
    lastSeenAt: null,
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
  };
}

/**
 * Our own draft renderer ended with the studio, so what it held is gone: those steps wait for a slot again, which is no
 * failure of theirs.
 */
export async function requeueDrafts(store: Store): Promise<void> {
  for (const slot of await store.slots()) {
    if (slot.backendId !== DRAFT_ID || slot.state !== "held") continue;
    const row = (await store.steps(slot.jobId)).find((row) => row.promptId === slot.promptId);
    if (!row) continue;
    const body: JobMessage = {
      type: "prompt.unreachable",
      step: row.id,
      take: row.take,
      attempt: row.attempt,
      promptId: slot.promptId,
    };
    await store.post([{ id: `gone:${slot.promptId}`, to: slot.jobId, kind: body.type, body }]);
  }
}

export interface Clients {
  comfyFor(backend: BackendRow): Comfy;
  /**
   * A client for an address that is perhaps no server of ours, with this header and no other; whoever asks for it closes
   * it. Throws studio.config.
   */
  tryAt(of: Pick<BackendSetup, "url" | "engine">, header: Secret | null): Comfy;
  /** Closes the clients of all other servers: those are gone. */
  keepOnly(ids: string[]): Promise<void>;
  close(): Promise<void>;
}

export interface ClientParts {
  clock: Clock;
  ids: Ids;
  random: Random;
  log: Log;
  /** Of the configuration, for servers of the configuration that have none of their own. */
  authHeader(): Secret | null;
  vault: Vault;
  stuckMs: number;
  /** The log strikes out whatever is in here; what a header says is added. */
  secrets: Secret[];
}

/** One client per address and header; a server that moved gets a new one, and the former is closed. */
export function openClients({ authHeader, vault, stuckMs, secrets, ...parts }: ClientParts): Clients {
  const clients = new Map<string, { key: string; usual: Secret | null; client: CountingComfy }>();
  /** A server of the studio's own gets no header. */
  const open = (of: Pick<BackendRow, "id" | "url" | "epoch" | "engine">, given: Secret | null) => {
    const { id, url, epoch, engine } = of;
    const header = engine === "draft" ? null : given;
    if (header !== null) hideHeader(header, secrets);
    return openComfy({ ...parts, id, url, epoch, authHeader: header, limits: { stuckMs } });
  };
  return {
    comfyFor(row) {
      const { id, url, epoch, engine, auth = null } = row;
      const key = `${url} ${auth ?? ""}`;
      const usual = row.usualHeader === true ? authHeader() : null;
      const known = clients.get(id);
      if (known?.key === key && (auth !== null || known.usual === usual)) {
        known.client.catchUp(epoch);
        return known.client;
      }
      const header = headerOf(row, { vault, usual });
      const client = open({ id, url, epoch, engine }, header);
      clients.set(id, { key, usual, client });
      void known?.client.close();
      return client;
    },
    tryAt: (of, header) => open({ ...of, id: "tried", epoch: 1 }, header),
    async keepOnly(ids) {
      const gone = [...clients].filter(([id]) => !ids.includes(id));
      for (const [id] of gone) clients.delete(id);
      await Promise.all(gone.map(([, { client }]) => client.close()));
    },
    async close() {
      await Promise.all([...clients.values()].map(({ client }) => client.close()));
    },
  };
}

/** Its own, or the usual one where that may go there; one that was sealed with another key is none. */
export function headerOf(
  { auth = null, usualHeader = false }: Pick<BackendRow, "auth" | "usualHeader">,
  { vault, usual }: { vault: Vault; usual: Secret | null },
): Secret | null {
  const own = auth === null ? null : vault.open(auth);
  if (own !== null) return new Secret(own);
  return usualHeader ? usual : null;
}

/** What is secret of `Name: Bearer value`, which is logged, if ever, without its name. */
function hideHeader(header: Secret, secrets: Secret[]): void {
  const value = header.reveal().replace(/^[^:]*:\s*(?:(?:basic|bearer|token)\s+)?/i, "");
  if (!secrets.some((one) => one.reveal() === value)) secrets.push(new Secret(value));
}
