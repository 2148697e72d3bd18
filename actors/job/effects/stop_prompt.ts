/** Ends a prompt on its backend, asking for as long as it takes: only then is its slot free. */
import { problemOf } from "@/core/problem.ts";
import type { Claim } from "@/core/store.ts";
import type { EffectContext } from "../../runtime/handler.ts";
import type { JobEffect } from "../messages.ts";
import type { JobPorts } from "./ports.ts";
import { type Ended, isOurTrouble, putOff, reply } from "./reply.ts";

const ARRIVAL_POLL_MS = 250;

type Req = Extract<JobEffect, { kind: "stop_prompt" }>;

export async function stopPrompt(
  req: Req,
  claim: Claim,
  ports: JobPorts,
  context: EffectContext,
): Promise<Ended> {
  const gone = reply(claim, { type: "prompt.stopped", promptId: req.promptId, step: req.step });
  const backend = (await ports.store.backends()).find((backend) => backend.id === req.backendId);
  if (!backend) return gone;
  try {
    const comfy = ports.comfy(backend);
    context.fence();
    const found = await comfy.find(req.promptId, context.signal);
    if (found.state === "unknown") {
      return await mayStillArrive(req, ports) ? { putOffMs: ARRIVAL_POLL_MS } : gone;
    }
    if (await comfy.stop(req.promptId, context.signal)) return gone;
    return { putOffMs: 500 };
  } catch (thrown) {
    const trouble = problemOf(thrown);
    if (!trouble.code.startsWith("comfy.") && !isOurTrouble(trouble)) throw thrown;
    return putOff(claim);
  }
}

/**
 * A revoked runner may have sent the prompt a moment before it noticed. Until its lease is over, a prompt that the
 * server does not know is not yet one that it will never know.
 */
async function mayStillArrive(req: Req, ports: JobPorts): Promise<boolean> {
  const runner = await ports.store.effect(req.promptId);
  return runner !== null && runner.note === null && runner.leaseMs > 0;
}
