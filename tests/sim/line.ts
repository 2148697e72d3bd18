/** The scheduler under a random life: people, floods, servers that come, go and differ, and restarts; and what must hold. */
import { NOBODY, useOf } from "@/core/fair.ts";
import { type Board, type Choice, nextOf, PASSED_MAX, pick, QUANTUM } from "@/core/schedule.ts";
import type { BackendRow, ReadyStep } from "@/core/store.ts";
import { backend } from "@/tests/core/board.ts";
import { type Arrival, randomOf, replay, type Rule, type Trouble } from "@/tests/core/replay.ts";

const FAMILIES = ["one", "two", "three", "four"];
const LOAD_S = 20;
const LEAST_S = 4;
const MOST_S = 16;
const SERVERS_MOST = 4;
/** Grants of one family before others get the server: six, or what fits into five loads. */
const QUANTUM_MOST = Math.max(QUANTUM, Math.ceil(5 * LOAD_S / LEAST_S));

export interface LineResult {
  violations: string[];
  /** How often somebody was passed over at most. */
  passed: number;
  grants: number;
}

export function simulateLine(seed: number, rule: Rule = pick): LineResult {
  const random = randomOf(seed);
  const servers = serversOf(random);
  const lacks = new Set(
    servers.slice(1).flatMap(({ id }) =>
      FAMILIES.filter(() => random() < 0.3).map((family) => `${id} ${family}`)
    ),
  );
  const canRun = (step: ReadyStep, row: BackendRow) => !lacks.has(`${row.id} ${step.family}`);
  const log = logOf(random);
  const runningMax = new Map(random() < 0.5 ? [["user-0", 1 + Math.floor(random() * 3)]] : []);
  const people = new Set(log.map(({ userId }) => userId)).size;
  const troubles = [...troublesOf(random, servers), ...changesOf(random, servers, runningMax)];
  const watch = new LineWatch({
    canRun,
    runningMax,
    troubles,
    bound: PASSED_MAX + SERVERS_MOST * QUANTUM_MOST + people,
  });
  const served = replay({
    log,
    servers,
    loadS: LOAD_S,
    rule,
    canRun,
    runningMax,
    troubles,
    onGrant: (choice, board) => watch.granted(choice, board),
    onRestart: () => watch.restart(),
  });
  if (served.length !== log.length) {
    watch.violations.push(`NoStarve: ${log.length - served.length} of ${log.length} were never served`);
  }
  return { violations: watch.violations.slice(0, 5), passed: watch.most, grants: watch.grants };
}

/** GPU seconds that one may be ahead of another where both wait all the time: the quantum of a family at two servers. */
const SHARE_BOUND_S = 2 * (5 * LOAD_S + LOAD_S + MOST_S);

export interface ShareResult {
  /** GPU seconds of lately that somebody was ahead of another at most while both waited. */
  apartS: number;
  boundS: number;
}

/** People who bring more than can be done, all at once, and a pool that changes: how far apart their shares come. */
export function simulateShares(seed: number, rule: Rule = pick): ShareResult {
  const random = randomOf(seed);
  const servers = Array.from(
    { length: 1 + Math.floor(random() * SERVERS_MOST) },
    (_, n) => backend(`b${n + 1}`, { slots: slotsOf(random) }),
  );
  const families = FAMILIES.slice(0, 1 + Math.floor(random() * FAMILIES.length));
  const people = 2 + Math.floor(random() * 4);
  const log = Array.from({ length: people * 80 }, (_, n): Arrival => ({
    userId: `user-${Math.floor(n / 80)}`,
    atS: 0,
    family: families[Math.floor(random() * families.length)] ?? "one",
    seconds: LEAST_S + random() * (MOST_S - LEAST_S),
  }));
  let apartS = 0;
  const lookAt = ({ lanes, people }: Board) => {
    const waiting = [...new Set(lanes.map(({ userId }) => userId))];
    const uses = waiting.map((userId) => useOf(people.get(userId) ?? NOBODY));
    if (uses.length > 1) apartS = Math.max(apartS, Math.max(...uses) - Math.min(...uses));
  };
  const changes = changesOf(random, servers, new Map()).filter(({ what }) =>
    what !== "edit" || random() < 0.5
  );
  replay({ log, servers, loadS: LOAD_S, rule, troubles: changes, onGrant: (_, board) => lookAt(board) });
  return { apartS, boundS: SHARE_BOUND_S };
}

/** The first server can do everything and has no tags, so that everything can be served by somebody. */
function serversOf(random: () => number): BackendRow[] {
  const tags = () => random() < 0.3 ? [random() < 0.5 ? "interactive" : FAMILIES[0] ?? ""] : [];
  return Array.from(
    { length: 1 + Math.floor(random() * SERVERS_MOST) },
    (_, n) => backend(`b${n + 1}`, { slots: 1 + Math.floor(random() * 2), tags: n === 0 ? [] : tags() }),
  );
}

/** Now and then a crowd keeps the servers more than busy, each of whom was served less than whoever came first. */
function logOf(random: () => number): Arrival[] {
  const one = (userId: string, atS: number): Arrival => ({
    userId,
    atS,
    family: FAMILIES[Math.floor(random() * FAMILIES.length)] ?? "one",
    seconds: LEAST_S + random() * (MOST_S - LEAST_S),
  });
  const people = 2 + Math.floor(random() * 6);
  const flood = Array.from({ length: Math.floor(random() * 150) }, () => one("user-0", 30));
  const calm = Array.from(
    { length: 60 + Math.floor(random() * 120) },
    () => one(`user-${1 + Math.floor(random() * people)}`, random() * 1500),
  );
  const crowd = random() < 0.25 ? 400 : 0;
  const many = Array.from(
    { length: crowd },
    () => one(`crowd-${Math.floor(random() * 100)}`, 200 + random() * 1200),
  );
  return [...flood, ...calm, ...many];
}

function troublesOf(random: () => number, servers: BackendRow[]): Trouble[] {
  const down = servers.filter(() => random() < 0.5).flatMap(({ id }): Trouble[] => {
    const atS = random() * 1500;
    return [{ atS, what: "down", backendId: id }, {
      atS: atS + 10 + random() * 300,
      what: "up",
      backendId: id,
    }];
  });
  return random() < 0.3 ? [...down, { atS: random() * 1500, what: "restart" }] : down;
}

/** Until then operators change the pool; afterwards it is whole again. */
const CHANGES_S = 1400;

/** What operators do to the pool and to limits. A server that is removed is drained first; b1 stays. */
function changesOf(
  random: () => number,
  servers: BackendRow[],
  runningMax: ReadonlyMap<string, number>,
): Trouble[] {
  if (random() < 0.3) return [];
  const at = () => random() * CHANGES_S;
  const changes: Trouble[] = [];
  for (const { id } of servers.slice(1)) {
    if (random() < 0.3) changes.push({ atS: at(), what: "remove", backendId: id });
  }
  for (let n = servers.length; n < SERVERS_MOST; n++) {
    if (random() < 0.5) continue;
    changes.push({ atS: at(), what: "add", row: backend(`b${n + 1}`, { slots: slotsOf(random) }) });
  }
  for (const { id } of servers) {
    if (random() < 0.5) {
      const atS = at();
      changes.push({ atS, what: "drain", backendId: id });
      changes.push({ atS: atS + random() * 200, what: "undrain", backendId: id });
    }
    if (random() < 0.5) {
      changes.push({ atS: at(), what: "edit", backendId: id, change: { slots: slotsOf(random) } });
    }
    if (random() < 0.3) {
      const tags = id === "b1" || random() < 0.5 ? [] : [FAMILIES[0] ?? ""];
      changes.push({ atS: at(), what: "edit", backendId: id, change: { tags } });
    }
  }
  if (random() < 0.3) {
    const atS = at();
    changes.push({ atS, what: "close" }, { atS: atS + random() * 100, what: "open" });
  }
  for (const userId of runningMax.keys()) {
    changes.push({ atS: at(), what: "limit", userId, most: 1 + Math.floor(random() * 4) });
  }
  return changes;
}

const slotsOf = (random: () => number) => 1 + Math.floor(random() * 3);

interface Rules {
  canRun: Board["canRun"];
  runningMax: ReadonlyMap<string, number>;
  troubles: readonly Trouble[];
  bound: number;
}

/** Able, SlotCap, RunningMax and Overtaken, looked at with each grant. */
class LineWatch {
  readonly violations: string[] = [];
  readonly #rules: Rules;
  readonly #passed = new Map<string, number>();
  most = 0;
  grants = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  restart(): void {
    this.#passed.clear();
  }

  /** As operators set it last. */
  #mostOf(userId: string, { now }: Board): number {
    const { runningMax, troubles } = this.#rules;
    let [most, since] = [runningMax.get(userId) ?? Infinity, -1];
    for (const trouble of troubles) {
      if (trouble.what !== "limit" || trouble.userId !== userId) continue;
      if (trouble.atS * 1000 > now || trouble.atS <= since) continue;
      [most, since] = [trouble.most ?? Infinity, trouble.atS];
    }
    return most;
  }

  granted({ step, backend, n }: Choice, board: Board): void {
    this.grants++;
    const { canRun, bound } = this.#rules;
    const wrong = (rule: string) => this.violations.push(`${rule}: ${step.jobId} on ${backend.id}`);
    const row = board.backends.find(({ id }) => id === backend.id);
    if (!canRun(step, backend) || row?.status !== "up") wrong("Able");
    const held = board.slots.filter((slot) => slot.backendId === backend.id);
    if (!row || n >= row.slots || held.length >= row.slots || held.some((slot) => slot.n === n)) {
      wrong("SlotCap");
    }
    const mine = new Set(
      board.slots.filter(({ userId }) => userId === step.userId).map(({ jobId }) => jobId),
    );
    if (!mine.has(step.jobId) && mine.size >= this.#mostOf(step.userId, board)) wrong("RunningMax");
    this.#passed.set(step.userId, 0);
    for (const next of nextOf(board.lanes).values()) {
      const holds = board.slots.filter(({ userId }) => userId === next.userId).length;
      const isFull = holds >= this.#mostOf(next.userId, board);
      if (next.userId === step.userId || next.readyAt >= step.readyAt || isFull) continue;
      if (!canRun(next, backend)) continue;
      const passed = (this.#passed.get(next.userId) ?? 0) + 1;
      this.#passed.set(next.userId, passed);
      this.most = Math.max(this.most, passed);
      if (passed > bound) wrong(`Overtaken: ${next.userId} was passed ${passed} times`);
    }
  }
}
