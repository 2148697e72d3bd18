/** The job's effects by kind: the only place where anything happens. */
import type { Log } from "@/core/ports.ts";
import type { Problem } from "@/core/problem.ts";
import type { Claim } from "@/core/store.ts";
import type { EffectContext, EffectEnd, EffectHandler } from "../../runtime/handler.ts";
import { JobEffect, type JobMessage } from "../messages.ts";
import { collectOutputs } from "./collect_outputs.ts";
import { failuresIn } from "./failures.ts";
import { ensurePrompt } from "./ensure_prompt.ts";
import { checkInputs, sendAhead, verifyFiles } from "./inputs.ts";
import type { JobPorts } from "./ports.ts";
import { reply, silent } from "./reply.ts";
import { runLocal } from "./run_local.ts";
import { spendFiles } from "./spend_files.ts";
import { stopPrompt } from "./stop_prompt.ts";

/** Runs of one effect that may end in a bug of ours before the job is told. */
const BUGS_MAX = 5;

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
    "spend_files",
  ];
  const tell = <End extends EffectEnd | "back_off">(claim: Claim, end: End): End => {
    if (end !== "back_off") logFailures(ports.log, claim, end);
    return end;
  };
  return kinds.map((kind) => ({
    kind,
    run: async (claim, context) => tell(claim, await run(claim, ports, context)),
    fail: (claim, problem) => tell(claim, fail(claim, problem)),
  }));
}

function run(claim: Claim, ports: JobPorts, context: EffectContext): Promise<EffectEnd> {
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
    case "spend_files":
      return spendFiles(req, claim, ports);
  }
}

/** What made a part of a film fail, where operators look: with the server, and with the server's own words. */
function logFailures(log: Log, claim: Claim, end: EffectEnd): void {
  for (const { step, take, attempt, code, cause, backend, promptId, elsewhere } of failuresIn(claim, end)) {
    const where = { backend, promptId, ...(elsewhere ? { then: "another server" } : {}) };
    log.warn("step failed", { job: claim.actorId, step, take, attempt, ...where, code, cause });
  }
}

/** What the handlers did not judge themselves is ours: tried again a few times, then the step fails for good. */
function fail(claim: Claim, problem: Problem): EffectEnd | "back_off" {
  if (claim.tries <= BUGS_MAX) return "back_off";
  const req = JobEffect.parse(claim.req);
  const told = failureOf(req, problem);
  if (told) return reply(claim, told);
  return req.kind === "stop_prompt" ? "back_off" : silent();
}

function failureOf(req: JobEffect, found: Problem): JobMessage | null {
  const problem: Problem = { ...found, retry: "never" };
  switch (req.kind) {
    case "check_inputs":
      return { type: "inputs.checked", run: req.run, problem };
    case "ensure_prompt": {
      const { step, take, attempt, promptId } = req;
      return { type: "prompt.failed", step, take, attempt, promptId, problem };
    }
    case "collect_outputs":
    case "verify_files": {
      const { step, take, attempt } = req;
      return { type: "outputs.failed", step, take, attempt, problem };
    }
    case "run_local": {
      const { step, take, attempt } = req;
      return { type: "local.failed", step, take, attempt, problem };
    }
    case "send_ahead":
    case "spend_files":
    case "stop_prompt":
      return null;
  }
}
