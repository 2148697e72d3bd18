/** Turns wire events into news of prompts: matched by prompt id, weighed by node, throttled, and kept for late listeners. */
import { advanceProgress, type GraphProgress, ratioOf, startProgress } from "@/core/comfy/progress.ts";
import type { PromptNews } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";
import type { WireEvent } from "./frames.ts";

export interface NewsParts {
  promptOf: typeof promptOf;
  ratioOf: typeof ratioOf;
  cachedShares: typeof cachedShares;
}

interface Track {
  progress: GraphProgress;
  node: string | null;
  started: boolean;
  /** Somebody heard of the start. */
  startTold: boolean;
  /** Monotonic time of the first end event. */
  endedAt: number | null;
  /** The end event was told to somebody who then looked. */
  endTaken: boolean;
  /** progress_state replaces plain progress where it comes. */
  hasState: boolean;
  toldAt: number;
  toldPreviewAt: number;
}

type Hear = (news: PromptNews) => void;

/** Rule 4: an event belongs to the prompt that it names; what names none belongs to nobody. */
export function promptOf(event: WireEvent): string | null {
  return "promptId" in event ? event.promptId : null;
}

/** Rule 22: cached nodes count as done. */
export function cachedShares(nodes: string[]): [string, number][] {
  return nodes.map((node) => [node, 1]);
}

export class NewsDesk {
  readonly #tracks = new Map<string, Track>();
  readonly #listeners = new Map<string, Set<Hear>>();
  readonly #options: { monotonic: () => number; newsMs: number; remembered: number; parts: NewsParts };
  /** Prompt of ours that runs on this connection: bare previews belong to it. */
  #current: string | null = null;

  constructor(options: { monotonic: () => number; newsMs: number; remembered: number; parts: NewsParts }) {
    this.#options = options;
  }

  /** Follows a prompt from now on. Called before its POST, because events may overtake the reply. */
  expect(promptId: string, graph: Graph | null): void {
    const known = this.#tracks.get(promptId);
    if (known !== undefined && (graph === null || known.progress.weights.size > 0)) return;
    this.#tracks.set(promptId, {
      progress: startProgress(graph),
      node: null,
      started: false,
      startTold: false,
      endedAt: null,
      endTaken: false,
      hasState: false,
      toldAt: -Infinity,
      toldPreviewAt: -Infinity,
    });
    if (this.#tracks.size <= this.#options.remembered) return;
    const oldest = this.#tracks.keys().next().value;
    if (oldest !== undefined) this.#tracks.delete(oldest);
  }

  /** Hears one prompt, beginning with a start or end that nobody heard yet. Returns the way to stop. */
  listen(promptId: string, hear: Hear): () => void {
    const all = this.#listeners.get(promptId) ?? new Set();
    this.#listeners.set(promptId, all.add(hear));
    const track = this.#tracks.get(promptId);
    if (track?.started === true && !track.startTold) {
      track.startTold = true;
      hear({ promptId, kind: "started", share: track.progress.share });
    }
    if (track?.endedAt != null && !track.endTaken) {
      hear({ promptId, kind: "ended", share: track.progress.share });
    }
    return () => {
      all.delete(hear);
      if (all.size === 0) this.#listeners.delete(promptId);
    };
  }

  /** Monotonic time of the end event, or null. */
  endedAt(promptId: string): number | null {
    return this.#tracks.get(promptId)?.endedAt ?? null;
  }

  /** True once per end event: the first wait after it need not wait. */
  takeEnd(promptId: string): boolean {
    const track = this.#tracks.get(promptId);
    if (track === undefined || track.endedAt === null || track.endTaken) return false;
    track.endTaken = true;
    return true;
  }

  /** Nothing runs for us any more on this connection. */
  forgetCurrent(): void {
    this.#current = null;
  }

  take(event: WireEvent): void {
    const named = this.#options.parts.promptOf(event);
    const promptId = named ?? (event.kind === "preview" ? this.#current : null);
    if (promptId === null) return;
    const track = this.#tracks.get(promptId);
    if (track === undefined) return;
    switch (event.kind) {
      case "started":
        this.#current = promptId;
        return this.#start(promptId, track);
      case "cached":
        return this.#advance(promptId, track, this.#options.parts.cachedShares(event.nodes));
      case "executing":
        this.#current = promptId;
        // The start itself may have come while there was no connection.
        if (!track.started) this.#start(promptId, track);
        if (track.node !== null && !track.hasState) this.#advance(promptId, track, [[track.node, 1]]);
        track.node = event.node;
        track.toldAt = this.#options.monotonic();
        return this.#tell({ promptId, kind: "progress", node: event.node, share: track.progress.share });
      case "executed":
        return event.node === null ? undefined : this.#advance(promptId, track, [[event.node, 1]]);
      case "progress":
        return this.#step(promptId, track, event);
      case "state":
        return this.#state(promptId, track, event);
      case "preview":
        return this.#preview(promptId, track, event);
      case "end":
        return this.#end(promptId, track);
    }
  }

  #start(promptId: string, track: Track): void {
    track.started = true;
    track.startTold = this.#listeners.has(promptId);
    this.#tell({ promptId, kind: "started", share: track.progress.share });
  }

  #step(promptId: string, track: Track, event: Extract<WireEvent, { kind: "progress" }>): void {
    const node = event.node ?? track.node;
    if (node === null) return;
    const step = { value: event.value, max: event.max };
    const shares: [string, number][] = [[node, this.#options.parts.ratioOf(event.value, event.max)]];
    this.#advance(promptId, track, shares, { node, step });
  }

  #state(promptId: string, track: Track, event: Extract<WireEvent, { kind: "state" }>): void {
    track.hasState = true;
    const { ratioOf } = this.#options.parts;
    const shares = event.nodes.map(({ id, value, max, finished }): [string, number] => [
      id,
      finished ? 1 : ratioOf(value, max),
    ]);
    this.#advance(promptId, track, shares);
  }

  #preview(promptId: string, track: Track, event: Extract<WireEvent, { kind: "preview" }>): void {
    const now = this.#options.monotonic();
    if (now - track.toldPreviewAt < this.#options.newsMs) return;
    track.toldPreviewAt = now;
    const node = event.node ?? track.node;
    const { bytes, type } = event;
    const news: PromptNews = {
      promptId,
      kind: "preview",
      preview: { bytes, type },
      share: track.progress.share,
    };
    this.#tell(node === null ? news : { ...news, node });
  }

  #end(promptId: string, track: Track): void {
    if (this.#current === promptId) this.#current = null;
    if (track.endedAt !== null) return;
    track.endedAt = this.#options.monotonic();
    this.#tell({ promptId, kind: "ended", share: track.progress.share });
  }

  /** Tells of progress when the share grew and the last word is old enough. */
  #advance(
    promptId: string,
    track: Track,
    shares: [string, number][],
    more: { node?: string; step?: { value: number; max: number } } = {},
  ): void {
    const before = track.progress.share;
    track.progress = advanceProgress(track.progress, shares);
    const now = this.#options.monotonic();
    const grew = track.progress.share > before || more.step !== undefined;
    if (!grew || now - track.toldAt < this.#options.newsMs) return;
    track.toldAt = now;
    const node = more.node ?? track.node;
    const news: PromptNews = { promptId, kind: "progress", share: track.progress.share, ...more };
    this.#tell(node === null ? news : { ...news, node });
  }

  #tell(news: PromptNews): void {
    for (const hear of [...this.#listeners.get(news.promptId) ?? []]) hear(news);
  }
}
