/** Whose colours the pieces of a long take keep to, after one of them was given other words. */
import { z } from "zod";
import type { Plan, Step } from "../plan.ts";
import type { Hash } from "../ports.ts";
import { localForm } from "./steps.ts";

/** Per piece: frames that it repeats, frames in all, number of its anchor. */
const Cuts = z.array(z.tuple([z.int(), z.int(), z.int()]));

/**
 * A piece with words of its own begins anew, and those after it keep to it; one that says "same look", or what the piece
 * before it says, keeps to that piece's anchor.
 */
export function anchorAgain(
  plan: Plan,
  { before, of }: {
    before: Plan;
    of: { step: string; changes: { sameLook?: boolean }; context: { hash: Hash } };
  },
): Plan {
  const join = plan.steps.find((step) => step.kind === "local" && step.op === "join_take");
  const number = numberOf(of.step);
  const words = promptOf(plan.steps, of.step);
  const isOther = words !== promptOf(before.steps, of.step);
  if (join?.kind !== "local" || number === null || number === 1) return plan;
  if (!isOther && of.changes.sameLook === undefined) return plan;
  const cuts = Cuts.parse(JSON.parse(String(join.values.cuts)));
  const old = cuts[number - 1]?.[2] ?? 1;
  const follows = of.changes.sameLook ?? words === promptOf(plan.steps, passBefore(of.step));
  const anchor = follows ? cuts[number - 2]?.[2] ?? 1 : number;
  const changed = cuts.map(([repeats, frames, own], at) =>
    at >= number - 1 && own === old ? [repeats, frames, anchor] : [repeats, frames, own]
  );
  const values = { ...join.values, cuts: JSON.stringify(changed) };
  const joined = { ...join, values, form: localForm({ op: join.op, values }, of.context.hash) };
  return { ...plan, steps: plan.steps.map((step) => step === join ? joined : step) };
}

const PASS = /^(high|low)-(\d+)$/;

/** The number of the piece that a pass belongs to. */
function numberOf(step: string): number | null {
  const number = PASS.exec(step)?.[2];
  return number === undefined ? null : Math.ceil(Number(number) / 2);
}

function passBefore(step: string): string {
  return step.replace(/\d+$/, (number) => String(Number(number) - 2).padStart(number.length, "0"));
}

function promptOf(steps: Step[], id: string): unknown {
  return steps.find((step) => step.id === id)?.values.prompt;
}
