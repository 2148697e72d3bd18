/** A toy actor kind: counts, works through effects, asks for a slot, and fails on demand. */
import { z } from "zod";
import { type ActorKind, type Outcome, unchanged, type View } from "@/actors/runtime/kind.ts";
import { Plan } from "@/core/plan.ts";
import type { NewJob, Shown, StepRow } from "@/core/store.ts";

const key = { step: z.string(), take: z.int(), attempt: z.int() };

const ToyMessage = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("add"), n: z.int() }),
  z.strictObject({ type: z.literal("add_later"), n: z.int(), delayMs: z.number() }),
  z.strictObject({ type: z.literal("explode") }),
  z.strictObject({ type: z.literal("lose_plan") }),
  z.strictObject({ type: z.literal("work"), name: z.string() }),
  z.strictObject({ type: z.literal("stop_work"), name: z.string() }),
  z.strictObject({ type: z.literal("worked"), name: z.string() }),
  z.strictObject({ type: z.literal("render"), digest: z.string().nullable() }),
  z.strictObject({ type: z.literal("grant"), ...key, backendId: z.string(), promptId: z.string() }),
  z.strictObject({ type: z.literal("step.reused"), ...key, outputs: z.array(z.unknown()) }),
  z.strictObject({ type: z.literal("rendered"), promptId: z.string() }),
  z.strictObject({ type: z.literal("halt") }),
]);
type ToyMessage = z.infer<typeof ToyMessage>;

const ToyState = z.strictObject({
  v: z.literal(1),
  rev: z.int(),
  count: z.int(),
  worked: z.array(z.string()),
  problem: z.string().nullable(),
});
export type ToyState = z.infer<typeof ToyState>;

export const newToyState: ToyState = { v: 1, rev: 1, count: 0, worked: [], problem: null };

export const toy: ActorKind<ToyState, ToyMessage> = {
  kind: "toy",
  parseState: (json) => ToyState.parse(json),
  parseMessage: (json) => ToyMessage.parse(json),
  wants: () => [],
  receive,
  crashed: (view, problem) => ({
    ...unchanged({ ...view.state, problem: problem.code }),
    events: [{ kind: "crashed", message: "The toy broke." }],
  }),
  shown: (view) => shownOf(view.state),
};

function receive(view: View<ToyState>, message: ToyMessage): Outcome<ToyState> {
  const { state, actor } = view;
  const stay = unchanged(state);
  switch (message.type) {
    case "add":
      return {
        ...stay,
        state: { ...state, count: state.count + message.n },
        events: [{ kind: "added", message: `Added ${message.n}.` }],
      };
    case "add_later": {
      const { n, delayMs } = message;
      const body = { type: "add", n };
      return { ...stay, mail: [{ id: `${actor.id}:later:${n}`, to: actor.id, kind: "add", body, delayMs }] };
    }
    case "explode":
      throw new Error("Bang");
    case "lose_plan":
      return { ...stay, state: { ...state, rev: 99, count: -1 } };
    case "work":
      return {
        ...stay,
        effects: [{
          id: `${actor.id}:${message.name}`,
          kind: "toy_work",
          lane: "cpu",
          req: { name: message.name },
        }],
      };
    case "stop_work":
      return { ...stay, revoke: [`${actor.id}:${message.name}`] };
    case "worked":
      return {
        ...stay,
        state: { ...state, worked: [...state.worked, message.name] },
        events: [{ kind: "worked", message: `Worked on ${message.name}.` }],
      };
    default:
      return onRender(view, message);
  }
}

function onRender(view: View<ToyState>, message: ToyMessage): Outcome<ToyState> {
  const stay = unchanged(view.state);
  const row = view.steps.get("render")?.at(-1) ?? stepRow();
  switch (message.type) {
    case "render":
      return { ...stay, steps: [{ ...row, state: "ready", digest: message.digest }] };
    case "grant": {
      const { promptId, backendId } = message;
      const granted: StepRow = { ...row, state: "granted", promptId, backendId };
      const effect = { id: promptId, kind: "toy_render", lane: "gpu", req: { promptId } };
      return { ...stay, steps: [granted], effects: [effect] };
    }
    case "step.reused":
      return {
        ...stay,
        steps: [{ ...row, state: "done" }],
        events: [{ kind: "reused", message: "Reused." }],
      };
    case "rendered": {
      const { promptId } = message;
      const { digest } = row;
      const ended: StepRow = { ...row, state: "done", digest, endedAt: 1, outputs: [] };
      const state = { ...view.state, count: view.state.count + 1 };
      return { ...stay, state, steps: [ended], slots: [{ promptId, op: "free" }] };
    }
    case "halt":
      if (row.promptId === null) return stay;
      return {
        ...stay,
        steps: [{ ...row, state: "cancelled" }],
        revoke: [row.promptId],
        slots: [{ promptId: row.promptId, op: "stopping" }],
      };
    default:
      return stay;
  }
}

export function shownOf(state: ToyState): Shown {
  return {
    status: state.problem === null ? "executing" : "failed",
    stage: "",
    paused: false,
    cancelling: false,
    run: 1,
    rev: state.rev,
    share: 0,
    problem: null,
    promptId: null,
    endedAt: null,
  };
}

export function stepRow(): StepRow {
  return {
    id: "render",
    take: 0,
    chosen: true,
    stale: false,
    state: "pending",
    attempt: 0,
    run: 1,
    failures: 0,
    losses: 0,
    digest: null,
    rev: 1,
    uses: {},
    outputs: [],
    problem: null,
    promptId: null,
    backendId: null,
    startedAt: null,
    endedAt: null,
  };
}

export function toyPlan(family = "alpha"): Plan {
  return Plan.parse({
    v: 1,
    mode: "toy",
    submode: null,
    engine: "draft",
    steps: [{
      id: "render",
      title: "Render",
      phase: "render",
      weight: 1,
      needs: [],
      kind: "prompt",
      template: { id: "toy", version: "1.0.0" },
      variant: "",
      preset: "",
      values: {},
      family,
      form: "0".repeat(64),
      timeLimitS: 60,
    }],
    result: { step: "render", main: "main", poster: "poster", metadata: "metadata" },
    film: null,
    inputs: [],
  });
}

export function newToy(id: string, options: { userId?: string; family?: string } = {}): NewJob {
  return {
    id,
    userId: options.userId ?? "ada",
    kind: "toy",
    priority: 0,
    state: newToyState,
    plan: toyPlan(options.family),
    steps: [stepRow()],
    mail: [],
    shown: shownOf(newToyState),
    row: {
      mode: "toy",
      submode: null,
      title: "Toy",
      prompt: "",
      negativePrompt: "",
      settings: {},
      template: { name: "toy", version: "1.0.0" },
      engine: "draft",
      batchId: null,
      projectId: null,
      assets: [],
      parentId: null,
      draftId: null,
    },
  };
}
