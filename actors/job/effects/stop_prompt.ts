/** Ends a prompt on its backend, asking for as long as it takes: only then is its slot free. */
import { problemOf } from "@/core/problem.ts";
import type { Claim } from "@/core/store.ts";
import type { EffectContext } from "../../runtime/handler.ts";
import type { JobEffect } from "../messages.ts";
import type { JobPorts } from "./ports.ts";
import { type Ended, isOurTrouble, putOff, reply } from "./reply.ts";

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
    context.fence();
    if (await ports.comfy(backend).stop(req.promptId, context.signal)) return gone;
    return { putOffMs: 500 };
  } catch (thrown) {
    const found = problemOf(thrown);
    if (!found.code.startsWith("comfy.") && !isOurTrouble(found)) throw thrown;
    return putOff(claim);
  }
}
