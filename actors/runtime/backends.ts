/** Watches the render servers: up, down, restarted or stuck. Writes only what changed. */
import type { Clock, Comfy, ComfyStatus, Log } from "@/core/ports.ts";
import { onTrial } from "@/core/faring.ts";
import { fail, problemOf } from "@/core/problem.ts";
import type { BackendChange, BackendRow, Store } from "@/core/store.ts";
import { problems } from "@/core/words/problems.ts";
import { Bell } from "./bell.ts";

const MISSES_MAX = 3;
/** How stale `lastSeenAt` may be in the database while a server is up. */
const SEEN_EVERY_MS = 10_000;
/** A server that was stuck is tried again after this long, unless it showed before that it works. */
const STUCK_REST_MS = 5 * 60_000;

export interface MonitorParts {
  store: Pick<Store, "now" | "backends" | "changeBackend" | "slots" | "freeSlot">;
  clock: Clock;
  log: Log;
  comfyFor(backend: BackendRow): Comfy;
  probeMs: number;
  probeTimeoutMs: number;
  wakeSupervisor(): void;
  /** Told of each answer, with the row as it then is. */
  onAnswer(row: BackendRow): void;
}

/** What this process knows of one server between two probes; of another address it knows nothing. */
interface Watch {
  url: string;
  misses: number;
  /** Database time of the last answer. */
  seenAt: number | null;
  /** Database time when it last said that it was stuck; null since it worked or began anew. */
  stuckAt: number | null;
  probing: boolean;
}

export class BackendMonitor {
  readonly #parts: MonitorParts;
  readonly #bell: Bell;
  readonly #watches = new Map<string, Watch>();
  readonly #probes = new Set<Promise<void>>();

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const row of await this.#parts.store.backends()) this.#begin(row, signal);
      await this.#bell.wait(signal, this.#parts.probeMs);
    }
    await Promise.all(this.#probes);
  }

  /** Each server is probed on its own, so a slow one does not delay the news of the others. */
  #begin(row: BackendRow, signal: AbortSignal): void {
    const known = this.#watches.get(row.id);
    const watch = known?.url === row.url
      ? known
      : { url: row.url, misses: 0, seenAt: row.lastSeenAt, stuckAt: null, probing: false };
    this.#watches.set(row.id, watch);
    if (watch.probing) return;
    watch.probing = true;
    const probe = this.#probe(row.id, watch, signal)
      .catch((thrown) => {
        const found = problemOf(thrown);
        this.#parts.log.error("probe failed", { backend: row.id, error: found.operator ?? found.message });
      })
      .finally(() => {
        watch.probing = false;
        this.#probes.delete(probe);
      });
    this.#probes.add(probe);
  }

  async #probe(id: string, watch: Watch, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts;
    const asked = (await store.backends()).find((row) => row.id === id);
    if (!asked) return;
    const answer = await this.#ask(asked, signal);
    if (signal.aborted) return;
    if (answer instanceof Error) await this.#onMiss(id, watch, answer);
    else await this.#onAnswer(asked, { watch, answer, signal });
  }

  async #ask(row: BackendRow, signal: AbortSignal): Promise<ComfyStatus | Error> {
    const { clock, comfyFor, probeTimeoutMs } = this.#parts;
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener("abort", end, { once: true });
    const late = clock.sleep(probeTimeoutMs, over.signal).then(
      () => fail("comfy.unreachable", { operator: `No answer within ${probeTimeoutMs} ms` }),
      () => fail("studio.busy"),
    );
    try {
      return await Promise.race([comfyFor(row).status(over.signal), late]);
    } catch (thrown) {
      return thrown instanceof Error ? thrown : new Error(String(thrown));
    } finally {
      signal.removeEventListener("abort", end);
      over.abort();
    }
  }

  async #onMiss(id: string, watch: Watch, thrown: Error): Promise<void> {
    const { store, log } = this.#parts;
    watch.misses += 1;
    const found = problemOf(thrown);
    if (watch.misses < MISSES_MAX) return;
    // Where the clock was set back since, it was not seen later than now.
    const lastSeenAt = watch.seenAt === null ? null : Math.min(watch.seenAt, await store.now());
    const changed = await store.changeBackend(id, (row) => {
      if (row.url !== watch.url) return null;
      // A drained server stays drained, so that it does not take work by coming back.
      const status = row.status === "drain" ? "drain" : "down";
      if (row.status === status && row.problem === found.message) return null;
      return { status, problem: found.message, lastSeenAt };
    });
    if (changed) log.warn("backend is down", { backend: id, code: found.code, error: found.operator });
  }

  async #onAnswer(
    asked: BackendRow,
    heard: { watch: Watch; answer: ComfyStatus; signal: AbortSignal },
  ): Promise<void> {
    const { watch, answer, signal } = heard;
    const { store, log, wakeSupervisor, onAnswer } = this.#parts;
    const { id } = asked;
    watch.misses = 0;
    const seenAt = watch.seenAt = await store.now();
    // Each process counts what it noticed itself: who counts less noticed less.
    const restarted = answer.epoch > asked.epoch;
    if (restarted && !await this.#clearStopping(asked, signal)) return;
    const isStuck = stillStuck(watch, { answer, seenAt, restarted });
    if (isStuck && asked.problem === null) log.error("backend is stuck", { backend: id });
    const changed = await store.changeBackend(
      id,
      // It may have moved meanwhile: then another server answered.
      (row) => row.url === asked.url ? judgeAnswer(row, { answer, seenAt, isStuck }) : null,
    );
    onAnswer(changed?.after ?? asked);
    if (!changed) return;
    const { before, after } = changed;
    if (before.status !== after.status || restarted) {
      log.info("backend answers", { backend: id, restarted, version: after.version });
    }
    const { ramFree, vramFree } = answer;
    if (after.short && !before.short) {
      log.warn("backend is short of memory and gets nothing new", { backend: id, ramFree, vramFree });
    }
    const isFit = (row: BackendRow) => !row.short && row.problem === null;
    if (before.status !== after.status || restarted || (isFit(after) && !isFit(before))) wakeSupervisor();
  }

  /**
   * A restart emptied the server's queue: prompts that were being stopped are gone and their slots free, unless the server
   * says that it has one of them again. False when it did not answer; the epoch then stays, and the next probe tries again.
   */
  async #clearStopping(row: BackendRow, signal: AbortSignal): Promise<boolean> {
    const { store, log, comfyFor } = this.#parts;
    const stopping = (await store.slots()).filter((slot) =>
      slot.backendId === row.id && slot.state === "stopping"
    );
    for (const { promptId } of stopping) {
      try {
        const { state } = await comfyFor(row).find(promptId, signal);
        if (state === "pending" || state === "running") continue;
      } catch (thrown) {
        log.warn("backend does not tell of a prompt", { backend: row.id, error: problemOf(thrown).message });
        return false;
      }
      await store.freeSlot(promptId);
    }
    return true;
  }
}

/** What waited there is taken away, and then nothing shows any more that its worker is dead: it rests for a while. */
function stillStuck(
  watch: Watch,
  { answer, seenAt, restarted }: { answer: ComfyStatus; seenAt: number; restarted: boolean },
): boolean {
  if (answer.stuck) watch.stuckAt = seenAt;
  else if (restarted || answer.queueRunning > 0) watch.stuckAt = null;
  return watch.stuckAt !== null && seenAt - watch.stuckAt < STUCK_REST_MS;
}

/** Less than this, and a prompt would fail, or the whole server. */
const RAM_LEAST = 256e6;
const VRAM_LEAST_SHARE = 0.05;

/** Models that we loaded fill a card rightly and make room for others; what else fills it does not. */
function isShort({ engine, loadedFamily }: BackendRow, answer: ComfyStatus): boolean {
  const { ramFree, vramFree, vramTotal } = answer;
  // Drafts need hardly any.
  if (engine === "draft") return false;
  const isOthers = loadedFamily === null && vramFree !== null && vramTotal !== null &&
    vramFree < vramTotal * VRAM_LEAST_SHARE;
  return isOthers || (ramFree !== null && ramFree < RAM_LEAST);
}

/** What an answer changes in the row as it is now; an operator may have drained the server meanwhile. */
function judgeAnswer(
  row: BackendRow,
  { answer, seenAt, isStuck }: { answer: ComfyStatus; seenAt: number; isStuck: boolean },
): BackendChange | null {
  const change = {
    status: row.status === "down" ? "up" as const : row.status,
    epoch: Math.max(row.epoch, answer.epoch),
    lastSeenAt: seenAt,
    loadedFamily: answer.epoch > row.epoch ? null : row.loadedFamily,
    vram: row.vramGiven ?? answer.vramTotal,
    version: answer.version,
    problem: isStuck ? problems["comfy.stuck"] : null,
    device: answer.device,
    vramFree: answer.vramFree,
    ramFree: answer.ramFree,
    short: isShort(row, answer),
    ...(row.faring && answer.epoch !== row.epoch ? { faring: onTrial(row.faring, seenAt) } : {}),
  };
  const seenLately = row.lastSeenAt !== null && seenAt - row.lastSeenAt < SEEN_EVERY_MS;
  return seenLately && isSame(row, { ...row, ...change }) ? null : change;
}

function isSame(a: BackendRow, b: BackendRow): boolean {
  return a.status === b.status && a.epoch === b.epoch && a.loadedFamily === b.loadedFamily &&
    a.vram === b.vram &&
    a.version === b.version && a.problem === b.problem && (a.short ?? false) === (b.short ?? false);
}
