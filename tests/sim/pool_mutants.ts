/** Each rule of a pool that operators change is broken on purpose, and the check that stands for it must notice. */
import type { JobMessage } from "@/actors/job/messages.ts";
import { MAINTENANCE_KEY } from "@/core/maintenance.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Database } from "@/db/sqlite.ts";
import { dropStored, readStored, writeStored } from "@/db/system_config.ts";
import type { Desk } from "./desk.ts";
import { type EngineMutant, replace } from "./mutants.ts";
import { type SimOptions, simulate } from "./simulate.ts";
import { openSimSqlite } from "./stores.ts";
import type { Ground, Swap } from "./studio.ts";

type Broken = Pick<SimOptions, "swap" | "swapDesk">;

/** True when this very check notices within so many seeds. */
async function notices(check: string, broken: Broken, seeds: number): Promise<boolean> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate({ seed, operated: true, open: openSimSqlite, ...broken });
    if (violations.some((violation) => violation.startsWith(`${check}:`))) return true;
  }
  return false;
}

function dbOf({ db }: Ground): Database {
  if (db === null) throw new Error("Only where operators are is there a database");
  return db;
}

/** What a guard of the grant goes by is other than it should be while it is asked. */
function around(
  ground: Ground,
  lie: (backendId: string) => Promise<() => Promise<void>>,
): Store["grant"] {
  return async (grant) => {
    ground.inFlight++;
    try {
      const restore = await lie(grant.backendId);
      const granted = await ground.store.grant(grant);
      await restore();
      return granted;
    } finally {
      ground.inFlight--;
    }
  };
}

/** A server counts as this to whoever grants. */
function believe(change: (row: BackendRow) => Partial<BackendRow>): Swap {
  return (parts, { ground }) => ({
    ...parts,
    store: replace(parts.store, {
      backends: async () => (await parts.store.backends()).map((row) => ({ ...row, ...change(row) })),
      grant: around(ground, async (id) => {
        const before = (await ground.store.backends()).find((row) => row.id === id);
        if (!before) return () => Promise.resolve();
        await ground.store.changeBackend(id, change);
        const { slots, status } = before;
        return async () => void await ground.store.changeBackend(id, () => ({ slots, status }));
      }),
    }),
  });
}

const drainedToo = believe((row) => row.status === "drain" && row.problem === null ? { status: "up" } : {});
/** Nobody reads that a server is stuck. */
const hungToo: Swap = (parts) => ({
  ...parts,
  store: replace(parts.store, {
    backends: async () =>
      (await parts.store.backends()).map((row) => row.status === "up" ? { ...row, problem: null } : row),
  }),
});
const formerSlots = believe(() => ({ slots: 3 }));

const closedToo: Swap = (parts, { ground }) => ({
  ...parts,
  isOpen: () => Promise.resolve(true),
  store: replace(parts.store, {
    grant: around(ground, async () => {
      const { writer } = dbOf(ground);
      const stored = await readStored(writer, MAINTENANCE_KEY);
      if (stored === null) return () => Promise.resolve();
      await dropStored(writer, MAINTENANCE_KEY);
      return () => writeStored(writer, { key: MAINTENANCE_KEY, value: stored.value, description: "" });
    }),
  }),
});

/** Takes a limit off everybody, and gives it back. */
async function unlimited(
  { writer }: Database,
  column: "max_running" | "max_queued",
): Promise<() => Promise<void>> {
  const rows = await writer.selectFrom("quota").select(["user_id", column]).execute();
  await writer.updateTable("quota").set({ [column]: null }).execute();
  return async () => {
    for (const row of rows) {
      await writer.updateTable("quota").where("user_id", "=", row.user_id).set({ [column]: row[column] })
        .execute();
    }
  };
}

const noLimit: Swap = (parts, { ground }) => ({
  ...parts,
  store: replace(parts.store, {
    shares: async () => {
      const { people } = await parts.store.shares();
      const free = new Map([...people].map(([id, person]) => [id, { ...person, runningMax: null }]));
      return { people: free, runningMax: null };
    },
    grant: around(ground, () => unlimited(dbOf(ground), "max_running")),
  }),
});

/** All but one server are passed over for ever. */
const oneOnly: Swap = (parts) => ({
  ...parts,
  canRun: (step, row) => row.id === "b2" && parts.canRun(step, row),
});

/** What lies on one server is looked for on every other. */
const anyFile: Swap = (parts, { ground }) => ({
  ...parts,
  store: replace(parts.store, {
    async backendFile(backendId, sha256) {
      const known = await parts.store.backendFile(backendId, sha256);
      if (known !== null) return known;
      ground.inFlight++;
      try {
        const found = await dbOf(ground).reader.selectFrom("backend_file").where("sha256", "=", sha256)
          .select("ref").executeTakeFirst();
        return found?.ref ?? null;
      } finally {
        ground.inFlight--;
      }
    },
  }),
});

type SwapDesk = NonNullable<SimOptions["swapDesk"]>;

function change(desk: Desk, methods: Partial<Desk>): Desk {
  return new Proxy(desk, {
    get: (target, name) =>
      typeof name === "string" && Reflect.get(methods, name) || Reflect.get(target, name),
  });
}

const thrownOff: SwapDesk = (desk, ground) =>
  change(desk, {
    async set(id, status) {
      const found = await desk.set(id, status);
      if (status !== "drain") return found;
      for (const { promptId, jobId, stepId, backendId, state } of await ground.store.slots()) {
        const row = (await ground.store.steps(jobId)).find((row) => row.promptId === promptId);
        if (!row || backendId !== id || state !== "held") continue;
        const { take, attempt } = row;
        const body: JobMessage = { type: "prompt.unreachable", step: stepId, take, attempt, promptId };
        await ground.store.post([{ id: `off:${promptId}`, to: jobId, kind: body.type, body }]);
      }
      return found;
    },
  });

const takenAway: SwapDesk = (desk, ground) =>
  change(desk, {
    async remove(id) {
      const refused = await desk.remove(id);
      if (refused === null || refused.end === "missing") return refused;
      await dbOf(ground).writer.deleteFrom("backend").where("id", "=", id).execute();
      return null;
    },
  });

const letAllIn: SwapDesk = (desk, ground) =>
  change(desk, {
    async imported(jobs) {
      const restore = await unlimited(dbOf(ground), "max_queued");
      await ground.store.admit(jobs);
      await restore();
      return jobs;
    },
  });

const untold: SwapDesk = (desk, ground) =>
  change(desk, {
    set: async (id, status) => await ground.store.changeBackend(id, () => ({ status })) !== null,
  });

const mutant = (name: string, rule: string, check: string, broken: Broken): EngineMutant => ({
  name,
  rule,
  kill: (seeds) => notices(check, broken, seeds),
});

export const POOL_MUTANTS: EngineMutant[] = [
  mutant("drained servers too", "nothing begins on a drained server", "Closed", { swap: drainedToo }),
  mutant("closed studio too", "nothing begins in a closed studio", "Closed", { swap: closedToo }),
  mutant("former slots", "no more is granted than a server has slots left", "SlotCap", { swap: formerSlots }),
  mutant("no limit", "nobody runs more than they may", "RunningMax", { swap: noLimit }),
  mutant("let all in", "nobody is let in above what they may have", "QueuedMax", { swapDesk: letAllIn }),
  mutant("thrown off", "what runs on a drained server ends there", "SentAgain", { swapDesk: thrownOff }),
  mutant("taken away", "no server goes while it works", "Homeless", { swapDesk: takenAway }),
  mutant("one only", "no step waits while a server that fits is idle", "IdleServer", { swap: oneOnly }),
  mutant("hung too", "what waits on a hanging server goes to others", "Ends", { swap: hungToo }),
  mutant("any file", "files go where they are needed", "Carried", { swap: anyFile }),
  mutant("untold", "each change stands in the log", "Audited", { swapDesk: untold }),
];
