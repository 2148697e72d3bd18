/** A studio in memory: the smallest thing that keeps the promises of core/studio.ts, for tests of the API and the pages. */
import type { Reserved } from "@/core/reserve.ts";
import { hashText } from "@/adapters/auth/tokens.ts";
import { unzip } from "@/adapters/system/unzip.ts";
import type { OwnLimits } from "@/core/quota.ts";
import { fakeFailed } from "./fake_failed.ts";
import { fakeKeeping } from "./fake_keeping.ts";
import { fakeQuotas, fakeRooms, limitsOf } from "./fake_quotas.ts";
import type { Probe } from "@/core/media.ts";
import type { Project, ProjectChange, Share } from "@/core/library.ts";
import { accountParts } from "./fake_accounts.ts";
import { jobParts, newest } from "./fake_jobs.ts";
import { BACKEND, fakeAdmin } from "./fake_admin.ts";
import { fakeSettings } from "./fake_settings.ts";
import { fakeUpkeep } from "./fake_upkeep.ts";
import { fakeServers } from "./fake_servers.ts";
import { fakeAudit } from "./fake_audit.ts";
import { fakeWebhooks, type KeptWebhook } from "./fake_webhooks.ts";
import { fakeQueue } from "./fake_queue.ts";
import { offerParts } from "./fake_offer.ts";
import { templateParts } from "./fake_templates.ts";
import { fakeShelf } from "./fake_shelf.ts";
import { libraryParts } from "./fake_library.ts";
import type { BackendNote } from "@/core/admin.ts";
import type { AuditRecord } from "@/core/audit.ts";
import type { Maintenance } from "@/core/maintenance.ts";
import type { Plan } from "@/core/plan.ts";
import type { Clock, Progress, StoredFile } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import { isTerminal } from "@/core/status.ts";
import type { Mail, StepRow } from "@/core/store.ts";
import type {
  Account,
  Asset,
  Defaults,
  EventRecord,
  HealthNote,
  Invitation,
  JobRecord,
  OutputRecord,
  Session,
  Studio,
} from "@/core/studio.ts";
import type { Once } from "@/core/once.ts";
import type { ApiToken } from "@/core/tokens.ts";
import type { Verdict } from "@/core/shelf.ts";

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 10, 21, 12);
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();
  now = () => this.#now;
  monotonic = () => this.#now;
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
  get sleeping(): number {
    return this.#sleepers.size;
  }
}

export const METRICS_TOKEN = "metrics-metrics-metrics";

export interface FakeStudio extends Studio {
  clock: FakeClock;
  shutDown: AbortController;
  giveUp: AbortController;
  kept: {
    accounts: Account[];
    invitations: Invitation[];
    defaults: Map<string, Defaults>;
    limits: Map<string, OwnLimits>;
    /** How often operators changed a person. */
    revs: Map<string, number>;
    /** What everybody uses besides jobs. */
    use: { gpuSeconds: number; diskBytes: number; freesAt: number | null; reserved?: Reserved };
    sessions: Map<string, Session>;
    tokens: (ApiToken & { userId: string; tokenHash: string })[];
    assets: Map<string, Asset>;
    jobs: Map<string, JobRecord>;
    projects: Map<string, Project & ProjectChange>;
    /** By the hash of the token. */
    shares: Map<string, Share>;
    plans: Map<string, Plan>;
    steps: Map<string, StepRow[]>;
    outputs: Map<string, OutputRecord[]>;
    events: EventRecord[];
    mail: Mail[];
    audit: AuditRecord[];
    webhooks: KeptWebhook[];
    servers: Map<string, BackendNote>;
    maintenance: Maintenance | null;
    settings: Map<string, { value: string; rev: number }>;
    once: Map<string, Once>;
    files: Map<string, Uint8Array<ArrayBuffer>>;
    logs: string[];
    progress: Map<string, Progress>;
    /** Ids of jobs in the order that people gave them. */
    ranks: string[];
    /** What becomes of every plan on the servers. */
    verdict: Verdict;
  };
  /** Appends an event and wakes the streams. */
  happen(event: Omit<EventRecord, "seq" | "at">): EventRecord;
}

export function makeStudio(settings: Partial<Studio["settings"]> = {}): FakeStudio {
  const clock = new FakeClock();
  const kept: FakeStudio["kept"] = {
    accounts: [],
    invitations: [],
    defaults: new Map(),
    limits: new Map(),
    revs: new Map(),
    use: { gpuSeconds: 0, diskBytes: 0, freesAt: null },
    sessions: new Map(),
    tokens: [],
    assets: new Map(),
    jobs: new Map(),
    projects: new Map(),
    shares: new Map(),
    plans: new Map(),
    steps: new Map(),
    outputs: new Map(),
    events: [],
    mail: [],
    audit: [],
    webhooks: [],
    maintenance: null,
    settings: new Map(),
    servers: new Map([[BACKEND.id, BACKEND]]),
    once: new Map(),
    files: new Map(),
    logs: [],
    progress: new Map(),
    ranks: [],
    verdict: { problem: null, preset: null, note: null },
  };
  let ids = 0;
  const shutDown = new AbortController();
  const cut = new AbortController();
  const log = (text: string, fields?: unknown) =>
    void kept.logs.push(`${text} ${JSON.stringify(fields ?? {})}`);
  const nextId = () => `019a0000-0000-7000-8000-${String(++ids).padStart(12, "0")}`;
  const fixed: Studio["settings"] = {
    publicUrl: "",
    names: ["studio.test"],
    frontendOrigin: "",
    proxies: 0,
    registration: "open",
    startCode: null,
    uploadBytesMax: 1_048_576,
    diskBytesMin: 1000,
    limits: limitsOf(20),
    referenceImagesMax: 3,
    filmSecondsMax: 60,
    trashDays: 30,
    retries: { failuresMax: 4, retryBaseMs: 1000 },
    ...settings,
  };
  return {
    kept,
    clock,
    shutDown,
    giveUp: cut,
    closing: shutDown.signal,
    cut: cut.signal,
    settings: fixed,
    ids: { uuid7: nextId, uuid4: nextId, token: (bytes) => hashText(`token ${++ids}`).slice(0, bytes) },
    log: { debug: log, info: log, warn: log, error: log },
    drawSeed: () => "18446744073709551615",
    hashText,
    hashToken: (token) => hashText(`keyed ${token}`),
    ...accountParts(kept, clock),
    rooms: fakeRooms(),
    keeping: fakeKeeping(kept, clock),
    failed: fakeFailed(kept, clock),
    quotas: fakeQuotas(kept, () => fixed.limits),
    ...assetParts(kept, clock),
    ...jobParts(kept, clock),
    ...libraryParts(kept, clock),
    ...feedParts(kept, clock),
    admin: fakeAdmin(kept, clock),
    servers: fakeServers(kept, clock),
    upkeep: fakeUpkeep(kept, clock),
    configured: fakeSettings(kept, clock),
    examine: () => Promise.resolve([{ part: "disk", state: "ok" as const, text: "plenty" }]),
    about: { version: "0.1.0", schema: "0013_servers", runtime: "Deno", media: "wasm" },
    logs: {
      find: ({ id }) =>
        Promise.resolve({
          ids: id === null ? [] : [id],
          lines: [{
            at: new Date(clock.now()).toISOString(),
            level: "info" as const,
            text: "slot granted",
            fields: { job: id ?? "j" },
          }],
        }),
    },
    audit: fakeAudit(kept, clock),
    webhooks: fakeWebhooks(kept, clock),
    queue: fakeQueue(kept),
    ...offerParts(),
    ...templateParts(),
    shelf: fakeShelf(kept),
    metrics: {
      read: () => Promise.resolve("animatrix_live_jobs 0\n"),
      opensWith: (token) => token === METRICS_TOKEN,
    },
    health: {
      db: () => Promise.resolve<HealthNote>({ state: "ok" }),
      storage: () => Promise.resolve<HealthNote>({ state: "ok" }),
    },
  };
}

function feedParts(kept: FakeStudio["kept"], clock: FakeClock) {
  const listeners = new Set<() => void>();
  const watchers = new Set<(progress: Progress) => void>();
  const parts: Pick<FakeStudio, "feed" | "progress" | "happen"> = {
    feed: {
      bounds: () =>
        Promise.resolve({ oldest: kept.events[0]?.seq ?? 0, newest: kept.events.at(-1)?.seq ?? 0 }),
      since: (userId, after, limit) =>
        Promise.resolve(
          kept.events.filter(({ seq, jobId }) => seq > after && kept.jobs.get(jobId)?.userId === userId)
            .slice(0, limit),
        ),
      listen: (_userId, hear) => {
        listeners.add(hear);
        return () => listeners.delete(hear);
      },
    },
    progress: {
      publish(progress) {
        kept.progress.set(progress.jobId, progress);
        for (const hear of watchers) hear(progress);
      },
      listen(userId, hear) {
        const own = (progress: Progress) => progress.userId === userId && hear(progress);
        watchers.add(own);
        return () => watchers.delete(own);
      },
      latest: (jobId) => kept.progress.get(jobId),
    },
    happen(event) {
      const full = { ...event, seq: (kept.events.at(-1)?.seq ?? 0) + 1, at: clock.now() };
      kept.events.push(full);
      for (const hear of listeners) hear();
      return full;
    },
  };
  return parts;
}

function assetParts(kept: FakeStudio["kept"], clock: FakeClock) {
  const parts: Pick<Studio, "assets" | "files" | "unzip" | "probe" | "thumbnail"> = {
    assets: {
      create: (asset) => Promise.resolve(void kept.assets.set(asset.id, asset)),
      setContent(id, content) {
        const asset = kept.assets.get(id);
        if (!asset || asset.content) return Promise.resolve(false);
        kept.assets.set(id, { ...asset, content });
        return Promise.resolve(true);
      },
      find(userId, id) {
        const asset = kept.assets.get(id);
        return Promise.resolve(asset?.userId === userId && asset.trashedAt === null ? asset : null);
      },
      look(userId, id) {
        const asset = kept.assets.get(id);
        return Promise.resolve(asset?.userId === userId ? asset : null);
      },
      list: (userId, { kind, projectId, before, limit }) =>
        Promise.resolve(
          newest([...kept.assets.values()].filter((asset) => asset.userId === userId), before)
            .filter((asset) => asset.trashedAt === null)
            .filter((asset) => projectId === null || asset.projectId === projectId)
            .filter((asset) => kind === null || asset.content?.kind === kind).slice(0, limit),
        ),
      remove(userId, id) {
        const asset = kept.assets.get(id);
        if (asset?.userId !== userId || asset.trashedAt !== null) return Promise.resolve(null);
        const usedBy = [...kept.jobs.values()].filter((job) =>
          !isTerminal(job.status) && job.assets.some((asset) => asset.assetId === id)
        ).map(({ id: jobId, title, status, paused }) => ({
          jobId,
          title,
          isStarted: status !== "created",
          isPaused: paused,
        }));
        if (usedBy.length > 0) return Promise.resolve({ removed: false, usedBy });
        kept.assets.set(id, { ...asset, trashedAt: clock.now() });
        return Promise.resolve({ removed: true, usedBy });
      },
    },
    files: {
      async receive(content, { ext }) {
        const pieces: Uint8Array<ArrayBuffer>[] = [];
        for await (const piece of content) pieces.push(piece.slice());
        const bytes = await new Blob(pieces).bytes();
        const sha256 = hashText(String(bytes));
        const name = `${sha256}.${ext}`;
        const keep = () => Promise.resolve(void kept.files.set(name, bytes));
        const facts = { name, sha256, ext, bytes: bytes.byteLength };
        return { ...facts, path: "", keep, drop: () => Promise.resolve() };
      },
      stat(name) {
        const file = kept.files.get(name);
        return Promise.resolve(file ? { bytes: file.byteLength } : null);
      },
      read(name, range) {
        const file = kept.files.get(name);
        if (!file) throw fail("storage.missing");
        const part = range ? file.slice(range.start, range.end + 1) : file;
        return Promise.resolve(new Blob([part]).stream());
      },
      freeBytes: () => Promise.resolve(10_000_000),
    },
    unzip,
    probe: (file) => Promise.resolve(fakeProbe(file)),
    thumbnail(_file, kind) {
      if (kind === "audio") return Promise.resolve(null);
      kept.files.set("thumb.webp", new Uint8Array([1, 2, 3]));
      return Promise.resolve("thumb.webp");
    },
  };
  return parts;
}

function fakeProbe(file: StoredFile): Probe {
  if (file.bytes < 40) throw fail("asset.unreadable");
  const kind = file.ext === "png" || file.ext === "jpg"
    ? "image"
    : ["wav", "mp3"].includes(file.ext)
    ? "audio"
    : "video";
  const rate = { num: 16, den: 1 };
  const picture = { codec: "x", width: 64, height: 48, rate, frames: 16, rotation: 0 };
  const video = { ...picture, variableRate: false, pixelFormat: "yuv420p", transfer: "" };
  return { kind, container: file.ext, durationS: 2.5, video: kind === "audio" ? null : video, audio: null };
}
