/** Token buckets in memory: so many tries at once, then one each time a token comes back. */
import type { Clock } from "@/core/ports.ts";
import type { Limiter } from "@/core/studio.ts";

interface Bucket {
  tokens: number;
  at: number;
  size: number;
  refillMs: number;
}

/**
 * Beyond this many keys the full buckets are forgotten, which say nothing that a new one would not; then those that were
 * not used for longest. A tenth goes at once, so that a flood of new keys does not look through all of them each time.
 */
const KEYS_MAX = 10_000;
const KEYS_LEFT = 9_000;

/** `refillMs` of a bucket is the time in which one token comes back. */
export function makeLimiter(clock: Clock): Limiter {
  const buckets = new Map<string, Bucket>();
  const trusted = new Set<string>();
  return {
    take(key, { size, refillMs }) {
      const now = clock.monotonic();
      if (buckets.size >= KEYS_MAX) forget(buckets, now);
      const known = buckets.get(key);
      const tokens = known ? Math.min(size, known.tokens + (now - known.at) / refillMs) : size;
      const isAllowed = tokens >= 1;
      // The newest last.
      buckets.delete(key);
      buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now, size, refillMs });
      return isAllowed ? 0 : Math.ceil((1 - tokens) * refillMs);
    },
    clear(key) {
      buckets.delete(key);
    },
    trust(key) {
      // The newest last, so that the one that was not used for longest is forgotten first.
      trusted.delete(key);
      trusted.add(key);
      const [oldest] = trusted;
      if (trusted.size > KEYS_MAX && oldest !== undefined) trusted.delete(oldest);
    },
    isTrusted: (key) => trusted.has(key),
    get size() {
      return buckets.size + trusted.size;
    },
  };
}

function forget(buckets: Map<string, Bucket>, now: number): void {
  for (const [key, bucket] of buckets) {
    if (bucket.tokens + (now - bucket.at) / bucket.refillMs >= bucket.size) buckets.delete(key);
  }
  for (const key of buckets.keys()) {
    if (buckets.size <= KEYS_LEFT) return;
    buckets.delete(key);
  }
}
