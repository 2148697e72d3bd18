/** Times and sizes that the client keeps; tests shorten them. */

export interface Limits {
  /** Time to a first TCP connection, or to an open socket with its first message. */
  connectMs: number;
  jsonMs: number;
  /** Uploads get this much more for every MB of the file. */
  uploadMsPerMb: number;
  /** Longest silence within a download before it is resumed. */
  chunkMs: number;
  /** Resumes without a byte of progress before a download is given up. */
  resumesMax: number;
  pingMs: number;
  backoffMs: { first: number; most: number };
  /** Looks at a running prompt while the socket is up. */
  pollMs: { least: number; most: number };
  /** Looks while the socket is down. */
  pollDownMs: number;
  /** Looks after an end event until history shows it, for at most `endWindowMs`. */
  pollEndMs: number;
  endWindowMs: number;
  /** Silence after which a running prompt of ours counts as stuck. */
  stuckMs: number;
  /** Silence after which waiting prompts with nothing running count as stuck: a worker takes the next one at once. */
  idleStuckMs: number;
  /** At most one progress message per prompt and node in this time; new nodes and ends always pass. */
  newsMs: number;
  jsonBytesMax: number;
  /** Prompts that the client remembers. */
  remembered: number;
}

export const LIMITS: Limits = {
  connectMs: 5000,
  jsonMs: 30_000,
  uploadMsPerMb: 4000,
  chunkMs: 30_000,
  resumesMax: 5,
  pingMs: 20_000,
  backoffMs: { first: 500, most: 30_000 },
  pollMs: { least: 2000, most: 5000 },
  pollDownMs: 1000,
  pollEndMs: 250,
  endWindowMs: 15_000,
  stuckMs: 900_000,
  idleStuckMs: 30_000,
  newsMs: 100,
  jsonBytesMax: 64 * 1024 * 1024,
  remembered: 2000,
};
