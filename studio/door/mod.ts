/** The Studio that pages and API see, fulfilled by the parts of this house. */
import { makeLimiter } from "@/adapters/auth/limiter.ts";
import { makePasswords } from "@/adapters/auth/passwords.ts";
import { makeVault } from "@/adapters/auth/vault.ts";
import type { Outbound } from "@/adapters/outbound/post.ts";
import { hashText, makeStartCode, makeTokenHash } from "@/adapters/auth/tokens.ts";
import type { Engine } from "@/actors/runtime/engine.ts";
import { type Config, Secret, strikeOut } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import type { Upkeep } from "@/core/maintenance.ts";
import type { LogRing } from "@/core/logs.ts";
import type { Metrics } from "@/core/metrics.ts";
import type { Paces } from "@/core/paces.ts";
import type { Clock, Ids, Log, Media, ProgressBus, WakeBus } from "@/core/ports.ts";
import type { Mail } from "@/core/store.ts";
import { makeOffer, type Offer } from "@/core/offer.ts";
import type { Studio } from "@/core/studio.ts";
import type { Template } from "@/core/template.ts";
import { classesOf } from "@/core/workflow/mod.ts";
import { newest } from "@/core/workflow/versions.ts";
import type { Tracing } from "@/core/tracing.ts";
import project from "@/deno.json" with { type: "json" };
import { MIGRATIONS } from "@/db/migrations/mod.ts";
import { openOnceKeys } from "@/db/idempotency.ts";
import type { Database } from "@/db/sqlite.ts";
import type { SqliteStore } from "@/db/store_sqlite.ts";
import type { AutoEngine } from "../auto_engine.ts";
import type { Clients } from "../backends.ts";
import type { Ending } from "../ending.ts";
import type { Examples } from "../examples.ts";
import { type Facts, openFacts } from "../facts.ts";
import { isLoopback, type Keys } from "../keys.ts";
import { ownFolder } from "../places.ts";
import type { ProviderHouse } from "../providers.ts";
import type { SettingHouse } from "../settings.ts";
import type { WebhookHouse } from "../webhooks.ts";
import { openOwnTemplates, type Stock } from "../templates.ts";
import { type Leaving, openLeaving } from "../leaving.ts";
import { openAccounts, openInvitations, openSessions, openTokens } from "./accounts.ts";
import { openAdmin } from "./admin.ts";
import { openAudit } from "./audit.ts";
import { type Fresh, openAhead } from "./ahead.ts";
import { openAssets } from "./assets.ts";
import { finisherBy } from "./finishers.ts";
import { openFiles } from "./files.ts";
import { healthOf } from "./health.ts";
import { type Feed, openFeed, openJobs } from "./jobs.ts";
import { openLibrary, openProjects, openShares } from "./library.ts";
import { openLogs } from "./logs.ts";
import { openPlanning } from "./planning.ts";
import { openQueue } from "./queue.ts";
import { examine } from "../doctor/mod.ts";
import { openQuotas, usualLimits } from "./quotas.ts";
import { openFailed } from "./failed.ts";
import { openKeeping } from "./keeping.ts";
import { openRooms } from "./room.ts";
import { openPresets } from "./presets.ts";
import { openServers } from "./servers.ts";
import { openSettingsDoor } from "./settings.ts";
import { openShelfDoor, type ShelfDoor, usualPresetBy } from "./shelf.ts";

export interface DoorParts extends Pick<Stock, "templates" | "definitions" | "graphs"> {
  stock: Stock;
  config: Config;
  keys: Keys;
  log: Log;
  clock: Clock;
  ids: Ids;
  store: SqliteStore;
  db: Database;
  paces: Fresh<Paces>;
  loads: Fresh<Map<string, number>>;
  storage: HouseStorage;
  media: Media;
  clients: Clients;
  wake: WakeBus;
  progress: ProgressBus;
  examples: Examples;
  metrics: Metrics;
  webhooks: WebhookHouse;
  auto: AutoEngine;
  upkeep: Upkeep;
  settings: SettingHouse;
  ring: LogRing;
  /** Values that stand in no report. */
  secrets: Secret[];
  outbound: Outbound;
  providers: ProviderHouse;
  tracing: Tracing;
}

export interface Door {
  studio: { studio: Studio; bind(engine: Engine): void };
  facts: Facts;
  shelf: ShelfDoor;
  feed: Feed;
  leaving: Leaving;
  startCode: string | null;
}

export function openDoor(parts: DoorParts, { closing, cut }: Pick<Ending, "closing" | "cut">): Door {
  const { config, keys, log, clock, ids, store, db, storage, media, clients, progress, templates } = parts;
  const feed = openFeed(db);
  const offer = keepOffer(templates, parts.auto.now);
  const startCode = isLoopback(config.HOST) ? null : makeStartCode();
  let engine: Engine | null = null;
  const comfyFor = clients.comfyFor;
  /** What a person asks for is one trace from here on, through every process that works on it. */
  const traced = (mail: Mail[]): Mail[] => {
    const trace = parts.tracing.current();
    return trace === null ? mail : mail.map((item) => ({ ...item, trace }));
  };
  const leaving = openLeaving({ db, clock, log, tell: (mail) => studio.tell(mail) });
  const schedule = () => engine?.schedule();
  const hint = (actors: string[]) => engine?.hint(actors);
  const ahead = openAhead({
    ...db,
    clock,
    progress,
    paces: parts.paces,
    loads: parts.loads,
    usual: () => usualLimits(config),
  });
  const facts = openFacts({
    clock,
    log,
    classes: () => [...new Set(templates.flatMap(classesOf))],
    comfyFor,
    onNews: schedule,
  });
  const shelf = openShelfDoor({
    ...parts,
    facts,
    sketch: (draft, assets) => studio.sketch(draft, assets),
  });
  const vault = makeVault(keys.secretKey, "servers");
  const hintOf = (sealed: string) => new Secret(vault.open(sealed) ?? "").hint();
  const servers = openServers({
    ...parts,
    shelf,
    vault,
    slots: config.COMFY_SLOTS,
    usualHeader: () => config.COMFY_AUTH_HEADER,
    async onChange() {
      await clients.keepOnly((await store.backends()).map(({ id }) => id));
      await parts.auto.look();
      schedule();
    },
  });
  const health = healthOf(parts);
  const studio: Studio = {
    settings: settingsOf(config, startCode),
    clock,
    ids,
    log,
    drawSeed: () => new DataView(crypto.getRandomValues(new Uint8Array(8)).buffer).getBigUint64(0).toString(),
    hashText,
    hashToken: makeTokenHash(keys.sessionSecret),
    ...doubting(feed, {
      accounts: openAccounts(db, leaving.leave),
      sessions: openSessions(db),
      tokens: openTokens(db),
    }),
    invitations: openInvitations(db),
    webhooks: parts.webhooks.door,
    passwords: makePasswords(),
    limiter: makeLimiter(clock),
    onceKeys: openOnceKeys(db.writer),
    assets: openAssets(db),
    jobs: openJobs(db),
    library: openLibrary(db),
    projects: openProjects(db),
    shares: openShares(db),
    feed,
    progress,
    admin: openAdmin({
      ...db,
      config,
      store,
      templates,
      clock,
      ids,
      ahead,
      shelf,
      comfyFor,
      schedule,
      hint,
      hintOf,
    }),
    servers,
    upkeep: parts.upkeep,
    examine: async () => (await examine(config)).map((found) => hushed(found, parts.secrets)),
    about: {
      version: project.version,
      schema: MIGRATIONS.at(-1)?.name ?? "",
      runtime: `Deno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}`,
      media: `${media.engine} ${media.version}`,
    },
    logs: openLogs({ ...db, ring: parts.ring }),
    configured: openSettingsDoor({ ...parts, house: parts.settings, servers, health }),
    audit: openAudit(db),
    quotas: openQuotas({ ...db, config, clock, paces: parts.paces }),
    keeping: openKeeping({ ...db, config }),
    failed: openFailed({ ...db, hint }),
    rooms: openRooms({ ...db, storage, config, clock }),
    queue: openQueue({ ...db, store, clock, ahead, schedule }),
    presets: openPresets(db),
    get offer() {
      return offer();
    },
    templates: openOwnTemplates({
      stock: parts.stock,
      folder: ownFolder(config),
      ids,
      backends: () => store.backends(),
      comfyFor,
    }),
    shelf,
    ...openFiles({ storage, media }),
    ...openPlanning(planningOf(parts), async () => {
      const rows = await store.backends();
      return { usualPreset: usualPresetBy(rows), finisher: finisherBy(rows, { ...parts, facts }) };
    }),
    async admit(jobs) {
      await store.admit(jobs.map((job) => ({ ...job, mail: traced(job.mail) })), {
        openMax: config.JOBS_QUEUED_MAX,
      });
      engine?.hint(jobs.map((job) => job.id));
    },
    async tell(mail) {
      if (engine) await engine.tell(...traced(mail));
      else await store.post(traced(mail));
    },
    async revise(jobId, { rev, plan, mail, draft }) {
      const [item = mail] = traced([mail]);
      const row = draft && {
        title: draft.title,
        prompt: draft.prompt,
        negativePrompt: draft.negativePrompt,
        settings: { ...draft },
      };
      if (!await store.revise(jobId, { rev, plan, mail: item, row })) return false;
      engine?.hint([jobId]);
      return true;
    },
    metrics: parts.metrics,
    health,
    closing,
    cut,
  };
  return {
    studio: { studio, bind: (started) => void (engine = started) },
    facts,
    shelf,
    feed,
    leaving,
    startCode,
  };
}

/** Whoever is kept out hears nothing more, also through what was opened before. */
function doubting(
  feed: Feed,
  { accounts, sessions, tokens }: Pick<Studio, "accounts" | "sessions" | "tokens">,
): Pick<Studio, "accounts" | "sessions" | "tokens"> {
  const then = <Given extends unknown[], End>(act: (...given: Given) => Promise<End>) => {
    return async (...given: Given) => {
      const end = await act(...given);
      feed.doubt();
      return end;
    };
  };
  return {
    accounts: { ...accounts, change: then(accounts.change), leave: then(accounts.leave) },
    sessions: { ...sessions, remove: then(sessions.remove), removeOthers: then(sessions.removeOthers) },
    tokens: { ...tokens, revoke: then(tokens.revoke) },
  };
}

/** Read anew each time: operators change some of it while the studio runs. */
function settingsOf(config: Config, startCode: string | null): Studio["settings"] {
  return {
    publicUrl: config.PUBLIC_URL,
    names: [Deno.hostname(), config.HOST].map((name) => name.toLowerCase()),
    frontendOrigin: config.FRONTEND_ORIGIN,
    proxies: config.PROXIES,
    startCode,
    get registration() {
      return config.REGISTRATION;
    },
    get uploadBytesMax() {
      return config.UPLOAD_MAX_MB * 1_048_576;
    },
    get diskBytesMin() {
      return config.DISK_MIN_GB * 1e9;
    },
    get limits() {
      return usualLimits(config);
    },
    get referenceImagesMax() {
      return config.REFERENCE_IMAGES_MAX;
    },
    get filmSecondsMax() {
      return config.FILM_SECONDS_MAX;
    },
    get trashDays() {
      return config.TRASH_DAYS;
    },
    get retries() {
      return { failuresMax: config.ATTEMPTS_MAX, retryBaseMs: config.RETRY_BASE_MS };
    },
  };
}

/** Nearly every page asks for it, so it is made anew only when templates or the first server have come, gone or changed. */
function keepOffer(templates: Template[], engine: () => Offer["engine"]): () => Offer {
  let [of, offer] = [newest(templates), makeOffer(newest(templates), engine())];
  return () => {
    const now = newest(templates);
    const same = now.length === of.length && now.every((template, at) => template === of[at]);
    if (!same || offer.engine !== engine()) [of, offer] = [now, makeOffer(now, engine())];
    return offer;
  };
}

function planningOf({ config, templates, definitions, auto }: DoorParts) {
  return () => ({
    templates,
    definitions,
    hash: sha256,
    autoEngine: auto.now(),
    limits: {
      referencesMax: config.REFERENCE_IMAGES_MAX,
      filmSecondsMax: config.FILM_SECONDS_MAX,
      timeLimitMinS: config.PROMPT_SECONDS_MIN,
      timeLimitMaxS: config.PROMPT_SECONDS_MAX,
    },
  });
}

function hushed({ part, state, text, remedy }: Finding, secrets: readonly Secret[]): Finding {
  const hush = (words: string) => strikeOut(words, secrets);
  return {
    part: hush(part),
    state,
    text: hush(text),
    ...(remedy === undefined ? {} : { remedy: hush(remedy) }),
  };
}
