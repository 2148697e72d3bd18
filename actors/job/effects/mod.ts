/** The job's effects by kind: the only place where anything happens. */
import type { Claim } from "@/core/store.ts";
import type { EffectContext, EffectHandler } from "../../runtime/pool.ts";
import { JobEffect } from "../messages.ts";
import { collectOutputs } from "./collect_outputs.ts";
import { ensurePrompt } from "./ensure_prompt.ts";
import { checkInputs, sendAhead, verifyFiles } from "./inputs.ts";
import type { JobPorts } from "./ports.ts";
import type { Ended } from "./reply.ts";
import { runLocal } from "./run_local.ts";
import { stopPrompt } from "./stop_prompt.ts";

/** One handler per kind of effect. */
export function jobEffects(ports: JobPorts): EffectHandler[] {
  const kinds: JobEffect["kind"][] = [
    "check_inputs",
    "send_ahead",
    "ensure_prompt",
    "stop_prompt",
    "collect_outputs",
    "run_local",
    "verify_files",
  ];
  return kinds.map((kind) => ({ kind, run: (claim, context) => run(claim, ports, context) }));
}

function run(claim: Claim, ports: JobPorts, context: EffectContext): Promise<Ended> {
  const req = JobEffect.parse(claim.req);
  switch (req.kind) {
    case "check_inputs":
      return checkInputs(req, claim, ports, context);
    case "send_ahead":
      return sendAhead(req, claim, ports, context);
    case "ensure_prompt":
      return ensurePrompt(req, claim, ports, context);
    case "stop_prompt":
      return stopPrompt(req, claim, ports, context);
    case "collect_outputs":
      return collectOutputs(req, claim, ports, context);
    case "run_local":
      return runLocal(req, claim, ports, context);
    case "verify_files":
      return verifyFiles(req, claim, ports, context);
  }
}
