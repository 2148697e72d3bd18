/** Before a job queues: its files are there and a server could run it; then its files are sent ahead. */
import { fileRefs, type Plan } from "@/core/plan.ts";
import { type Problem, problem, problemOf, StudioError } from "@/core/problem.ts";
import type { BackendRow, Claim } from "@/core/store.ts";
import type { EffectContext } from "../../runtime/handler.ts";
import type { JobEffect } from "../messages.ts";
import { refKey } from "./files.ts";
import { type JobPorts, planOf } from "./ports.ts";
import { type Ended, putOff, reply, silent } from "./reply.ts";

/** Reads the job's own rows: an effect request carries the run, the actor row the revision. */
async function currentPlan(ports: JobPorts, claim: Claim): Promise<Plan> {
  const actor = await ports.store.actor(claim.actorId);
  const rev = actor && typeof actor.state === "object" && actor.state !== null && "rev" in actor.state
    ? actor.state.rev
    : 1;
  return await planOf(ports, claim.actorId, typeof rev === "number" ? rev : 1);
}

export async function checkInputs(
  req: Extract<JobEffect, { kind: "check_inputs" }>,
  claim: Claim,
  ports: JobPorts,
  _context: EffectContext,
): Promise<Ended> {
  const answer = (found: Problem | null) =>
    reply(claim, { type: "inputs.checked", run: req.run, problem: found });
  try {
    const plan = await currentPlan(ports, claim);
    const names = new Set(
      plan.steps.flatMap((step) => fileRefs(step.values)).flatMap((ref) =>
        ref.from === "asset" ? [`${ref.sha256}.${ref.ext}`] : []
      ),
    );
    for (const name of names) {
      if (await ports.storage.stat(name) === null) return answer(problem("job.input_changed"));
    }
    return answer(await ports.judge(plan));
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    return thrown.problem.retry === "later"
      ? putOff(claim, thrown.problem.retryAfterMs)
      : answer(problemOf(thrown));
  }
}

async function candidates(plan: Plan, ports: JobPorts): Promise<BackendRow[]> {
  return (await ports.store.backends()).filter((row) => row.status !== "down" && row.engine === plan.engine);
}

/** Brings the person's files to the backend that would be chosen now. Failing at that is no failure. */
export async function sendAhead(
  _req: Extract<JobEffect, { kind: "send_ahead" }>,
  claim: Claim,
  ports: JobPorts,
  context: EffectContext,
): Promise<Ended> {
  try {
    const plan = await currentPlan(ports, claim);
    const [backend] = await candidates(plan, ports);
    if (!backend) return silent();
    const used = new Set(
      plan.steps.flatMap((step) => step.kind === "prompt" ? fileRefs(step.values) : []).map(refKey),
    );
    for (const input of plan.inputs) {
      if (
        !used.has(`asset ${input.sha256}`) || await ports.store.backendFile(backend.id, input.sha256) !== null
      ) continue;
      context.fence();
      const name = `${input.sha256}.${input.ext}`;
      const stat = await ports.storage.stat(name);
      if (!stat) continue;
      const open = () => ports.storage.read(name);
      const ref = await ports.comfy(backend).upload({ name, bytes: stat.bytes, open }, context.signal);
      await ports.store.rememberFile(backend.id, backend.epoch, input.sha256, ref);
    }
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    ports.log.info("inputs were not sent ahead", { job: claim.actorId, code: thrown.problem.code });
  }
  return silent();
}

/** Reads reused files again before they count. From then on they are this job's too, whatever becomes of the one that made them. */
export async function verifyFiles(
  req: Extract<JobEffect, { kind: "verify_files" }>,
  claim: Claim,
  ports: JobPorts,
  context: EffectContext,
): Promise<Ended> {
  const key = { step: req.step, take: req.take, attempt: req.attempt };
  for (const output of req.outputs) {
    context.fence();
    if (await ports.storage.verify(`${output.sha256}.${output.ext}`)) continue;
    const row = (await ports.store.steps(claim.actorId)).find((row) =>
      row.id === req.step && row.take === req.take
    );
    if (row?.digest) await ports.store.disown(claim.userId, row.digest);
    return reply(claim, { type: "outputs.failed", ...key, problem: problem("storage.missing") });
  }
  const rows = req.outputs.map((output) => ({ node: output.role, ...output }));
  return reply(claim, { type: "outputs.collected", ...key, outputs: req.outputs }, { outputs: rows });
}
