/** Everybody who listens: how many streams a person has at once, and the snapshot that those beginning together share. */
import type { JobRecord, Studio } from "./studio.ts";

/** Of one person. One more ends the oldest. */
export const STREAMS_MAX = 10;

export interface Snapshot {
  /** Number of the newest event that the jobs may be older than: the stream goes on from there. */
  newest: number;
  jobs: JobRecord[];
}

export class Audience {
  readonly #streams = new Map<string, Set<() => void>>();
  readonly #snapshots = new Map<string, Promise<Snapshot>>();

  /** `retire` is called when newer streams take this one's place. Returns the way to leave. */
  join(userId: string, retire: () => void): () => void {
    const own = this.#streams.get(userId) ?? new Set();
    this.#streams.set(userId, own);
    own.add(retire);
    const leave = (gone: () => void) => {
      own.delete(gone);
      if (own.size === 0 && this.#streams.get(userId) === own) this.#streams.delete(userId);
    };
    const [oldest] = own;
    if (own.size > STREAMS_MAX && oldest) {
      leave(oldest);
      oldest();
    }
    return () => leave(retire);
  }

  /** Reads once for all who ask while it is read. */
  async share(userId: string, read: () => Promise<Snapshot>): Promise<Snapshot> {
    const under = this.#snapshots.get(userId);
    if (under) return await under;
    const reading = read();
    this.#snapshots.set(userId, reading);
    try {
      return await reading;
    } finally {
      this.#snapshots.delete(userId);
    }
  }
}

/** One audience for each studio. */
export function openAudiences(): (studio: Studio) => Audience {
  const audiences = new WeakMap<Studio, Audience>();
  return (studio) => {
    const known = audiences.get(studio) ?? new Audience();
    audiences.set(studio, known);
    return known;
  };
}
