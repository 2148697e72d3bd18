/**
 * What films will still take of their owner's limits: rendering by how long such work took here, files by what such films
 * left. Pure.
 */
import { workOf } from "./estimate.ts";
import { paceOf, type Paces, type Work } from "./paces.ts";
import type { Plan } from "./plan.ts";

export interface Reserved {
  gpuSeconds: number;
  bytes: number;
}

export const NOTHING_RESERVED: Reserved = { gpuSeconds: 0, bytes: 0 };

/** A render that is not done. */
export interface OpenRender extends Work {
  /** Seconds by the plan. */
  weight: number;
  /** Seconds that it has run. */
  ranS: number;
}

/** A film that is ready: the seconds of its renders by the plan, and the bytes that it left. */
export interface FilmSize extends Pick<Work, "engine" | "template"> {
  weight: number;
  bytes: number;
}

/** Bytes for each second of the plan, by engine and template. */
export type Sizes = ReadonlyMap<string, number>;

export interface Learned {
  paces: Paces;
  sizes: Sizes;
}

const keyOf = ({ engine, template }: Pick<Work, "engine" | "template">) => `${engine} ${template}`;

/** Of films that are alike the middle one. What was never made here is not known, and takes no room before it is. */
export function learnSizes(films: readonly FilmSize[]): Sizes {
  const known = films.filter(({ weight }) => weight > 0);
  return new Map(
    [...Map.groupBy(known, keyOf)].map(([key, alike]) => {
      const sorted = alike.map(({ bytes, weight }) => bytes / weight).sort((a, b) => a - b);
      return [key, sorted[Math.floor(sorted.length / 2)] ?? 0];
    }),
  );
}

export function reserve(renders: readonly OpenRender[], { paces, sizes }: Learned): Reserved {
  return renders.reduce((sum, render) => ({
    gpuSeconds: sum.gpuSeconds + Math.max(0, render.weight * paceOf(paces, render).likely - render.ranS),
    bytes: sum.bytes + render.weight * (sizes.get(keyOf(render)) ?? 0),
  }), NOTHING_RESERVED);
}

/** Of a film that is not let in yet. */
export function reserveFor({ steps, engine }: Pick<Plan, "steps" | "engine">, learned: Learned): Reserved {
  const renders = steps.filter(({ kind }) => kind === "prompt");
  return reserve(
    renders.map((step) => ({ ...workOf(step, { engine, backendId: null }), weight: step.weight, ranS: 0 })),
    learned,
  );
}
