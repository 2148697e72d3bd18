/** Min and max of sound over time, gathered while it streams past. */

/** Samples per fine step: memory is 1/32 of the sound, and a bucket's edge is off by at most 8 ms at 8 kHz. */
const STEP = 64;

export interface Envelope {
  add(samples: Float32Array): void;
  /** `count` pairs of min and max in [-1, 1], interleaved; zeros where there is no sound at all. */
  buckets(count: number): Float32Array;
}

export function createEnvelope(): Envelope {
  const lows: number[] = [];
  const highs: number[] = [];
  let low = Infinity;
  let high = -Infinity;
  let filled = 0;
  const close = () => {
    lows.push(Math.max(-1, low));
    highs.push(Math.min(1, high));
    low = Infinity;
    high = -Infinity;
    filled = 0;
  };
  return {
    add(samples) {
      for (const sample of samples) {
        if (sample < low) low = sample;
        if (sample > high) high = sample;
        if (++filled === STEP) close();
      }
    },
    buckets(count) {
      if (filled > 0) close();
      const pairs = new Float32Array(count * 2);
      if (lows.length === 0) return pairs;
      for (let bucket = 0; bucket < count; bucket++) {
        const from = Math.floor(bucket * lows.length / count);
        const to = Math.max(from + 1, Math.floor((bucket + 1) * lows.length / count));
        pairs[bucket * 2] = Math.min(...lows.slice(from, to));
        pairs[bucket * 2 + 1] = Math.max(...highs.slice(from, to));
      }
      return pairs;
    },
  };
}
