/** The configured render servers as rows, and one client for each in this process. */
import type { JobMessage } from "@/actors/job/messages.ts";
import { openComfy } from "@/adapters/comfy/client.ts";
import type { Secret } from "@/core/config.ts";
import type { Clock, Comfy, Hash, Ids, Log, Random } from "@/core/ports.ts";
import type { BackendRow, Store } from "@/core/store.ts";

export const DRAFT_ID = "draft";

export interface BackendSetup {
  id: string;
  url: string;
  engine: "draft" | "comfy";
}

/** A server keeps its id for as long as its address stays. */
export function backendSetups(urls: string[], draftUrl: string | null, hash: Hash): BackendSetup[] {
  const idOf = (url: string) => `comfy-${hash(new TextEncoder().encode(url)).slice(0, 8)}`;
  const real = urls.map((url): BackendSetup => ({ id: idOf(url), url, engine: "comfy" }));
  return draftUrl === null ? real : [...real, { id: DRAFT_ID, url: draftUrl, engine: "draft" }];
}

/** Brings the rows in line with the configuration: servers that are gone from it are drained, never deleted. */
export async function saveSetups(store: Store, setups: BackendSetup[], slots: number): Promise<void> {
  const lastSeenAt = await store.now();
  for (const setup of setups) {
    const known = await store.changeBackend(setup.id, (row) => {
      const moved = row.url !== setup.url;
      return {
        ...setup,
        slots,
        lastSeenAt,
        // A server that was never reached takes no work before its first answer: jobs then say that they wait.
        ...(moved ? { status: "down", epoch: row.epoch + 1 } : {}),
      };
    });
    if (!known) await store.saveBackend({ ...fresh(setup), slots, lastSeenAt });
  }
  for (const { id } of await store.backends()) {
    if (!setups.some((setup) => setup.id === id)) await store.changeBackend(id, () => ({ status: "drain" }));
  }
}

function fresh(setup: BackendSetup): BackendRow {
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
    tags: [],
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
  close(): Promise<void>;
}

/** One client per address; a server that moved gets a new one. */
export function openClients(
  parts: { clock: Clock; ids: Ids; random: Random; log: Log; authHeader: Secret | null; stuckMs: number },
): Clients {
  const clients = new Map<string, Comfy>();
  return {
    comfyFor({ id, url, epoch, engine }) {
      const key = `${id} ${url}`;
      const known = clients.get(key);
      if (known) return known;
      const { clock, ids, random, log, stuckMs } = parts;
      const authHeader = engine === "comfy" ? parts.authHeader : null;
      const made = openComfy({ id, url, epoch, authHeader, clock, ids, random, log, limits: { stuckMs } });
      clients.set(key, made);
      return made;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}
