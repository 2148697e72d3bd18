/** Two films locked together: the second follows the first, frame by frame, over all or a range. */
import { computed, signal } from "@preact/signals";
import { frameAt, nextSpeed, type Rate, timeOfFrame } from "../player/reel.ts";

/** The part of a video element that is used. */
export type Screen = Pick<
  HTMLVideoElement,
  "currentTime" | "duration" | "muted" | "pause" | "play" | "playbackRate" | "requestVideoFrameCallback"
>;

export type Ear = "a" | "b" | null;

export class Pair {
  readonly at = signal(0);
  readonly isPlaying = signal(false);
  readonly speed = signal(1);
  /** Which of the two is heard. */
  readonly heard = signal<Ear>("a");
  /** Seconds; null for all. */
  readonly range = signal<{ from: number; to: number } | null>(null);
  readonly #lengths = signal<{ a: number; b: number }>({ a: 0, b: 0 });
  /** As long as the shorter one. */
  readonly total = computed(() => Math.min(this.#lengths.value.a, this.#lengths.value.b));
  readonly frame = computed(() => frameAt(this.at.value, this.rate));
  #screens: { a: Screen; b: Screen } | null = null;

  constructor(readonly rate: Rate) {}

  attach(a: Screen, b: Screen): () => void {
    this.#screens = { a, b };
    this.#listen();
    this.#watch(a);
    return () => void (this.#screens = null);
  }

  measured(which: "a" | "b", seconds: number): void {
    if (Number.isFinite(seconds)) this.#lengths.value = { ...this.#lengths.peek(), [which]: seconds };
  }

  toggle(): void {
    if (this.isPlaying.peek()) return this.#pause();
    if (this.at.peek() >= this.#end() - this.#frameS() / 2) this.seek(this.#begin());
    this.isPlaying.value = true;
    this.#each((screen) => {
      screen.playbackRate = this.speed.peek();
      screen.play().catch(() => this.#pause());
    });
  }

  /** Both stand on the same frame. */
  seek(to: number): void {
    const total = this.total.peek();
    // Before the lengths are known nobody can say which frame is the last; the screens stop at their ends by themselves.
    const last = total > 0 ? Math.max(0, frameAt(total, this.rate) - 1) : Infinity;
    const frame = Math.min(Math.max(0, frameAt(to, this.rate)), last);
    this.at.value = timeOfFrame(frame, this.rate);
    this.#each((screen) => void (screen.currentTime = this.at.peek()));
  }

  step(by: number): void {
    this.#pause();
    this.seek(timeOfFrame(this.frame.peek() + by, this.rate));
  }

  setSpeed(): void {
    this.speed.value = nextSpeed(this.speed.peek());
    this.#each((screen) => void (screen.playbackRate = this.speed.peek()));
  }

  hear(which: Ear): void {
    this.heard.value = which;
    this.#listen();
  }

  /** The loop begins or ends at the frame that is shown. */
  markFrom(): void {
    const to = this.range.peek()?.to ?? this.total.peek();
    const from = this.at.peek();
    this.range.value = { from, to: to > from ? to : this.total.peek() };
  }

  markTo(): void {
    const from = this.range.peek()?.from ?? 0;
    const to = this.at.peek() + this.#frameS() / 2;
    this.range.value = { from: from < to ? from : 0, to };
  }

  clearRange(): void {
    this.range.value = null;
  }

  /** News of the first film: it leads. */
  moved(seconds: number): void {
    if (!this.isPlaying.peek()) return;
    this.at.value = seconds;
    if (seconds >= this.#end() - this.#frameS() / 2) return this.#again();
    const behind = this.#screens ? Math.abs(this.#screens.b.currentTime - this.#screens.a.currentTime) : 0;
    if (behind > 1.5 * this.#frameS() && this.#screens) {
      this.#screens.b.currentTime = this.#screens.a.currentTime;
    }
  }

  ended(): void {
    if (this.isPlaying.peek()) this.#again();
  }

  #again(): void {
    this.seek(this.#begin());
    this.#each((screen) => void screen.play().catch(() => this.#pause()));
  }

  #begin(): number {
    return this.range.peek()?.from ?? 0;
  }

  #end(): number {
    return this.range.peek()?.to ?? this.total.peek();
  }

  #frameS(): number {
    return this.rate.den / this.rate.num;
  }

  #pause(): void {
    this.isPlaying.value = false;
    this.#each((screen) => screen.pause());
    this.seek(this.at.peek());
  }

  #listen(): void {
    if (!this.#screens) return;
    this.#screens.a.muted = this.heard.peek() !== "a";
    this.#screens.b.muted = this.heard.peek() !== "b";
  }

  #each(act: (screen: Screen) => void): void {
    if (this.#screens) [this.#screens.a, this.#screens.b].forEach(act);
  }

  #watch(lead: Screen): void {
    lead.requestVideoFrameCallback?.((_now, { mediaTime }) => {
      if (this.#screens?.a !== lead) return;
      this.moved(mediaTime);
      this.#watch(lead);
    });
  }
}
