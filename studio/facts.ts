/** What each render server has, as it told lately: asked for beside the work, so that nobody waits for it. */
import type { ServerFacts } from "@/core/preflight.ts";
import { problemOf } from "@/core/problem.ts";
import type { Clock, Comfy, Log } from "@/core/ports.ts";
import type { BackendRow } from "@/core/store.ts";
import type { Definitions } from "@/core/template.ts";

/** Files come and go while a server runs, if rarely. */
const KEPT_MS = 300_000;
/** Whoever looks at what servers have makes the studio ask those that told longer ago. */
const LATELY_MS = 10_000;
/** Nothing is refused by older word than this. */
const SURE_MS = 3000;
const LIMIT_MS = 15_000;
/** How long somebody waits for a word that may refuse them. */
const WAIT_MS = 4000;

export interface FactsParts {
  clock: Clock;
  log: Log;
  /** Node classes of the templates as they are now: nothing else is asked for or kept. */
  classes(): readonly string[];
  comfyFor(backend: BackendRow): Comfy;
  /** A server told something new: what waits may fit now. */
  onNews(): void;
}

export interface Facts {
  /** After each answer of a server: asks it anew when it restarted or told long ago. Never waits. */
  heard(row: BackendRow): void;
  /** What it told last, also while it does not answer. */
  of(row: BackendRow): ServerFacts;
  /** When it told that, by the clock on the wall; null before. */
  toldAt(row: BackendRow): number | null;
  /** Asks anew where the last word is not of this moment. Never waits. */
  refresh(row: BackendRow): void;
  /** What it tells now, if it answers in time. */
  ask(row: BackendRow, signal?: AbortSignal): Promise<ServerFacts>;
  /** The same, where its last word is too old to refuse somebody by. */
  sure(row: BackendRow): Promise<ServerFacts>;
}

interface Kept {
  url: string;
  epoch: number;
  at: number;
  toldAt: number;
  /** How many classes were asked for: more of them after a template was brought. */
  classes: number;
  definitions: Definitions;
}

export function openFacts({ clock, log, classes, comfyFor, onNews }: FactsParts): Facts {
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<void>>();
  const known = (row: BackendRow) => {
    const facts = kept.get(row.id);
    return facts?.url === row.url ? facts : undefined;
  };
  const isFresh = (row: BackendRow, forMs: number) => {
    const facts = known(row);
    if (facts === undefined || facts.epoch !== row.epoch || facts.classes !== classes().length) return false;
    return clock.monotonic() - facts.at < forMs;
  };
  const of = (row: BackendRow): ServerFacts => ({
    definitions: known(row)?.definitions ?? null,
    vramBytes: row.vram,
  });
  /** One look at a time per server, for everybody who wants it. */
  const look = (row: BackendRow): Promise<void> => {
    const underWay = asking.get(row.id);
    if (underWay) return underWay;
    const work = read(row).catch((thrown) => {
      log.info("server does not tell what it has", { backend: row.id, code: problemOf(thrown).code });
    }).finally(() => asking.delete(row.id));
    asking.set(row.id, work);
    return work;
  };
  const read = async (row: BackendRow) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const asked = [...classes()];
    const definitions = await comfyFor(row).definitions(asked, { fresh: true, signal });
    const { url, epoch } = row;
    kept.set(row.id, {
      url,
      epoch,
      at: clock.monotonic(),
      toldAt: clock.now(),
      classes: asked.length,
      definitions,
    });
    onNews();
  };
  const ask = async (row: BackendRow, signal?: AbortSignal) => {
    await Promise.race([look(row), aborted(signal)]);
    return of(row);
  };
  return {
    heard(row) {
      if (row.engine === "comfy" && !isFresh(row, KEPT_MS)) void look(row);
    },
    of,
    toldAt: (row) => known(row)?.toldAt ?? null,
    refresh(row) {
      if (row.engine === "comfy" && row.status !== "down" && !isFresh(row, LATELY_MS)) void look(row);
    },
    ask,
    sure: async (row) =>
      row.status === "down" || isFresh(row, SURE_MS) ? of(row) : await ask(row, AbortSignal.timeout(WAIT_MS)),
  };
}

function aborted(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
}
