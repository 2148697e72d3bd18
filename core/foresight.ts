/** When a job that is not made yet would be served: the look ahead, with it last in its owner's line. Pure. */
import { shapeOf } from "./estimate.ts";
import { type Expect, foresee, type Scene, type Task } from "./forecast.ts";
import type { Plan, Step } from "./plan.ts";
import type { ReadyStep } from "./store.ts";

const ID = "foreseen";

export interface Wish {
  userId: string;
  plan: Plan;
  priority: number;
}

/** Its place is one behind all others where no server of its kind answers. */
export function foreseeNew(
  scene: Scene,
  wish: Wish,
  expect: Expect,
): { place: number; startS: number | null; backendId: string | null } {
  const { userId, plan, priority } = wish;
  const job = { jobId: ID, userId, priority, rank: Number.MAX_SAFE_INTEGER };
  const tasks = plan.steps.map((step, at) => taskOf(step, { engine: plan.engine, isFirst: at === 0 }));
  const [first] = tasks;
  const ready: ReadyStep[] = first?.kind === "prompt"
    ? [{ ...job, ...first, attempt: 1, digest: null, near: null, readyAt: scene.now }]
    : [];
  const seen = foresee(
    {
      ...scene,
      jobs: [...scene.jobs, { ...job, tasks }],
      ready: [...scene.ready, ...ready],
    },
    expect,
    ID,
  ).get(ID);
  const others = new Set(scene.ready.map((step) => step.jobId)).size;
  return {
    place: seen?.place ?? others + 1,
    startS: seen?.startS ?? null,
    backendId: seen?.backendId ?? null,
  };
}

/** What the studio does itself begins at once; a prompt waits for its turn. */
function taskOf(step: Step, { engine, isFirst }: { engine: Plan["engine"]; isFirst: boolean }): Task {
  const isPrompt = step.kind === "prompt";
  return {
    stepId: step.id,
    take: 1,
    kind: isPrompt ? "prompt" : "local",
    state: !isFirst ? "later" : isPrompt ? "ready" : "now",
    engine,
    family: isPrompt ? step.family : "",
    template: isPrompt ? step.template.id : "",
    shape: shapeOf(step),
    weight: step.weight,
    ranS: null,
    share: null,
  };
}
