/** How effects answer: a reply is mail to the job, stored together with "effect done". */
import type { Problem } from "@/core/problem.ts";
import { problems } from "@/core/words/problems.ts";
import type { BackendRow, Claim, Finish, Mail } from "@/core/store.ts";
import type { EffectEnd } from "../../runtime/handler.ts";
import type { JobMessage } from "../messages.ts";

export type Ended = EffectEnd;

export function mailTo(claim: Claim, message: JobMessage, name = "reply"): Mail {
  return { id: `${claim.id}:${name}`, to: claim.actorId, kind: message.type, body: message };
}

export function reply(claim: Claim, message: JobMessage, more: Partial<Finish> = {}): Ended {
  return { finish: { status: "done", result: null, mail: [mailTo(claim, message)], ...more } };
}

/** Old news or nothing to tell: the effect ends without a word. */
export function silent(): Ended {
  return { finish: { status: "done", result: null, mail: [] } };
}

/** Back-off for an effect that waits for the world: 1, 2, 4 … 30 s. */
export function putOff(claim: Claim, retryAfterMs = 0): Ended {
  return { putOffMs: Math.max(retryAfterMs, Math.min(30_000, 1000 * 2 ** Math.min(claim.tries, 10))) };
}

/** Our own database or disk is in trouble: nothing is known about the work, so it is not judged but tried again. */
export function isOurTrouble(problem: Problem): boolean {
  return problem.code.startsWith("studio.") ||
    (problem.code.startsWith("storage.") && problem.code !== "storage.missing");
}

/** Whether a server answers and does nothing with what waits there. */
export function isStuck({ problem }: BackendRow): boolean {
  return problem === problems["comfy.stuck"];
}

/** Whether a server has been silent since before that time. One that is drained stays so, and says in words that it is. */
export function isGone({ status, problem, lastSeenAt }: BackendRow, since: number): boolean {
  const isSilent = status === "down" || (status === "drain" && problem !== null);
  return isSilent && (lastSeenAt ?? 0) <= since;
}
