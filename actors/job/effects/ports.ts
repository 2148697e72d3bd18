/** What the job's effects ask of the studio; main.ts hands it in. */
import type { StageMap } from "@/core/comfy/stages.ts";
import type { Paces } from "@/core/paces.ts";
import type { FileRef, Plan, PromptStep } from "@/core/plan.ts";
import type { Problem } from "@/core/problem.ts";
import type { Clock, Comfy, LocalWork, Log, ProgressBus, Storage } from "@/core/ports.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Definitions, Graph, TemplateOutput } from "@/core/template.ts";

/** A prompt step as the graph that goes to a server. */
export interface BoundPrompt {
  graph: Graph;
  /** Which node makes which role; `prefix` is its filename prefix with the prompt id in it. */
  outputs: { role: string; node: string; kind: TemplateOutput["kind"]; required: boolean; prefix: string }[];
  stages: StageMap;
}

export interface JobPorts {
  store: Store;
  storage: Storage;
  comfy(backend: BackendRow): Comfy;
  /** Throws template.* problems. `fileName` gives what a loader node takes for a file. */
  bind(
    step: PromptStep,
    of: { definitions: Definitions; fileName(ref: FileRef): string; promptId: string },
  ): BoundPrompt;
  /** Node classes that a step's graph may need. */
  classes(step: PromptStep): string[];
  /** What a backend lacks for a bound graph: null when it can run it. The definitions are its own. */
  lacks(
    step: PromptStep,
    graph: Graph,
    of: { definitions: Definitions; backend: BackendRow },
  ): Problem | null;
  /** Why no server that answers could run a plan: null when one can, or none answers. */
  judge(plan: Plan): Promise<Problem | null>;
  /** Whether another server than this one, which is up, could take the step. */
  hasOther(step: PromptStep, backend: BackendRow): Promise<boolean>;
  /** What to do after a step ran out of memory, in a sentence. */
  advice(step: PromptStep): string;
  /** Lets go of stored files for this job; they are removed unless another names them, or put them again since. */
  spend(jobId: string, files: { names: string[]; since: number }): Promise<void>;
  /** How fast this studio was lately. */
  paces(): Promise<Paces>;
  local: LocalWork;
  progress: ProgressBus;
  clock: Clock;
  log: Log;
  /** Whether new films may begin; false in maintenance. */
  isOpen(): Promise<boolean>;
  limits: {
    /** Silence of a backend after which its work moves. */
    downMs: number;
    /** Free disk below which no local work starts. */
    diskMinBytes: number;
  };
}

/** The plan revision that a row was made by. A missing one is a bug of ours. */
export async function planOf(ports: JobPorts, jobId: string, rev: number): Promise<Plan> {
  const plan = await ports.store.plan(jobId, rev);
  if (!plan) throw new Error(`Cannot run a step of job ${jobId}: plan revision ${rev} does not exist`);
  return plan;
}
