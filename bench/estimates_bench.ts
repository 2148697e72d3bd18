/** How well times are told after fifty runs: noise, odd ones, two servers of different speed, one of which changes. */
import { learnPaces, paceOf, type Sample } from "@/core/paces.ts";
import { median, print } from "./report.ts";

const RUNS = 50;
const STUDIOS = 400;
/** Films that are foretold by what each studio learned. */
const FORETOLD = 20;
const NOISE = 0.2;
const OUTLIERS = 0.05;
/** Up to 20 % either way, and, harder, with a standard deviation of 20 %. */
const NOISES = {
  even: (random: () => number) => 1 + NOISE * (2 * random() - 1),
  normal: (random: () => number) => Math.exp(NOISE * normal(random)),
};

/** What the templates say, and what is true of them on these servers. */
const KINDS = [
  { template: "animate/move", shape: "balanced 832x480 81", weight: 300, truth: 1.3 },
  { template: "animate/move", shape: "fast 832x480 81", weight: 120, truth: 1.6 },
  { template: "ltx/t2v", shape: "balanced 768x512 121", weight: 90, truth: 0.7 },
];
const SPEEDS: Record<string, number> = { one: 1, two: 2.4 };
/** From the middle on. */
const CHANGED: Record<string, number> = { one: 1.7, two: 2.4 };

export function benchEstimates(): Promise<void> {
  for (const noise of ["even", "normal"] as const) measure(noise);
  return Promise.resolve();
}

function measure(kind: keyof typeof NOISES): void {
  const errors: number[] = [];
  const guessed: number[] = [];
  const least: number[] = [];
  let covered = 0;
  for (let seed = 1; seed <= STUDIOS; seed++) {
    const random = randomOf(seed);
    const history = Array.from(
      { length: RUNS },
      (_, n) => filmOf(random, { n, speeds: n < RUNS / 2 ? SPEEDS : CHANGED, noise: NOISES[kind] }),
    );
    const paces = learnPaces(history.toReversed());
    for (let n = 0; n < FORETOLD; n++) {
      const film = filmOf(random, { n: RUNS + n, speeds: CHANGED, noise: NOISES[kind] });
      const pace = paceOf(paces, film);
      errors.push(Math.abs(film.weight * pace.likely / film.tookS - 1));
      least.push(Math.abs(film.trueS / film.tookS - 1));
      guessed.push(Math.abs(film.weight / film.tookS - 1));
      if (film.weight * pace.low <= film.tookS && film.tookS <= film.weight * pace.high) covered++;
    }
  }
  print({
    bench: "estimates.error",
    value: median(errors) * 100,
    unit: "%",
    target: "median error after 50 runs with 20 % noise at most 15 %",
    noise: kind,
    guess: Number((median(guessed) * 100).toFixed(1)),
    least: Number((median(least) * 100).toFixed(1)),
    studios: STUDIOS,
    films: errors.length,
  });
  print({
    bench: "estimates.range",
    value: covered / errors.length * 100,
    unit: "%",
    target: "four of five films, 80 %",
    noise: kind,
  });
}

interface Case {
  n: number;
  speeds: Record<string, number>;
  noise: (random: () => number) => number;
}

function filmOf(random: () => number, { n, speeds, noise }: Case): Sample & { trueS: number } {
  const kind = KINDS[Math.floor(random() * KINDS.length)] ?? { template: "", shape: "", weight: 1, truth: 1 };
  const backendId = random() < 0.5 ? "one" : "two";
  const odd = random() < OUTLIERS ? (random() < 0.5 ? 5 : 0.2) : 1;
  const { template, shape, weight, truth } = kind;
  const trueS = weight * truth * (speeds[backendId] ?? 1);
  const tookS = trueS * noise(random) * odd;
  return { jobId: `${n}`, engine: "comfy", template, shape, backendId, weight, tookS, trueS };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The same studios at every run of the bench (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
