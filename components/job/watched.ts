/** A job that is watched: what the stream tells of it, read again when its parts changed, silent once it has ended. */
import { type Signal, signal } from "@preact/signals";
import type { ShownJob, ShownJobDetail } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { browserNow } from "../live/clock.ts";
import { type Forecast, foretell, NO_FORECAST } from "../live/forecast.ts";
import { applyRead, applyToWatched, mergeJob, type News, type Watched } from "../live/news.ts";
import { listen } from "../live/tab.ts";
import { recallWishes, tellEnd, type Wishes } from "../live/wishes.ts";
import { isWaiting, type Turn, turnOf } from "./turn.ts";
import { tabTitle } from "./view.ts";

/** Several events in one go are one reading. */
const READ_GAP_MS = 250;
const QUEUE_MS = 10_000;

export class WatchedJob {
  readonly job: Signal<ShownJobDetail>;
  readonly forecast = signal<Forecast>(NO_FORECAST);
  readonly isGone = signal(false);
  readonly turn: Signal<Turn | null>;
  #stop: (() => void) | null = null;
  #reading = false;
  #isBehind = false;

  constructor(job: ShownJobDetail, turn: Turn | null) {
    this.job = signal(job);
    this.turn = signal(turn);
  }

  /** Begins to watch. Returns the way to stop. */
  begin(usual: Wishes): () => void {
    recallWishes(usual);
    this.#hearProgress(this.job.peek());
    this.#follow();
    const onTurn = () => {
      // What has ended is not listened to: one look when the page is seen again shows what other pages did to it.
      if (document.visibilityState === "visible" && this.#stop === null) void this.read();
      this.#nameTab();
    };
    document.addEventListener("visibilitychange", onTurn);
    const timer = setInterval(() => void this.#readTurn(), QUEUE_MS);
    return () => {
      document.removeEventListener("visibilitychange", onTurn);
      clearInterval(timer);
      this.#stop?.();
      this.#stop = null;
    };
  }

  /** The answer of a command: the newer word on the job, and perhaps more to come. */
  told(job: ShownJob): void {
    this.#take({ job: mergeJob(this.job.peek(), job), isBehind: true, isGone: false });
  }

  /** Shown before the studio has answered. */
  expect(change: Partial<ShownJobDetail>): void {
    this.job.value = { ...this.job.peek(), ...change };
  }

  async read(): Promise<void> {
    this.#isBehind = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#isBehind) {
        this.#isBehind = false;
        const answer = await fetch(`/api/jobs/${this.job.peek().id}`);
        if (answer.status === 404) this.isGone.value = true;
        if (!answer.ok) return;
        this.#take(applyRead(this.#watched(), await answer.json()));
        await new Promise((resolve) => setTimeout(resolve, READ_GAP_MS));
      }
    } catch {
      // The studio does not answer: the stream says so, and its next news lead here again.
    } finally {
      this.#reading = false;
    }
  }

  /** Places move with other people's jobs, of which no news comes: a waiting job that is seen looks now and then. */
  async #readTurn(): Promise<void> {
    const job = this.job.peek();
    if (!isWaiting(job) || document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(`/api/queue?id=${job.id}`);
      if (answer.ok) this.turn.value = turnOf(await answer.json(), job.id);
    } catch {
      // The place that was known stays.
    }
  }

  #hear(news: News): void {
    if (news.kind === "progress") this.#hearProgress({ ...this.job.peek(), progress: news.progress });
    this.#take(applyToWatched(this.#watched(), news));
  }

  #hearProgress({ id, progress, run }: ShownJob): void {
    if (progress?.jobId !== id || progress.run !== run) return;
    this.forecast.value = foretell(this.forecast.peek(), progress.etaSeconds, browserNow());
  }

  #take(next: Watched): void {
    const before = this.job.peek();
    if (next.job.run !== before.run) this.forecast.value = NO_FORECAST;
    this.job.value = next.job;
    if (next.isGone) this.isGone.value = true;
    void tellEnd(before, next.job);
    this.#follow();
    if (next.isBehind) void this.read();
  }

  /** The stream is listened to while there is something to hear. */
  #follow(): void {
    const job = this.job.peek();
    this.#nameTab();
    if (isTerminal(job.status) || this.isGone.peek()) {
      this.#stop?.();
      this.#stop = null;
    } else this.#stop ??= listen([job.id], (news) => this.#hear(news), job.events.at(-1)?.seq);
  }

  #nameTab(): void {
    document.title = tabTitle(this.job.peek());
  }

  #watched(): Watched {
    return { job: this.job.peek(), isBehind: false, isGone: this.isGone.peek() };
  }
}
