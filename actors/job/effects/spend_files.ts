/** Lets go of what a take of a step made, when all that is made from it is there. */
import { dependents } from "@/core/plan.ts";
import type { Claim, StepRow } from "@/core/store.ts";
import type { JobEffect } from "../messages.ts";
import { type JobPorts, planOf } from "./ports.ts";
import { type Ended, silent } from "./reply.ts";

/** Large, and made again by their step if somebody takes another take of what they lead to. */
const LARGE = ["latent", "window", "clip", "measure", "film"];

export async function spendFiles(
  req: Extract<JobEffect, { kind: "spend_files" }>,
  claim: Claim,
  ports: JobPorts,
): Promise<Ended> {
  const rows = await ports.store.steps(claim.actorId);
  const row = rows.find(({ id, take }) => id === req.step && take === req.take);
  if (row?.state !== "done" || row.endedAt === null) return silent();
  const after = dependents(await planOf(ports, claim.actorId, req.rev)).get(req.step) ?? [];
  // Meanwhile somebody may have asked for another take.
  if (!after.every((id) => newestOf(rows, id)?.state === "done")) return silent();
  const names = row.outputs.flatMap(({ role, sha256, ext }) =>
    LARGE.includes(role) ? [`${sha256}.${ext}`] : []
  );
  if (names.length > 0) await ports.spend(claim.actorId, { names, since: row.endedAt });
  return silent();
}

function newestOf(rows: StepRow[], id: string): StepRow | undefined {
  return rows.filter((row) => row.id === id).reduce<StepRow | undefined>(
    (newest, row) => newest && newest.take > row.take ? newest : row,
    undefined,
  );
}
