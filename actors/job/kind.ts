/** The job as an actor kind: how its rows are read, which steps a turn needs, and how it ends when we fail it. */
import { type Plan } from "@/core/plan.ts";
import type { ActorKind } from "../runtime/kind.ts";
import { haltRow } from "./halt.ts";
import { JobMessage, JobState } from "./messages.ts";
import { receive } from "./receive.ts";
import { shownOf } from "./status.ts";
import { end } from "./steps.ts";
import { indexOf, Work } from "./work.ts";

export const job: ActorKind<JobState, JobMessage> = {
  kind: "job",
  parseState: (json) => JobState.parse(json),
  parseMessage: (json) => JobMessage.parse(json),
  wants,
  receive,
  crashed(view, problem, tools) {
    const work = new Work(view, tools);
    for (const row of work.active()) haltRow(work, row, "cancelled");
    if (!["done", "failed", "cancelled"].includes(work.state.phase)) end(work, "failed", problem);
    return work.outcome();
  },
  shown: (view) => shownOf(view.state),
};

/** Messages that may touch any step load them all; a reply needs its step, what follows, and what that needs. */
function wants(
  { state, plan, messages }: { state: JobState; plan: Plan; messages: JobMessage[] },
): "all" | string[] {
  if (state.retakes.length > 0) return "all";
  const { after, steps } = indexOf(plan);
  const wanted = new Set(
    plan.steps.filter((step) => after.get(step.id)?.length === 0).map((step) => step.id),
  );
  for (const message of messages) {
    switch (message.type) {
      case "grant":
      case "prompt.started":
      case "prompt.finished":
      case "prompt.stopped":
      case "step.reused":
        wanted.add(message.step);
        break;
      case "prompt.failed":
      case "prompt.lost":
      case "prompt.unreachable":
      case "outputs.collected":
      case "outputs.failed":
      case "local.done":
      case "local.failed":
      case "retry.due": {
        const near = [message.step, ...(after.get(message.step) ?? [])];
        for (const id of near) for (const need of [id, ...(steps.get(id)?.needs ?? [])]) wanted.add(need);
        if (plan.spends) {
          for (const need of steps.get(message.step)?.needs ?? []) {
            for (const id of after.get(need) ?? []) wanted.add(id);
          }
        }
        break;
      }
      case "cancel":
      case "cancel.due":
      case "pause":
      case "reprioritise":
        break;
      default:
        return "all";
    }
  }
  return [...wanted];
}
