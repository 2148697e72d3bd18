/** Runs a local operation of the plan: inputs from storage, outputs into storage, the work in a folder of its own. */
import { type LocalStep, type StepFile, type Value } from "@/core/plan.ts";
import { problem, problemOf, StudioError } from "@/core/problem.ts";
import type { LocalValue } from "@/core/ports.ts";
import type { Claim, StepRow } from "@/core/store.ts";
import type { EffectContext } from "../../runtime/handler.ts";
import type { JobEffect } from "../messages.ts";
import { inputFiles, refKey } from "./files.ts";
import { type JobPorts, planOf } from "./ports.ts";
import { progressOf } from "./progress.ts";
import { type Ended, isOurTrouble, putOff, reply, silent } from "./reply.ts";

/** How soon a film that may not begin is looked at again. */
const CLOSED_MS = 3000;

type Req = Extract<JobEffect, { kind: "run_local" }>;

export async function runLocal(
  req: Req,
  claim: Claim,
  ports: JobPorts,
  context: EffectContext,
): Promise<Ended> {
  const rows = await ports.store.steps(claim.actorId);
  const row = rows.find((row) => row.id === req.step && row.take === req.take);
  const plan = await planOf(ports, claim.actorId, req.rev);
  const step = plan.steps.find((step) => step.id === req.step);
  if (!row || step?.kind !== "local") return silent();
  const key = { step: req.step, take: req.take, attempt: req.attempt };
  try {
    if (!rows.some(isBegun) && !await ports.isOpen()) return putOff(claim, CLOSED_MS);
    const { files, missing } = await inputFiles({ step, row, rows }, ports.storage);
    if (missing.length > 0) return reply(claim, { type: "files.missing", ...key, steps: missing });
    const free = await ports.storage.freeBytes();
    if (free !== null && free < ports.limits.diskMinBytes) throw new StudioError(problem("storage.full"));
    const of = { claim, ports, plan, step, row, rows };
    const report = progressOf({ ...of, paces: await ports.paces(), backendId: null });
    report({ share: 0 });
    const paths = new Map<string, string>();
    for (const [ref, file] of files) paths.set(ref, await ports.storage.localPath(file.name));
    return await operate({
      step,
      row,
      paths,
      claim,
      ports,
      context,
      onProgress: (share) => report({ share }),
    });
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    if (isOurTrouble(thrown.problem)) return putOff(claim, thrown.problem.retryAfterMs);
    return reply(claim, { type: "local.failed", ...key, problem: problemOf(thrown) });
  }
}

/** Work of the film was done, or its server is at it: it goes on in maintenance, as far as that goes. */
function isBegun({ state }: StepRow): boolean {
  return state === "done" || state === "granted" || state === "collecting";
}

interface Operation {
  step: LocalStep;
  row: StepRow;
  paths: Map<string, string>;
  claim: Claim;
  ports: JobPorts;
  context: EffectContext;
  onProgress: (share: number) => void;
}

async function operate({ step, row, paths, claim, ports, context, onProgress }: Operation): Promise<Ended> {
  const scratch = await ports.storage.scratch(step.op);
  const limit = new AbortController();
  const late = new AbortController();
  const timer = ports.clock.sleep(step.timeLimitS * 1000 * 2 ** row.failures, limit.signal)
    .then(() => late.abort(new StudioError(problem("media.timeout"))), () => undefined);
  try {
    const values = Object.fromEntries(
      Object.entries(step.values).map(([name, value]) => [name, localValue(value, paths)]),
    );
    const signal = AbortSignal.any([context.signal, late.signal]);
    const made = await ports.local(step.op, { values, scratch, signal, onProgress });
    const outputs: StepFile[] = [];
    const ords = new Map<string, number>();
    for (const file of made.files) {
      context.fence();
      const stored = await ports.storage.adopt(file.path, { ext: file.ext, signal });
      const ord = ords.get(file.role) ?? 0;
      ords.set(file.role, ord + 1);
      outputs.push({ role: file.role, ord, sha256: stored.sha256, ext: stored.ext, bytes: stored.bytes });
    }
    const key = { step: step.id, take: row.take, attempt: row.attempt };
    const rows = outputs.map((output) => ({ node: output.role, ...output }));
    return reply(claim, { type: "local.done", ...key, outputs, facts: made.facts }, { outputs: rows });
  } finally {
    limit.abort();
    await timer;
    await scratch.release();
  }
}

function localValue(value: Value, paths: Map<string, string>): LocalValue {
  if (typeof value !== "object") return value;
  if ("file" in value) return { path: paths.get(refKey(value.file)) ?? "" };
  return { paths: value.files.map((ref) => paths.get(refKey(ref)) ?? "") };
}
