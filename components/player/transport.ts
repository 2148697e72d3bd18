/** Plays clips one after the other on two screens: while one plays, the next is made ready. Knows the exact frame. */
import { computed, signal } from "@preact/signals";
import { type Clip, frameAt, nextSpeed, placeAt, type Rate, startsOf, timeOfFrame, totalOf } from "./reel.ts";

/** The part of a video element that is used. */
export type Screen = Pick<
  HTMLVideoElement,
  "currentTime" | "playbackRate" | "muted" | "pause" | "play" | "requestVideoFrameCallback"
>;

export class Transport {
  readonly index = signal(0);
  /** Seconds from the beginning of the film. */
  readonly at = signal(0);
  readonly isPlaying = signal(false);
  readonly isLooping = signal(false);
  readonly isMuted = signal(false);
  readonly isBroken = signal(false);
  readonly speed = signal(1);
  readonly clips = signal<Clip[]>([]);
  readonly total = computed(() => totalOf(this.clips.value));
  readonly frame = computed(() => frameAt(this.at.value, this.rate));

  readonly #screens = new Map<string, Screen>();
  /** What the clip that comes on the screen is to do. */
  #pending: { url: string; within: number; play: boolean } | null = null;

  constructor(readonly rate: Rate) {}

  /** The clips as they are now: more may come while they play, and lengths become known. */
  load(clips: Clip[]): void {
    const known = new Map(this.clips.peek().map(({ url, seconds }) => [url, seconds]));
    this.clips.value = clips.map(({ url, seconds }) => ({ url, seconds: seconds ?? known.get(url) ?? null }));
  }

  attach(url: string, screen: Screen): () => void {
    this.#screens.set(url, screen);
    if (this.#pending?.url === url) this.#begin(screen, this.#pending);
    this.#watchFrames(url, screen);
    return () => {
      if (this.#screens.get(url) === screen) this.#screens.delete(url);
    };
  }

  measured(url: string, seconds: number): void {
    if (!Number.isFinite(seconds)) return;
    this.clips.value = this.clips.peek().map((clip) => clip.url === url ? { ...clip, seconds } : clip);
  }

  /** News of a screen count only while it is the one that is seen. */
  moved(url: string, within: number): void {
    if (!this.#isSeen(url) || this.#pending !== null) return;
    this.at.value = (startsOf(this.clips.peek())[this.index.peek()] ?? 0) + within;
  }

  changed(url: string, isPlaying: boolean): void {
    if (this.#isSeen(url) && this.#pending === null) this.isPlaying.value = isPlaying;
  }

  ended(url: string): void {
    if (!this.#isSeen(url)) return;
    const next = this.index.peek() + 1;
    if (next < this.clips.peek().length) return this.#show(next, { within: 0, play: true });
    if (this.isLooping.peek()) return this.#show(0, { within: 0, play: true });
    this.isPlaying.value = false;
  }

  toggle(): void {
    const screen = this.#screen();
    if (this.isPlaying.peek()) return screen?.pause();
    const last = frameAt(this.total.peek(), this.rate) - 1;
    if (last > 0 && this.frame.peek() >= last) return this.#show(0, { within: 0, play: true });
    if (screen) this.#play(screen);
  }

  seek(to: number, play = this.isPlaying.peek()): void {
    const end = Math.max(0, this.total.peek() - 0.001);
    const { index, within } = placeAt(this.clips.peek(), Math.min(Math.max(0, to), end));
    this.#show(index, { within, play });
  }

  /** Stands still on the frame so many before or after. */
  step(by: number): void {
    this.#screen()?.pause();
    this.seek(timeOfFrame(Math.max(0, this.frame.peek() + by), this.rate), false);
  }

  setSpeed(speed = nextSpeed(this.speed.peek())): void {
    this.speed.value = speed;
    for (const screen of this.#screens.values()) screen.playbackRate = speed;
  }

  mute(isMuted = !this.isMuted.peek()): void {
    this.isMuted.value = isMuted;
    for (const screen of this.#screens.values()) screen.muted = isMuted;
  }

  loop(): void {
    this.isLooping.value = !this.isLooping.peek();
  }

  #show(index: number, { within, play }: { within: number; play: boolean }): void {
    const url = this.clips.peek()[index]?.url;
    if (url === undefined) return;
    for (const [other, screen] of this.#screens) if (other !== url) screen.pause();
    this.#pending = { url, within, play };
    this.index.value = index;
    this.at.value = (startsOf(this.clips.peek())[index] ?? 0) + within;
    this.isPlaying.value = play;
    const screen = this.#screens.get(url);
    if (screen) this.#begin(screen, this.#pending);
  }

  #begin(screen: Screen, { within, play }: { within: number; play: boolean }): void {
    this.#pending = null;
    screen.currentTime = within;
    screen.playbackRate = this.speed.peek();
    screen.muted = this.isMuted.peek();
    if (play) this.#play(screen);
    else screen.pause();
  }

  /** A browser that refuses to play says so by its `pause`. */
  #play(screen: Screen): void {
    screen.play().catch(() => void (this.isPlaying.value = false));
  }

  #watchFrames(url: string, screen: Screen): void {
    screen.requestVideoFrameCallback?.((_now, { mediaTime }) => {
      if (this.#screens.get(url) !== screen) return;
      this.moved(url, mediaTime);
      this.#watchFrames(url, screen);
    });
  }

  #screen(): Screen | undefined {
    return this.#screens.get(this.clips.peek()[this.index.peek()]?.url ?? "");
  }

  #isSeen(url: string): boolean {
    return this.clips.peek()[this.index.peek()]?.url === url;
  }
}
