/** The name of a take's result before it exists: equal digests mean equal files. */
import { digestOf } from "../canonical.ts";
import type { Step } from "../plan.ts";
import type { Hash } from "../ports.ts";

/**
 * Hash of what a take is made from: the canonical graph or arguments (`step.form`), the engine, the digests of the
 * takes it uses, and the take's number, so that a retake with nothing changed is still made anew.
 */
export function stepDigest(
  of: { step: Step; take: number; engine: "draft" | "comfy"; needDigests: string[]; hash: Hash },
): string {
  const { step, take, engine, needDigests, hash } = of;
  const what = step.kind === "prompt" ? step.template : { op: step.op };
  return digestOf({ kind: step.kind, what, engine, form: step.form, needs: needDigests, take }, hash);
}
