/** Plans never change once stored, so the ones in use are parsed once and kept. */
import type { Plan } from "@/core/plan.ts";
import { decodePlan } from "../codec.ts";
import { type Connection, first, statement } from "../statements.ts";

const SELECT_PLAN = statement<{ json: string }>("select json from plan where job_id = ? and rev = ?");

export class PlanCache {
  readonly #plans = new Map<string, Plan>();
  readonly #plansMax: number;

  constructor(plansMax = 128) {
    this.#plansMax = plansMax;
  }

  /** Undefined when there is no such revision. */
  async load(on: Connection, { jobId, rev }: { jobId: string; rev: number }): Promise<Plan | undefined> {
    const key = `${jobId} ${rev}`;
    const cached = this.#plans.get(key);
    if (cached) {
      this.#plans.delete(key);
      this.#plans.set(key, cached);
      return cached;
    }
    const row = await first(on, SELECT_PLAN([jobId, rev]));
    if (!row) return undefined;
    const plan = decodePlan(row.json);
    this.#plans.set(key, plan);
    if (this.#plans.size > this.#plansMax) {
      const oldest = this.#plans.keys().next();
      if (!oldest.done) this.#plans.delete(oldest.value);
    }
    return plan;
  }
}
