/** How long films take: the seconds of the plan, corrected by how fast this studio was lately. Pure. */
import type { Plan } from "./plan.ts";
import type { Range } from "./queue.ts";

type Engine = Plan["engine"];

/** A step that is done. */
export interface Sample {
  /** Empty for work in the studio. */
  template: string;
  engine: Engine;
  /** Seconds by the plan. */
  weight: number;
  tookS: number;
}

/** Factors on seconds by the plan. */
export interface Pace {
  likely: number;
  low: number;
  high: number;
}

export type Paces = ReadonlyMap<string, Pace>;

/** With fewer, one odd film would count too much. */
const SAMPLES_MIN = 3;
/** The range leaves out the fastest and the slowest tenth. */
const TAIL = 0.1;
/** Until the studio has done such work itself. The templates' own seconds are a graphics card's, the draft renderer has none. */
const UNKNOWN: Record<Engine, Pace> = {
  comfy: { likely: 1, low: 0.75, high: 1.5 },
  draft: { likely: 0.1, low: 0.05, high: 0.3 },
};

/** Draft and real work are told apart: a draft says nothing of a film's time. */
export function learnPaces(samples: readonly Sample[]): Paces {
  const useful = samples.filter(({ weight, tookS }) => weight > 0 && tookS > 0);
  const kinds = Map.groupBy(useful, keyOf);
  return new Map(
    [...kinds].filter(([, alike]) => alike.length >= SAMPLES_MIN).map(([key, alike]) => {
      const factors = alike.map(({ weight, tookS }) => tookS / weight).sort((a, b) => a - b);
      const at = (share: number) => factors[Math.round(share * (factors.length - 1))] ?? 1;
      return [key, { likely: at(0.5), low: at(TAIL), high: at(1 - TAIL) }];
    }),
  );
}

export function paceOf(paces: Paces, of: Pick<Sample, "template" | "engine">): Pace {
  return paces.get(keyOf(of)) ?? (of.template === "" ? UNKNOWN.comfy : UNKNOWN[of.engine]);
}

function keyOf({ template, engine }: Pick<Sample, "template" | "engine">): string {
  return `${engine} ${template}`;
}

/** Seconds of work from the first step to the last, without any wait. */
export function estimate(plan: Pick<Plan, "steps" | "engine">, paces: Paces): Range {
  const total = { likelyS: 0, lowS: 0, highS: 0 };
  for (const step of plan.steps) {
    const template = step.kind === "prompt" ? step.template.id : "";
    const { likely, low, high } = paceOf(paces, { template, engine: plan.engine });
    total.likelyS += step.weight * likely;
    total.lowS += step.weight * low;
    total.highS += step.weight * high;
  }
  return total;
}
