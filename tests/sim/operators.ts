/** Operators of a simulated studio: they add, edit, drain and remove servers, close the studio and set limits, at random. */
import type { AuditAction, AuditFacts } from "@/core/audit.ts";
import type { LiveRequest } from "@/core/admin.ts";
import type { Plan } from "@/core/plan.ts";
import { StudioError } from "@/core/problem.ts";
import type { ServerWish } from "@/core/servers.ts";
import type { BackendRow } from "@/core/store.ts";
import { saveSetups } from "@/studio/backends.ts";
import type { Desk } from "./desk.ts";
import { PEOPLE } from "./desk.ts";
import { type Ground, hit, hostOf } from "./studio.ts";

export const FIRST_SERVERS = ["b1", "b2"];

/** What operators do, each weighed by how often its name stands here. */
const ACTS = [
  "add",
  "add",
  "drain",
  "drain",
  "drain",
  "undrain",
  "undrain",
  "slots",
  "slots",
  "slots",
  "describe",
  "tag",
  "move",
  "move",
  "remove",
  "remove",
  "remove",
  "take twice",
  "too late",
  "close",
  "close",
  "disable",
  "running",
  "running",
  "queued",
  "minutes",
  "import",
  "import",
  "forget",
] as const;
type Act = (typeof ACTS)[number];
/** What must have happened somewhere in a batch of such lives. */
export const OPERATED: readonly string[] = [
  ...new Set(ACTS.map((act) => `operator ${act}`)),
  "refused works",
  "refused fixed",
  "refused taken",
  "refused changed",
  "refused queue",
  "server hung",
  "server hung for good",
  "server short of memory",
];

export interface OperatorParts {
  ground: Ground;
  desk: Desk;
  slots: number;
  /** Adds the model of a server at a host. */
  openServer(host: string): void;
  /** Lets a job and a copy of it in, as a file of the queue does. Throws job.queue_full. */
  letIn(request: LiveRequest, copyId: string, admit: Desk["imported"]): Promise<void>;
  wakeAll(jobId: string): void;
  /** Servers that the configuration names. */
  configured: Set<string>;
  trace(text: string): void;
}

interface Told {
  action: AuditAction;
  subject: string;
  /** What the entry must say at least. */
  before: AuditFacts;
  after: AuditFacts;
}

const pickFacts = (facts: AuditFacts, like: AuditFacts): AuditFacts =>
  facts === null || like === null
    ? facts
    : Object.fromEntries(Object.keys(like).map((name) => [name, facts[name] ?? null]));

export class Operators {
  readonly #parts: OperatorParts;
  readonly #told: Told[] = [];
  #count = 0;
  #upkeep: string | null = null;
  /** What each person was set to last. */
  readonly #people = new Map<string, Record<string, number | boolean | null>>();

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  /** So many acts within this time. */
  schedule(times: number, lastMs: number): void {
    const { world } = this.#parts.ground;
    for (let n = 0; n < times; n++) {
      const act = world.pick(ACTS);
      world.at(world.now + world.between(300, lastMs), null, () => void this.#act(act));
    }
  }

  async #act(act: Act): Promise<void> {
    const { ground, desk, trace } = this.#parts;
    hit(ground, `operator ${act}`);
    trace(`operator ${act}`);
    const rows = await desk.backends();
    if (act === "close") return await this.#close();
    if (act === "import") return await this.#import();
    if (act === "forget") return void this.#parts.configured.delete("b2");
    if (act === "disable" || act === "running" || act === "queued" || act === "minutes") {
      return await this.#person(act);
    }
    if (act === "add") return await this.#add();
    const added = rows.filter(({ origin }) => origin === "added" || origin === "former");
    const ofThose = (act === "remove" || act === "move") && added.length > 0 && ground.world.chance(0.8);
    await this.#server(act, ground.world.pick(ofThose ? added : rows), rows);
  }

  async #add(wish: ServerWish = {}): Promise<void> {
    const { ground, desk, openServer } = this.#parts;
    const host = `s${++this.#count}`;
    openServer(host);
    const slots = ground.world.chance(0.7) ? 1 + Math.floor(ground.world.random() * 3) : null;
    ground.slotsMost.set(host, slots ?? this.#parts.slots);
    const saved = await desk.add({ url: `http://${host}`, slots, ...wish });
    if (saved.end !== "saved") throw new Error(`a new server was refused: ${saved.end}`);
    const after = { url: `http://${host}`, slots };
    this.#told.push({ action: "backend.add", subject: saved.id, before: null, after });
  }

  async #server(act: Act, row: BackendRow, rows: BackendRow[]): Promise<void> {
    const { world } = this.#parts.ground;
    switch (act) {
      case "drain":
      case "undrain":
        return await this.#set(row, act === "drain" ? "drain" : "up");
      case "slots":
        return await this.#edit(row, {
          slots: world.chance(0.2) ? null : 1 + Math.floor(world.random() * 3),
        });
      case "describe":
        return await this.#edit(row, {
          name: `Lab ${++this.#count}`,
          gpu: "Card",
          costHour: 2,
          vramBytes: 24e9,
        });
      case "tag":
        return await this.#edit(row, {
          tags: world.chance(0.5) ? [] : [world.pick(["interactive", "one", "two"])],
        });
      case "move":
        return await this.#move(row);
      case "take twice": {
        const saved = await this.#parts.desk.add({ url: `${world.pick(rows).url}/` });
        if (saved.end !== "taken") throw new Error(`an address was taken twice: ${saved.end}`);
        return hit(this.#parts.ground, "refused taken");
      }
      case "too late": {
        const saved = await this.#parts.desk.edit(row.id, { rev: (row.rev ?? 1) - 1, name: "Too late" });
        if (saved.end !== "changed") throw new Error(`an old edit was saved: ${saved.end}`);
        return hit(this.#parts.ground, "refused changed");
      }
      default:
        return await this.#remove(row);
    }
  }

  async #set(row: BackendRow, status: "up" | "drain"): Promise<void> {
    if (!await this.#parts.desk.set(row.id, status)) return;
    const before = { status: row.status, url: row.url };
    const after = { status, url: row.url };
    this.#told.push({ action: `backend.${status}`, subject: row.id, before, after });
  }

  async #edit(row: BackendRow, wish: ServerWish): Promise<void> {
    const { ground, desk, slots } = this.#parts;
    const saved = await desk.edit(row.id, { rev: row.rev ?? 1, ...wish });
    if (saved.end !== "saved") return hit(ground, `refused ${saved.end}`);
    const facts = (of: BackendRow) => ({
      url: of.url,
      name: of.name ?? null,
      slots: of.slotsGiven ?? null,
      tags: of.tags?.join(", ") || null,
    });
    const { url = row.url, name = row.name ?? null, slots: given = row.slotsGiven, tags = row.tags } = wish;
    const after = { url, name, slots: given ?? null, tags: tags?.join(", ") || null };
    this.#told.push({ action: "backend.edit", subject: row.id, before: facts(row), after });
    const host = hostOf({ url });
    ground.slotsMost.set(host, Math.max(ground.slotsMost.get(host) ?? 0, given ?? slots));
  }

  async #move(row: BackendRow): Promise<void> {
    const host = `m${++this.#count}`;
    this.#parts.openServer(host);
    this.#parts.ground.slotsMost.set(host, row.slots);
    await this.#edit(row, { url: `http://${host}` });
  }

  async #remove(row: BackendRow): Promise<void> {
    const { ground, desk } = this.#parts;
    // Whoever wants a server gone drains it first, most times.
    if (ground.world.chance(0.6)) await this.#set(row, "drain");
    const refused = await desk.remove(row.id);
    if (refused !== null) return hit(ground, `refused ${refused.end}`);
    hit(ground, "server removed");
    const before = { url: row.url, slots: row.slotsGiven ?? null };
    this.#told.push({ action: "backend.remove", subject: row.id, before, after: null });
  }

  async #close(): Promise<void> {
    const { ground: { world }, desk } = this.#parts;
    const note = `Note ${++this.#count}`;
    await desk.beginUpkeep(note);
    const before = this.#upkeep === null ? null : { note: this.#upkeep };
    this.#told.push({ action: "studio.drain", subject: "studio", before, after: { note } });
    this.#upkeep = note;
    world.at(world.now + world.between(1000, 6000), null, () => void this.#open());
  }

  async #open(): Promise<void> {
    const note = this.#upkeep;
    if (!await this.#parts.desk.endUpkeep()) return;
    this.#told.push({ action: "studio.open", subject: "studio", before: { note }, after: null });
    this.#upkeep = null;
  }

  async #person(act: "disable" | "running" | "queued" | "minutes"): Promise<void> {
    const { world } = this.#parts.ground;
    const some = (most: number) => world.chance(0.3) ? null : 1 + Math.floor(world.random() * most);
    const changes: Record<typeof act, Record<string, number | boolean | null>> = {
      disable: { disabled: world.chance(0.6) },
      running: { runningMax: some(2) },
      queued: { jobsMax: some(3) },
      minutes: { gpuMinutesMax: world.chance(0.5) ? null : 1 },
    };
    await this.#change(world.pick(PEOPLE), changes[act]);
  }

  async #change(person: string, change: Record<string, number | boolean | null>): Promise<void> {
    const known = this.#people.get(person) ??
      { disabled: false, runningMax: null, jobsMax: null, gpuMinutesMax: null };
    const ended = await this.#parts.desk.change(person, change);
    if (ended !== "changed") throw new Error(`a person could not be changed: ${ended}`);
    const after = { ...known, ...change };
    this.#people.set(person, after);
    this.#told.push({ action: "person.change", subject: person, before: known, after });
  }

  /** Everything that waits or runs is written to a file, and a copy of some of it let in again. */
  async #import(): Promise<void> {
    const { ground, desk, letIn, wakeAll } = this.#parts;
    const requests = await desk.exported();
    if (requests.length === 0) return;
    const request = ground.world.pick(requests);
    const copyId = `${request.id}+${++this.#count}`;
    try {
      await letIn(request, copyId, (jobs) => desk.imported(jobs));
    } catch (thrown) {
      if (!(thrown instanceof StudioError) || thrown.problem.code !== "job.queue_full") throw thrown;
      return hit(ground, "refused queue");
    }
    this.#told.push({
      action: "queue.import",
      subject: "queue",
      before: null,
      after: { made: 1, known: 1 },
    });
    wakeAll(copyId);
  }

  /** The pool is made whole: everything up, nobody limited. */
  async mend(): Promise<void> {
    const { desk, configured } = this.#parts;
    for (const host of FIRST_SERVERS) configured.add(host);
    await this.#open();
    for (const row of await desk.backends()) if (row.status === "drain") await this.#set(row, "up");
    for (const person of PEOPLE) {
      await this.#change(person, { disabled: false, runningMax: null, jobsMax: null, gpuMinutesMax: null });
    }
  }

  /** Audited: each change stands in the log once, in order, with what was before and what is after. */
  async check(wrong: (rule: string, what: string) => void): Promise<void> {
    const entries = await this.#parts.desk.audit();
    for (let n = 0; n < Math.max(entries.length, this.#told.length); n++) {
      const [entry, told] = [entries[n], this.#told[n]];
      const said = entry && told && {
        action: entry.action,
        subject: entry.subject,
        before: pickFacts(entry.before, told.before),
        after: pickFacts(entry.after, told.after),
      };
      if (JSON.stringify(said) === JSON.stringify(told) && entry?.person?.id === "ops") continue;
      return wrong(
        "Audited",
        `entry ${n} says ${JSON.stringify(said ?? entry)}, done was ${JSON.stringify(told)}`,
      );
    }
  }
}

/** What a process does with its configuration when it starts. */
export async function readConfiguration(
  ground: Ground,
  { configured, slots }: Pick<OperatorParts, "configured" | "slots">,
): Promise<void> {
  if (ground.db === null) return;
  ground.inFlight++;
  try {
    const setups = [...configured].map((id) => ({ id, url: `http://${id}`, engine: "comfy" as const }));
    await saveSetups(ground.db.writer, setups, slots);
  } finally {
    ground.inFlight--;
  }
}

/** The plan that a simulated job was asked with, kept where a real one has its settings. */
export function planOf(settings: Record<string, unknown>): Plan {
  return JSON.parse(String(settings.plan));
}
