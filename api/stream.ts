/** One client's event stream: a snapshot or what was missed, then every event in order, and progress as it comes. */
import { STATUSES, TERMINAL } from "@/core/status.ts";
import type { Maintenance } from "@/core/maintenance.ts";
import type { Progress } from "@/core/ports.ts";
import type { Audience, Snapshot } from "./audience.ts";
import { showEvent, showJob, showProgress, type Viewer } from "./job_views.ts";
import type { Account, EventRecord, JobRecord, Studio } from "./studio.ts";

const BATCH = 200;
const SNAPSHOT_JOBS = 50;
/** The log is looked at this often even without a hint: hints may be lost. */
const LOOK_MS = 2000;
const BEAT_MS = 15_000;
/** The last words to a stream that gave its place to a newer one: a browser then asks again in a minute, not at once. */
const REPLACED = "retry: 60000\nevent: replaced\ndata: {}\n\n";
/** Five times a second at most. */
const PROGRESS_MS = 200;

export interface StreamOptions {
  user: Account;
  viewer: Viewer;
  /** Newest event that the client has, or null. */
  lastSeen: number | null;
  /** Only these jobs; null for all. */
  jobs: Set<string> | null;
  /** False once the session has ended. */
  isSignedIn: () => Promise<boolean>;
  audience: Audience;
}

export function openStream(studio: Studio, options: StreamOptions): ReadableStream<Uint8Array> {
  return new Stream(studio, options).readable();
}

class Stream {
  readonly #studio: Studio;
  readonly #options: StreamOptions;
  readonly #encoder = new TextEncoder();
  readonly #left = new AbortController();
  readonly #progress = new Map<string, Progress>();
  readonly #outbox: string[] = ["retry: 2000\n\n"];
  #cursor = 0;
  #isBegun = false;
  #isReplaced = false;
  #hasNews = false;
  #isDoubtful = false;
  #standing: Maintenance | null = null;
  #lookAt = 0;
  #beatAt = 0;
  #progressAt = 0;
  #wake: () => void = () => {};
  #unlisten: (() => void)[] = [];

  constructor(studio: Studio, options: StreamOptions) {
    this.#studio = studio;
    this.#options = options;
  }

  readable(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: () => this.#listen(),
      pull: async (controller) => {
        try {
          const text = await this.#next();
          if (text !== null) return controller.enqueue(this.#encoder.encode(text));
        } catch (cause) {
          const error = cause instanceof Error ? cause.message : String(cause);
          this.#studio.log.warn("event stream ended", { error });
        }
        this.#leave();
        controller.close();
      },
      cancel: () => {
        this.#leave();
        this.#wake();
      },
    }, { highWaterMark: 1 });
  }

  #listen(): void {
    const { user, jobs, audience } = this.#options;
    this.#unlisten.push(audience.join(user.id, () => {
      this.#isReplaced = true;
      this.#outbox.push(REPLACED);
      this.#wake();
    }));
    const leave = () => {
      this.#left.abort();
      this.#wake();
    };
    const { closing } = this.#studio;
    if (closing.aborted) leave();
    closing.addEventListener("abort", leave);
    this.#unlisten.push(() => closing.removeEventListener("abort", leave));
    this.#unlisten.push(this.#studio.feed.listen(user.id, (doubt = false) => {
      this.#hasNews = true;
      this.#isDoubtful ||= doubt;
      this.#wake();
    }));
    this.#unlisten.push(this.#studio.progress.listen(user.id, (progress) => {
      if (jobs !== null && !jobs.has(progress.jobId)) return;
      this.#progress.set(progress.jobId, progress);
      this.#wake();
    }));
  }

  #leave(): void {
    this.#left.abort();
    for (const stop of this.#unlisten.splice(0)) stop();
  }

  /** The next piece of text, or null when the stream is over. */
  async #next(): Promise<string | null> {
    while (!this.#left.signal.aborted) {
      const ready = this.#outbox.shift();
      if (ready !== undefined) return ready;
      if (this.#isReplaced) return null;
      if (!this.#isBegun) await this.#begin();
      else if (this.#hasNews || this.#now() >= this.#lookAt) await this.#look();
      else if (this.#progress.size > 0 && this.#now() >= this.#progressAt) this.#flushProgress();
      else if (this.#now() >= this.#beatAt) {
        if (!await this.#options.isSignedIn()) return null;
        this.#send(": beat\n\n");
      } else await this.#wait();
    }
    return null;
  }

  #now(): number {
    return this.#studio.clock.monotonic();
  }

  #send(text: string): void {
    this.#outbox.push(text);
    this.#beatAt = this.#now() + BEAT_MS;
  }

  /** A client that is still in the log goes on where it was; any other gets a snapshot. */
  async #begin(): Promise<void> {
    this.#isBegun = true;
    const { user, lastSeen, audience } = this.#options;
    this.#standing = await this.#studio.upkeep.read();
    this.#sendStanding();
    const { oldest, newest } = await this.#studio.feed.bounds(user.id);
    if (lastSeen !== null && lastSeen <= newest && lastSeen >= oldest - 1) {
      this.#cursor = lastSeen;
      this.#hasNews = true;
      this.#beatAt = this.#now() + BEAT_MS;
      return;
    }
    this.#sendSnapshot(await audience.share(user.id, () => readSnapshot(this.#studio, user.id, newest)));
  }

  #sendSnapshot(snapshot: Snapshot): void {
    this.#cursor = snapshot.newest;
    const jobs = snapshot.jobs.filter((job) => this.#wants(job.id));
    const shown = jobs.map((job) => showJob(job, this.#viewer()));
    this.#send(frame({ id: snapshot.newest, event: "snapshot", data: { jobs: shown } }));
  }

  /** Whether maintenance has begun or ended. Nobody loses the stream when it cannot be read. */
  async #hearStanding(): Promise<boolean> {
    const before = this.#standing;
    this.#standing = await this.#studio.upkeep.read().catch(() => before);
    if (this.#standing?.note !== before?.note) this.#sendStanding();
    return (this.#standing === null) !== (before === null);
  }

  /** For the banner of pages that are open. */
  #sendStanding(): void {
    this.#send(frame({ event: "maintenance", data: { note: this.#standing?.note ?? null } }));
  }

  #viewer(): Viewer {
    return { ...this.#options.viewer, closed: this.#standing !== null };
  }

  async #look(): Promise<void> {
    this.#hasNews = false;
    this.#lookAt = this.#now() + LOOK_MS;
    const events = await this.#studio.feed.since(this.#options.user.id, this.#cursor, BATCH);
    if (events.length === BATCH) this.#hasNews = true;
    // What is told is told only to who may still hear it.
    if ((events.length > 0 || this.#isDoubtful) && !await this.#options.isSignedIn()) {
      return this.#left.abort();
    }
    this.#isDoubtful = false;
    const hasTurned = await this.#hearStanding();
    const jobs = new Map<string, JobRecord | null>();
    for (const event of events) {
      this.#cursor = event.seq;
      if (!this.#wants(event.jobId)) continue;
      if (!jobs.has(event.jobId)) {
        jobs.set(event.jobId, await this.#studio.jobs.find(this.#options.user.id, event.jobId));
      }
      this.#sendEvent(event, jobs.get(event.jobId) ?? null);
    }
    // What films wait for has changed with it.
    const { user } = this.#options;
    if (hasTurned) this.#sendSnapshot(await readSnapshot(this.#studio, user.id, this.#cursor));
  }

  #sendEvent(event: EventRecord, job: JobRecord | null): void {
    const viewer = this.#viewer();
    const data = { event: showEvent(event, viewer), job: job === null ? null : showJob(job, viewer) };
    this.#send(frame({ id: event.seq, event: "job", data }));
    if (job !== null && TERMINAL.includes(job.status)) this.#progress.delete(job.id);
  }

  #flushProgress(): void {
    this.#progressAt = this.#now() + PROGRESS_MS;
    for (const progress of this.#progress.values()) {
      this.#send(frame({ event: "progress", data: showProgress(progress) }));
    }
    this.#progress.clear();
  }

  #wants(jobId: string): boolean {
    return this.#options.jobs === null || this.#options.jobs.has(jobId);
  }

  /** Until something is told or falls due. */
  async #wait(): Promise<void> {
    const due = Math.min(this.#lookAt, this.#beatAt, this.#progress.size > 0 ? this.#progressAt : Infinity);
    const stop = new AbortController();
    const told = new Promise<void>((resolve) => this.#wake = resolve);
    const slept = this.#studio.clock.sleep(Math.max(1, due - this.#now()), stop.signal).catch(() => {});
    await Promise.race([told, slept]);
    stop.abort();
    this.#wake = () => {};
  }
}

/** Every live job and the newest ones; `newest` was read before them. */
async function readSnapshot({ jobs }: Studio, userId: string, newest: number): Promise<Snapshot> {
  const filter = {
    mode: null,
    batchId: null,
    projectId: null,
    trashed: false,
    before: null,
    limit: SNAPSHOT_JOBS,
  };
  const live = STATUSES.filter((status) => !TERMINAL.includes(status));
  const [open, recent] = await Promise.all([
    jobs.list(userId, { ...filter, statuses: live }),
    jobs.list(userId, { ...filter, statuses: null }),
  ]);
  return { newest, jobs: [...new Map([...recent, ...open].map((job) => [job.id, job])).values()] };
}

/** One event in the wire format; JSON holds no raw line ends, so one data line is enough. */
function frame(given: { id?: number; event: string; data: unknown }): string {
  const id = given.id === undefined ? "" : `id: ${given.id}\n`;
  return `${id}event: ${given.event}\ndata: ${JSON.stringify(given.data)}\n\n`;
}
