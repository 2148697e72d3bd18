/** The scheduler under a random life: people, floods, servers that come, go and differ, and restarts; and what must hold. */
import { type Board, type Choice, nextOf, PASSED_MAX, pick, QUANTUM } from "@/core/schedule.ts";
import type { BackendRow, ReadyStep } from "@/core/store.ts";
import { backend } from "@/tests/core/board.ts";
import { type Arrival, randomOf, replay, type Rule, type Trouble } from "@/tests/core/replay.ts";

const FAMILIES = ["one", "two", "three", "four"];
const LOAD_S = 20;
const LEAST_S = 4;
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
  const watch = new LineWatch({
    canRun,
    runningMax,
    bound: PASSED_MAX + servers.length * QUANTUM_MOST + people,
  });
  const served = replay({
    log,
    servers,
    loadS: LOAD_S,
    rule,
    canRun,
    runningMax,
    troubles: troublesOf(random, servers),
    onGrant: (choice, board) => watch.granted(choice, board),
    onRestart: () => watch.restart(),
  });
  if (served.length !== log.length) {
    watch.violations.push(`NoStarve: ${log.length - served.length} of ${log.length} were never served`);
  }
  return { violations: watch.violations.slice(0, 5), passed: watch.most, grants: watch.grants };
}

/** The first server can do everything and has no tags, so that everything can be served by somebody. */
function serversOf(random: () => number): BackendRow[] {
  const tags = () => random() < 0.3 ? [random() < 0.5 ? "interactive" : FAMILIES[0] ?? ""] : [];
  return Array.from(
    { length: 1 + Math.floor(random() * 4) },
    (_, n) => backend(`b${n + 1}`, { slots: 1 + Math.floor(random() * 2), tags: n === 0 ? [] : tags() }),
  );
}

/** Now and then a crowd keeps the servers more than busy, each of whom was served less than whoever came first. */
function logOf(random: () => number): Arrival[] {
  const one = (userId: string, atS: number): Arrival => ({
    userId,
    atS,
    family: FAMILIES[Math.floor(random() * FAMILIES.length)] ?? "one",
    seconds: LEAST_S + random() * 12,
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

interface Rules {
  canRun: Board["canRun"];
  runningMax: ReadonlyMap<string, number>;
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

  granted({ step, backend, n }: Choice, board: Board): void {
    this.grants++;
    const { canRun, runningMax, bound } = this.#rules;
    const wrong = (rule: string) => this.violations.push(`${rule}: ${step.jobId} on ${backend.id}`);
    const row = board.backends.find(({ id }) => id === backend.id);
    if (!canRun(step, backend) || row?.status !== "up") wrong("Able");
    const held = board.slots.filter((slot) => slot.backendId === backend.id);
    if (n >= backend.slots || held.some((slot) => slot.n === n)) wrong("SlotCap");
    const mine = new Set(
      board.slots.filter(({ userId }) => userId === step.userId).map(({ jobId }) => jobId),
    );
    if (!mine.has(step.jobId) && mine.size >= (runningMax.get(step.userId) ?? Infinity)) wrong("RunningMax");
    this.#passed.set(step.userId, 0);
    for (const next of nextOf(board.lanes).values()) {
      const holds = board.slots.filter(({ userId }) => userId === next.userId).length;
      const isFull = holds >= (runningMax.get(next.userId) ?? Infinity);
      if (next.userId === step.userId || next.readyAt >= step.readyAt || isFull) continue;
      if (!canRun(next, backend)) continue;
      const passed = (this.#passed.get(next.userId) ?? 0) + 1;
      this.#passed.set(next.userId, passed);
      this.most = Math.max(this.most, passed);
      if (passed > bound) wrong(`Overtaken: ${next.userId} was passed ${passed} times`);
    }
  }
}
