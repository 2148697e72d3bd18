/** What operators do to a simulated studio: the production code behind their pages, over the simulated database. */
import { makeVault } from "@/adapters/auth/vault.ts";
import type { MemberChange } from "@/core/account.ts";
import type { AuditRecord, By } from "@/core/audit.ts";
import { Secret } from "@/core/config.ts";
import type { Clock } from "@/core/ports.ts";
import type { LiveRequest } from "@/core/admin.ts";
import type { Saved, ServerWish } from "@/core/servers.ts";
import type { BackendRow, NewJob, Store } from "@/core/store.ts";
import { changeUser, createUser } from "@/db/accounts.ts";
import { listAudit } from "@/db/audit.ts";
import { setBackend } from "@/db/operate.ts";
import type { Database } from "@/db/sqlite.ts";
import { openQueueFile } from "@/studio/door/queue_file.ts";
import { openServers } from "@/studio/door/servers.ts";
import { openUpkeep } from "@/studio/door/upkeep.ts";
import type { Ground } from "./studio.ts";

export const BY: By = { userId: "ops", tokenId: null, address: "10.0.0.1" };
export const PEOPLE = ["ann", "ben"];
export const QUEUED_MAX = 6;

export interface Desk {
  backends(): Promise<BackendRow[]>;
  add(wish: ServerWish & { url: string }): Promise<Saved>;
  edit(id: string, wish: ServerWish & { rev: number }): Promise<Saved>;
  /** Null when it is gone. */
  remove(id: string): Promise<{ end: string } | null>;
  set(id: string, status: "up" | "drain"): Promise<boolean>;
  beginUpkeep(note: string): Promise<void>;
  endUpkeep(): Promise<boolean>;
  change(person: string, change: MemberChange): Promise<string>;
  exported(): Promise<LiveRequest[]>;
  /** Those that are known already are left out. Throws job.queue_full. */
  imported(jobs: NewJob[]): Promise<NewJob[]>;
  audit(): Promise<AuditRecord[]>;
}

export interface DeskParts {
  ground: Ground;
  db: Database;
  store: Pick<Store, "backends">;
  clock: Clock;
  slots: number;
  /** Told of servers that changed, as one process of the studio is. */
  onChange(): Promise<void>;
}

export async function seatPeople({ writer }: Database): Promise<void> {
  for (const id of ["ops", ...PEOPLE]) {
    await createUser(writer, { id, email: `${id}@studio.test`, passwordHash: "none" });
  }
}

export function openDesk({ ground, db, store, clock, slots, onChange }: DeskParts): Desk {
  const { writer, reader } = db;
  let count = 0;
  const uuid = () => `${String(++count).padStart(8, "0")}-0000`;
  const servers = openServers({
    db,
    store,
    ids: { uuid4: uuid, uuid7: uuid, token: uuid },
    vault: makeVault(new Secret("simulated"), "servers"),
    templates: [],
    clients: {
      tryAt: () => {
        throw new Error("nothing is tried in a simulated studio");
      },
    },
    shelf: { lacksIn: () => [] },
    slots,
    usualHeader: () => null,
    onChange,
  });
  const upkeep = openUpkeep({ writer, reader, clock });
  const file = openQueueFile({ writer, reader, config: { JOBS_QUEUED_MAX: QUEUED_MAX }, hint() {} });
  const desk: Desk = {
    backends: () => store.backends(),
    add: (wish) => servers.add(wish, { untested: true }, BY),
    edit: (id, wish) => servers.edit(id, wish, BY),
    remove: (id) => servers.remove(id, BY),
    async set(id, status) {
      const found = await setBackend(writer, { id, status }, BY);
      await onChange();
      return found;
    },
    beginUpkeep: (note) => upkeep.begin(note, BY),
    endUpkeep: () => upkeep.end(BY),
    change: (person, change) => changeUser(writer, person, change, BY),
    exported: () => file.liveRequests(),
    async imported(jobs) {
      const known = await file.known(jobs.map(({ id }) => id));
      const fresh = jobs.filter(({ id }) => !known.has(id));
      const after = { made: fresh.length, known: known.size };
      if (fresh.length > 0) {
        await file.admit(fresh, { action: "queue.import", subject: "queue", before: null, after }, BY);
      }
      return fresh;
    },
    async audit() {
      const all = { thing: null, personId: null, subject: null, from: null, until: null };
      return (await listAudit(reader, all, { before: null, limit: 1000 })).reverse();
    },
  };
  return counted(desk, ground);
}

/** The world stands still until each call has come back: between two waits of a simulated life nothing else happens. */
function counted(desk: Desk, ground: Ground): Desk {
  return new Proxy(desk, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...given: unknown[]) => {
        ground.inFlight++;
        try {
          return await Reflect.apply(method, target, given);
        } finally {
          ground.inFlight--;
        }
      };
    },
  });
}
