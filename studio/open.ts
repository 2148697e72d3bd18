/** Opens every part of the studio and joins them; nothing else knows all of them. */
import { jobEffects } from "@/actors/job/effects/mod.ts";
import { job } from "@/actors/job/kind.ts";
import { type Engine, startEngine } from "@/actors/runtime/engine.ts";
import type { EffectHandler } from "@/actors/runtime/handler.ts";
import { enrol } from "@/actors/runtime/turn.ts";
import { DELIVER_LANE } from "@/actors/webhook/deliver.ts";
import { operations } from "@/adapters/media/operations.ts";
import { hashText } from "@/adapters/auth/tokens.ts";
import { makeVault } from "@/adapters/auth/vault.ts";
import { openOutbound } from "@/adapters/outbound/post.ts";
import { openMedia } from "@/adapters/media/mod.ts";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { openLog } from "@/adapters/system/log.ts";
import { openProgressBus } from "@/adapters/system/progress.ts";
import { systemRandom } from "@/adapters/system/random.ts";
import { openTracing } from "@/adapters/system/tracing.ts";
import { openWake } from "@/adapters/wake/mod.ts";
import { type Config, Secret } from "@/core/config.ts";
import { fail } from "@/core/problem.ts";
import { makeRing } from "@/core/logs.ts";
import type { Upkeep } from "@/core/maintenance.ts";
import type { Paces } from "@/core/paces.ts";
import type { Clock, LocalWork, Log, Media, WakeBus } from "@/core/ports.ts";
import type { Studio } from "@/core/studio.ts";
import type { Template } from "@/core/template.ts";
import type { Tracing } from "@/core/tracing.ts";
import { watchSetBack } from "@/db/clock.ts";
import { type Database, openDatabase } from "@/db/sqlite.ts";
import { letGo } from "@/db/intermediates.ts";
import { migrate } from "@/db/migrate.ts";
import { openSqliteStore, type SqliteStore } from "@/db/store_sqlite.ts";
import { type AutoEngine, openAutoEngine } from "./auto_engine.ts";
import { backendSetups, type Clients, openClients, requeueDrafts, saveSetups } from "./backends.ts";
import { type Fresh, openLoads, openPaces } from "./door/ahead.ts";
import { openDoor } from "./door/mod.ts";
import type { ShelfDoor } from "./door/shelf.ts";
import { usualLimits } from "./door/quotas.ts";
import { openUpkeep } from "./door/upkeep.ts";
import { type DraftProcess, startDraftProcess } from "./draft_process.ts";
import { openEnding } from "./ending.ts";
import { openExamples } from "./examples.ts";
import type { Facts } from "./facts.ts";
import { keepHouse } from "./housekeeping.ts";
import { loadKeys } from "./keys.ts";
import { lockFolder } from "./lock.ts";
import { placesOf, withFullPaths } from "./places.ts";
import { keepPrivate } from "./privacy.ts";
import { type Measured, openMetrics } from "./metrics.ts";
import { openProviders } from "./providers.ts";
import { openSettings } from "./settings.ts";
import { openStorage } from "./storage.ts";
import { openStock, type Stock } from "./templates.ts";
import { openWebhooks, type WebhookHouse } from "./webhooks.ts";

export interface House {
  config: Config;
  studio: Studio;
  store: SqliteStore;
  db: Database;
  storage: HouseStorage;
  media: Media;
  templates: Template[];
  engine: Engine;
  clients: Clients;
  log: Log;
  /** The one-time code for the first account, where the studio listens on more than this machine. */
  startCode: string | null;
  /** Takes no more work, lets turns and these requests end, gives leases back, closes every part. */
  close(requests?: Promise<unknown>): Promise<void>;
}

export interface OpenOptions {
  /** Called when a part fails too often: the process should end and be started anew. */
  onFatal(): void;
  /** Milliseconds of a sampler step in the draft renderer that the studio starts itself. */
  draftStepMs?: number;
}

const STOP_GRACE_MS = 8000;
const WEBHOOKS_AT_ONCE = 8;

export async function openHouse(given: Config, options: OpenOptions): Promise<House> {
  const first = withFullPaths(given);
  const clock = systemClock();
  const ids = systemIds();
  await Deno.mkdir(first.DATA_DIR, { recursive: true, mode: 0o700 });
  const lock = first.DRAFT_URL === "" ? await lockFolder(first.DATA_DIR) : null;
  const keys = await loadKeys(first, (bytes) => ids.token(bytes));
  const secrets = [keys.secretKey, keys.sessionSecret, ...Object.values(first)]
    .flatMap((value) => value instanceof Secret ? value : []);
  const ring = makeRing();
  const log = openLog({
    level: first.LOG_LEVEL,
    format: Deno.stderr.isTerminal() ? "pretty" : "json",
    clock,
    secrets,
    keep: ring.keep,
  });
  await keepPrivate(first.DATA_DIR, placesOf(first), log);
  const stock = await openStock(first, log);
  const { templates, definitions, graphs } = stock;
  const db = await openDb(first, log);
  const vaultFor = (purpose: string) => makeVault(keys.secretKey, purpose);
  const settings = await openSettings(first, { db, vault: vaultFor("settings"), clock, log, secrets, given });
  const { config } = settings;
  const store = openSqliteStore(db.writer, {
    newId: () => ids.uuid7(),
    limits: () => usualLimits(config),
    costHour: () => config.GPU_COST_PER_HOUR,
  });
  const storage = await openStorage(config, { log, clock, ids });
  const media = await openMedia({
    choice: config.MEDIA_ENGINE,
    ffmpegPath: config.FFMPEG_PATH,
    log,
    clock,
    scratchRoot: placesOf(config).scratchRoot,
    ...(config.CONCURRENCY > 0 ? { concurrency: config.CONCURRENCY } : {}),
  });
  const draft = await openDraft(config, {
    log,
    clock,
    stepMs: options.draftStepMs,
    ffmpeg: media.engine === "native" ? config.FFMPEG_PATH : null,
  });
  const setups = backendSetups(config.COMFY_URLS, draft.url, sha256);
  await saveSetups(db.writer, setups, config.COMFY_SLOTS);
  if (draft.process) await requeueDrafts(store);
  const clients = openClients({
    clock,
    ids,
    random: systemRandom,
    log,
    authHeader: () => config.COMFY_AUTH_HEADER,
    vault: vaultFor("servers"),
    stuckMs: config.COMFY_STUCK_SECONDS * 1000,
    secrets,
  });
  const wake = await openWake(config.WAKE, { path: `${config.DATA_DIR}/wake.kv`, clock, log });
  const ending = openEnding(clock);
  const progress = openProgressBus(clock, ending.closing);
  const shared = { templates, definitions, graphs, store, storage, media, clock, ids, log };
  const examples = await openExamples({
    ...shared,
    dir: `${config.DATA_DIR}/examples`,
    comfyFor: clients.comfyFor,
    closing: ending.closing,
  });
  const outbound = openOutbound({ allow: config.OUTBOUND_ALLOW });
  const webhooks = openWebhooks({
    db,
    clock,
    ids,
    log,
    hash: sha256,
    vault: vaultFor("webhooks"),
    outbound,
    publicUrl: config.PUBLIC_URL,
  });
  const auto = await openAutoEngine(store);
  const upkeep = openUpkeep({ ...db, clock });
  const { watch, metrics } = openMetrics({ config, db, store, storage, clock, hashText });
  const core = {
    ...shared,
    stock,
    config,
    keys,
    db,
    clients,
    wake,
    progress,
    examples,
    watch,
    metrics,
    webhooks,
    auto,
    upkeep,
    settings,
    ring,
    secrets,
    outbound,
    providers: openProviders({ config, outbound, clock }),
    tracing: openTracing(),
    paces: openPaces({ ...db, clock }),
    loads: openLoads({ ...db, clock }),
  };
  const { studio, facts, shelf: servers, feed, leaving, startCode } = openDoor(core, ending);
  const hooks = { onFatal: options.onFatal, onTurn: () => tellAll(feed, webhooks) };
  const engine = beginEngine(core, { ...hooks, facts, servers });
  studio.bind(engine);
  const housekeeping = keepHouse({ ...core, isResting: () => rests(upkeep), closing: ending.closing });
  const farewells = leaving.run(ending.closing);
  const telling = webhooks.run(ending.closing, () => engine.work());
  const watching = stock.watch(clock, ending.closing);
  const setting = settings.run(ending.closing);
  return {
    config,
    studio: studio.studio,
    store,
    db,
    storage,
    media,
    templates,
    engine,
    clients,
    log,
    startCode,
    async close(requests = Promise.resolve()) {
      await Promise.all([engine.stop(STOP_GRACE_MS), ending.endRequests(requests)]);
      await Promise.all([housekeeping, farewells, watching, telling, setting]);
      await clients.close();
      await wake.close();
      await draft.process?.stop();
      await db.close();
      lock?.release();
      log.info("the studio is closed");
    },
  };
}

async function openDb(config: Config, log: Log): Promise<Database> {
  const db = openDatabase(placesOf(config).database);
  const ran = await migrate(db.writer);
  if (ran.length > 0) log.info("database brought up to date", { migrations: ran.length });
  return db;
}

/** The draft renderer stays at hand beside real servers; one that runs already is used where DRAFT_URL names it. */
async function openDraft(
  config: Config,
  of: { log: Log; clock: Clock; stepMs?: number; ffmpeg: string | null },
): Promise<{ url: string | null; process: DraftProcess | null }> {
  if (config.DRAFT_URL !== "") {
    return { url: config.DRAFT_URL === "off" ? null : config.DRAFT_URL, process: null };
  }
  const process = await startDraftProcess({
    port: config.DRAFT_PORT,
    dir: `${config.DATA_DIR}/draft`,
    ...of,
  });
  return { url: process.url, process };
}

interface Core extends Pick<Stock, "templates" | "definitions" | "graphs"> {
  db: Database;
  config: Config;
  log: Log;
  clock: Clock;
  ids: ReturnType<typeof systemIds>;
  store: SqliteStore;
  storage: HouseStorage;
  media: Media;
  clients: Clients;
  wake: WakeBus;
  tracing: Tracing;
  progress: ReturnType<typeof openProgressBus>;
  paces(): Promise<Paces>;
  loads: Fresh<Map<string, number>>;
  watch: Measured["watch"];
  webhooks: WebhookHouse;
  auto: AutoEngine;
  upkeep: Upkeep;
}

/** Whether the studio came out of a backup and nobody has opened it. */
async function rests(upkeep: Upkeep): Promise<boolean> {
  return (await upkeep.read())?.restored === true;
}

/** How often effects of a restored studio look whether it was opened. */
const REST_MS = 3000;

/** Nothing is done outside while the studio rests; it is done afterwards as after a crash. */
function restful(handler: EffectHandler, upkeep: Upkeep): EffectHandler {
  return {
    ...handler,
    run: async (claim, context) =>
      await rests(upkeep) ? { putOffMs: REST_MS } : await handler.run(claim, context),
  };
}

/** A turn was committed. */
function tellAll(...listeners: { announce(): void }[]): void {
  for (const listener of listeners) listener.announce();
}

interface Hooks {
  onFatal(): void;
  onTurn(): void;
  facts: Facts;
  servers: ShelfDoor;
}

function beginEngine(core: Core, hooks: Hooks): Engine {
  const { config, store, storage, media, clients, clock, ids, log, wake, progress, paces, graphs } = core;
  const local: LocalWork = (op, input) => {
    const operation = operations[op];
    if (!operation) throw fail("studio.bug", { operator: `There is no local operation "${op}"` });
    return operation({ ...input, media });
  };
  const isOpen = async () => await core.upkeep.read() === null;
  const handlers = jobEffects({
    isOpen,
    store,
    storage,
    local,
    progress,
    paces,
    clock,
    log,
    ...graphs,
    spend: async (jobId, { names, since }) => {
      for (const name of await letGo(core.db, { jobId, names })) {
        await storage.remove(name, { unlessPutSince: since });
      }
    },
    judge: async (plan) => (await hooks.servers.judge({ plan })).problem,
    hasOther: (step, backend) => hooks.servers.hasOther(step, backend),
    comfy: (backend) => clients.comfyFor(backend),
    limits: {
      get downMs() {
        return config.COMFY_DOWN_SECONDS * 1000;
      },
      get diskMinBytes() {
        return config.DISK_MIN_GB * 1e9;
      },
    },
  });
  const cores = Math.max(1, navigator.hardwareConcurrency - 1);
  return startEngine({
    store,
    clock,
    ids,
    hash: sha256,
    random: systemRandom,
    log,
    wake,
    handlers: [...handlers, ...core.webhooks.handlers].map((handler) => restful(handler, core.upkeep)),
    kinds: [enrol(job)],
    lanes: { gpu: 64, cpu: config.CONCURRENCY || cores, net: 8, upload: 1, [DELIVER_LANE]: WEBHOOKS_AT_ONCE },
    comfyFor: (backend) => clients.comfyFor(backend),
    canRun: (step, backend) => hooks.servers.canRun(step, backend),
    loads: core.loads,
    isOpen,
    hasRoom: async () => (await storage.freeBytes() ?? Infinity) >= config.DISK_MIN_GB * 1e9,
    onAnswer(row) {
      hooks.facts.heard(row);
      // Another process may have added the first server, or removed the last.
      void core.auto.look().catch(() => {});
    },
    mend: watchSetBack(core.db.writer, { clock, leaseMs: config.LEASE_MS }),
    retain: async () => void await store.sweepRetention(),
    onTurn: hooks.onTurn,
    watch: core.watch,
    tracing: core.tracing,
    onFatal(part, found) {
      log.error("the studio cannot go on", {
        part,
        code: found.code,
        error: found.operator ?? found.message,
      });
      hooks.onFatal();
    },
    settings: { leaseMs: config.LEASE_MS, sweepMs: config.SWEEP_MS },
  });
}
