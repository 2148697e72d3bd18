/** Runs the ComfyUI contract against any server: the stub here, the draft renderer, a real one. */
import type { Bench, Case, Control, Make } from "./comfy_bench.ts";
import { FIRST_CASES } from "./comfy_cases.ts";
import { MORE_CASES } from "./comfy_cases_more.ts";

export const CASES: Case[] = [...FIRST_CASES, ...MORE_CASES];

/** Rules that no client can keep, and who does. */
export const KEPT_ELSEWHERE: Record<number, string> = {
  20: "the scheduler hands out as many prompts as a backend has slots",
  26: "the job's effects collect every file that a later step needs and upload it where that step runs",
};

export interface SuiteOptions {
  /** Put before each test name. */
  label: string;
  make: Make;
  /** Switches that the server has; cases that need others are left out. */
  controls: (keyof Control)[];
  /** Whether `make` heeds version, prefix and auth of the setup. */
  setups: boolean;
}

export function casesFor(options: Pick<SuiteOptions, "controls" | "setups">): Case[] {
  return CASES.filter(({ needs, setup }) =>
    needs.every((name) => options.controls.includes(name)) &&
    (options.setups || (setup?.version ?? setup?.prefix ?? setup?.auth) === undefined)
  );
}

/** Registers one test per case. */
export function comfySuite(options: SuiteOptions): void {
  for (const one of casesFor(options)) {
    Deno.test(`${options.label}, rule ${one.rule}: ${one.name}`, () => runCase(one, options.make));
  }
}

/** Runs one case on a bench of its own. */
export async function runCase(one: Case, make: Make): Promise<void> {
  // Timers of the real clock do not hold up the end of a process: something must, while a server is on its way back.
  const awake = setInterval(() => undefined, 1000);
  try {
    const bench: Bench = await make(one.setup);
    try {
      await one.run(bench);
    } finally {
      await bench.close();
    }
  } finally {
    clearInterval(awake);
  }
}
