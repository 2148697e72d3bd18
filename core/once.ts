/** Idempotency-Keys: a request that comes twice is answered once. */

/** An Idempotency-Key as first used: what it was used for and the ids it was given. */
export interface Once {
  userId: string;
  route: string;
  key: string;
  /** Hash of the body. */
  digest: string;
  ids: string[];
  createdAt: number;
}

export interface OnceKeys {
  /** Keeps the first use within 24 h and returns it, which may be an earlier one. One transaction. */
  reserve(once: Once): Promise<{ once: Once; first: boolean }>;
  /** Gives a key back after a refused request, so that it can be used for the corrected one. */
  release(once: Once): Promise<void>;
}
