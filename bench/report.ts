/** How figures are printed: one JSON line each, for people and for programs. */
import type { Log } from "@/core/ports.ts";

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Figure {
  bench: string;
  value: number;
  unit: string;
  /** What the requirements ask for, in words. */
  target?: string;
  [detail: string]: unknown;
}

export function print(figure: Figure): void {
  const value = Number(figure.value.toFixed(3));
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify({ ...figure, value })}\n`));
}

/** The value below which this share of the sorted values lies. */
export function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function sortUp(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

export function median(values: readonly number[]): number {
  return at(sortUp(values), 0.5);
}

/** Runs every case once per round, so that what slows the machine down for a while hits all of them. */
export async function interleave(
  cases: ReadonlyMap<string, () => Promise<number>>,
  rounds: number,
): Promise<Map<string, number[]>> {
  const found = new Map([...cases.keys()].map((name): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of cases) found.get(name)?.push(await measure());
  }
  return found;
}
