/** The simulator is tested too: each rule of the engine is broken on purpose, and the checks must notice. */
import { DatabaseSync } from "node:sqlite";
import type { EffectHandler } from "@/actors/runtime/handler.ts";
import type { Store } from "@/core/store.ts";
import type { Inspect } from "@/db/inspect.ts";
import { simulate } from "./simulate.ts";
import type { Swap } from "./studio.ts";

export interface EngineMutant {
  name: string;
  /** What was taken away. */
  rule: string;
  /** True when the checks notice within so many seeds. */
  kill(seeds: number): Promise<boolean>;
}

async function violates(swap: Swap, seeds: number): Promise<boolean> {
  for (let seed = 1; seed <= seeds; seed++) {
    if ((await simulate({ seed, swap })).violations.length > 0) return true;
  }
  return false;
}

/** A method of the store replaced, all others left. */
export function replace(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) =>
      typeof name === "string" && name in methods ? Reflect.get(methods, name) : Reflect.get(target, name),
  });
}

function inspected(store: Store): Inspect {
  if (!("inspect" in store)) throw new Error("The simulated store can be inspected");
  return store as Store & Inspect;
}

/** Finishes with whatever token is current, as if the compare-and-set were missing. */
const noCas: Swap = (parts, { ground }) => ({
  ...parts,
  store: replace(parts.store, {
    async finish(id, token, finish) {
      const effect = (await inspected(ground.store).inspect()).effects.find((effect) => effect.id === id);
      const current = effect?.status === "open" ? effect.token : token;
      const finished = await parts.store.finish(id, current, finish);
      // Without the check a second finisher writes its reply as well.
      if (!finished) {
        await parts.store.post(finish.mail.map((mail) => ({ ...mail, id: `${mail.id}:${token}` })));
      }
      return true;
    },
    beat: () => Promise.resolve(true),
  }),
});

/** Posts without asking first: whoever takes an effect over does not look whether the prompt is there. */
const noGet: Swap = (parts, { ground }) => {
  const sent = new Set<string>();
  return {
    ...parts,
    store: replace(parts.store, {
      claim: async (owner, lanes, leaseMs) => {
        const claim = await parts.store.claim(owner, lanes, leaseMs);
        return claim ? { ...claim, note: null } : null;
      },
    }),
    comfyFor(id) {
      const comfy = parts.comfyFor(id);
      return Object.assign(Object.create(comfy), {
        find: (promptId: string, signal?: AbortSignal) =>
          sent.has(promptId) ? comfy.find(promptId, signal) : Promise.resolve({ state: "unknown" as const }),
        submit: (promptId: string, graph: Parameters<typeof comfy.submit>[1]) => {
          sent.add(promptId);
          ground.servers.get(id)?.post(promptId, structuredClone(graph));
          return Promise.resolve();
        },
        upload: comfy.upload.bind(comfy),
        wait: comfy.wait.bind(comfy),
        stop: comfy.stop.bind(comfy),
        download: comfy.download.bind(comfy),
        exists: comfy.exists.bind(comfy),
        status: comfy.status.bind(comfy),
        definitions: comfy.definitions.bind(comfy),
        free: comfy.free.bind(comfy),
        queue: comfy.queue.bind(comfy),
        close: comfy.close.bind(comfy),
      });
    },
  };
};

/** The effect is done in one transaction and its reply told in another. */
const twoTransactions: Swap = (parts) => ({
  ...parts,
  store: replace(parts.store, {
    async finish(id, token, finish) {
      const finished = await parts.store.finish(id, token, { ...finish, mail: [] });
      if (finished) await parts.store.post(finish.mail);
      return finished;
    },
  }),
});

/** A slot is freed by the clock instead of by its job. */
const slotOnTimer: Swap = (parts, { ground, process }) => ({
  ...parts,
  store: replace(parts.store, {
    async grant(grant) {
      const granted = await parts.store.grant(grant);
      if (granted) {
        ground.world.at(ground.world.now + 1500, process, () => void ground.store.freeSlot(grant.promptId));
      }
      return granted;
    },
  }),
});

/** Replies are not tied to their attempt: the effect answers for whatever the row is now. */
const anyReply: Swap = (parts, { ground }) => ({
  ...parts,
  store: replace(parts.store, {
    async finish(id, token, finish) {
      const snap = await inspected(ground.store).inspect();
      const mail = finish.mail.map((mail) => {
        const body = mail.body;
        if (typeof body !== "object" || body === null || !("step" in body) || !("attempt" in body)) {
          return mail;
        }
        const rows = snap.steps.filter((row) => row.jobId === mail.to && row.id === body.step);
        const newest = rows.sort((a, b) => b.take - a.take)[0];
        return newest
          ? {
            ...mail,
            body: { ...body, take: newest.take, attempt: newest.attempt, promptId: newest.promptId },
          }
          : mail;
      });
      return await parts.store.finish(id, token, { ...finish, mail });
    },
  }),
});

/** Outputs are stored without looking whether another take is meant: what a step uses is whatever is newest on the disk. */
const wrongFiles: Swap = (parts) => ({
  ...parts,
  store: replace(parts.store, {
    async steps(jobId) {
      const rows = await parts.store.steps(jobId);
      const last = rows.filter((row) => row.state === "done").at(-1);
      return rows.map((row) =>
        row.state === "done" && last && row.outputs.length === last.outputs.length
          ? { ...row, outputs: last.outputs }
          : row
      );
    },
  }),
});

/** Grants go to whatever is free. */
const anyServer: Swap = (parts) => ({ ...parts, canRun: () => true });

/** No fence: a process that slept through its lease goes on as if nothing had happened. */
const noFence: Swap = (parts) => ({
  ...parts,
  store: replace(parts.store, { beat: () => Promise.resolve(true) }),
  handlers: (made: EffectHandler[]) =>
    made.map((handler) => ({
      ...handler,
      run: (claim, context) =>
        handler.run(claim, { ...context, fence: () => {}, signal: new AbortController().signal }),
    })),
});

/** The fence is no safety rule but a budget: late POSTs are rare with it and common without. */
async function fenceBudget(swap: Swap | undefined, seeds: number): Promise<number> {
  let late = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    late += (await simulate({ seed, sleepy: true, ...(swap ? { swap } : {}) })).lateSubmits;
  }
  return late;
}

/** Hints go out before the mail is stored: without a sweeper in between, work waits. */
const hintFirst: Swap = (parts, { ground }) => ({
  ...parts,
  store: replace(parts.store, {
    async finish(id, token, finish) {
      const told = new Set(finish.mail.map((mail) => mail.to));
      for (const studio of ground.studios) for (const actor of told) studio.wake(actor);
      const finished = await parts.store.finish(id, token, { ...finish, mail: [] });
      // The commit comes after the hint, and nobody is told of it.
      ground.world.at(ground.world.now + 20, null, () => void ground.store.post(finish.mail));
      return finished;
    },
  }),
});

/** Without faults a life takes as long as its renders; the sum over some seeds is steady. */
async function calmSeconds(swap: Swap | undefined, seeds: number): Promise<number> {
  let seconds = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    seconds += (await simulate({ seed, calm: true, ...(swap ? { swap } : {}) })).virtualS;
  }
  return seconds;
}

/** Two writers on one file: `begin` alone fails when a read becomes a write, `begin immediate` waits its turn. */
async function beginsAreLocked(begin: string): Promise<boolean> {
  const path = await Deno.makeTempFile({ suffix: ".db" });
  const open = () => {
    const file = new DatabaseSync(path, { timeout: 0 });
    file.exec("pragma journal_mode = wal");
    return file;
  };
  const [one, two] = [open(), open()];
  try {
    one.exec("create table turn (n integer); insert into turn values (0)");
    one.exec(begin);
    one.prepare("select n from turn").get();
    const blocked = attempt(two, begin);
    if (!blocked) attempt(two, "update turn set n = n + 1"), attempt(two, "commit");
    // The first has read; now it writes.
    return !attempt(one, "update turn set n = n + 1");
  } finally {
    attempt(one, "rollback");
    one.close();
    two.close();
    for (const end of ["", "-wal", "-shm"]) await Deno.remove(path + end).catch(() => {});
  }
}

/** True when the statement failed. */
function attempt(file: DatabaseSync, sql: string): boolean {
  try {
    file.exec(sql);
    return false;
  } catch {
    return true;
  }
}

export const ENGINE_MUTANTS: EngineMutant[] = [
  {
    name: "no CAS",
    rule: "an effect is finished once, by its token",
    kill: (seeds) => violates(noCas, seeds),
  },
  { name: "POST without GET", rule: "ask before submitting", kill: (seeds) => violates(noGet, seeds) },
  {
    name: "two transactions",
    rule: "reply and end of an effect are one transaction",
    kill: (seeds) => violates(twoTransactions, seeds),
  },
  {
    name: "free slot on timer",
    rule: "only the job's own turn frees its slot",
    kill: (seeds) => violates(slotOnTimer, seeds),
  },
  {
    name: "any reply",
    rule: "a reply belongs to its take and attempt",
    kill: (seeds) => violates(anyReply, seeds),
  },
  {
    name: "wrong files",
    rule: "a step uses the files of its needs' chosen takes",
    kill: (seeds) => violates(wrongFiles, seeds),
  },
  {
    name: "any server",
    rule: "a step goes to a server that has what it needs",
    kill: (seeds) => violates(anyServer, seeds),
  },
  {
    name: "no fence",
    rule: "a runner whose lease may be over asks nothing of the outside",
    kill: async (seeds) => await fenceBudget(noFence, seeds) > 2 * (await fenceBudget(undefined, seeds) + 1),
  },
  {
    name: "hint before commit",
    rule: "hints go out after the commit",
    kill: async (seeds) =>
      await calmSeconds(hintFirst, Math.min(seeds, 8)) >
        1.2 * await calmSeconds(undefined, Math.min(seeds, 8)),
  },
  {
    name: "deferred begin",
    rule: "transactions begin immediate",
    kill: async () => !await beginsAreLocked("begin") && await beginsAreLocked("begin immediate"),
  },
];
