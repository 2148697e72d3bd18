/** Makes sure that a ComfyUI has run a prompt once, however often we are called. */
import { advanceStage, BEFORE, type StageAt, stageShown } from "@/core/comfy/stages.ts";
import { watchEnd } from "@/core/comfy/whole.ts";
import { limitOf, workOf } from "@/core/estimate.ts";
import { isWorthAnother } from "@/core/faring.ts";
import { paceOf } from "@/core/paces.ts";
import type { Plan, PromptStep } from "@/core/plan.ts";
import { type Problem, problem as problemFor, StudioError } from "@/core/problem.ts";
import type { Comfy, ComfyOutput, PromptNews } from "@/core/ports.ts";
import type { BackendRow, Claim, StepRow } from "@/core/store.ts";
import { stages } from "@/core/words/stages.ts";
import type { EffectContext } from "../../runtime/handler.ts";
import type { JobEffect } from "../messages.ts";
import { inputFiles, refKey } from "./files.ts";
import { type BoundPrompt, type JobPorts, planOf } from "./ports.ts";
import { progressOf, type Report } from "./progress.ts";
import { type Ended, isGone, isOurTrouble, isStuck, mailTo, putOff, reply, silent } from "./reply.ts";

type Req = Extract<JobEffect, { kind: "ensure_prompt" }>;

/** Noted on the effect once the server has taken the prompt: from then on "unknown" means "lost". */
const ACCEPTED = "accepted";

const IMAGES_MAX = 64;
const EXTENSIONS = { video: "mp4", image: "png", images: "png", latent: "latent", audio: "flac" } as const;

interface Run {
  req: Req;
  claim: Claim;
  ports: JobPorts;
  context: EffectContext;
  comfy: Comfy;
  backend: BackendRow;
  plan: Plan;
  step: PromptStep;
  row: StepRow;
  rows: StepRow[];
  report: Report;
  /** Seconds that the server may execute it. */
  limitS: number;
  bound: BoundPrompt | null;
  /** Where the server is in the graph. */
  at: StageAt;
}

export async function ensurePrompt(
  req: Req,
  claim: Claim,
  ports: JobPorts,
  context: EffectContext,
): Promise<Ended> {
  const rows = await ports.store.steps(claim.actorId);
  const row = rows.find((row) => row.id === req.step && row.take === req.take);
  const backend = (await ports.store.backends()).find((backend) => backend.id === req.backendId);
  const plan = await planOf(ports, claim.actorId, req.rev);
  const step = plan.steps.find((step) => step.id === req.step);
  if (row?.promptId !== req.promptId || !backend || step?.kind !== "prompt") return silent();
  const paces = await ports.paces();
  const pace = paceOf(paces, workOf(step, { engine: plan.engine, backendId: backend.id }));
  const asked = {
    req,
    claim,
    ports,
    context,
    backend,
    plan,
    step,
    row,
    rows,
    report: progressOf({ claim, ports, plan, step, row, rows, paces, backendId: backend.id }),
    limitS: limitOf(step, { pace, failures: row.failures }),
    bound: null,
    at: BEFORE,
  };
  try {
    return await follow({ ...asked, comfy: ports.comfy(backend) });
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    return await onProblem(asked, thrown.problem);
  }
}

/** Asks, then acts: the only order in which a repeated call is harmless. */
async function follow(run: Run): Promise<Ended> {
  const { req, claim, context, comfy } = run;
  let accepted = claim.note === ACCEPTED;
  let limitAt: number | null = null;
  for (;;) {
    context.fence();
    const found = await comfy.find(req.promptId, context.signal);
    switch (found.state) {
      case "finished":
        run.report({ share: 1 }, { stage: stages.fetching });
        return reply(claim, finished(run, found));
      case "failed":
        return await executionFailed(run, found.problem);
      case "cancelled":
        return failed(run, problemFor("comfy.interrupted"));
      case "unknown": {
        if (accepted) return await lost(run);
        const ended = await submit(run);
        if (ended) return ended;
        accepted = true;
        break;
      }
      case "running":
        if (limitAt === null) {
          limitAt = context.clock.monotonic() + run.limitS * 1000;
          const started = { type: "prompt.started" as const, ...key(req), promptId: req.promptId };
          await context.tell([mailTo(claim, started, "started")]);
        }
        if (context.clock.monotonic() > limitAt) return await tooLong(run);
        break;
      case "pending":
        if (await waitsInVain(run)) {
          return reply(claim, { type: "prompt.unreachable", ...key(req), promptId: req.promptId });
        }
        break;
    }
    await comfy.wait(req.promptId, { signal: context.signal, onNews: hear(run) });
  }
}

/** What has not begun on a server whose worker is dead goes to another one. */
async function waitsInVain({ ports, backend }: Run): Promise<boolean> {
  const row = (await ports.store.backends()).find(({ id }) => id === backend.id);
  return row !== undefined && isStuck(row);
}

/** Sends the prompt; what keeps it from being sent is the answer. */
async function submit(run: Run): Promise<Ended | null> {
  const { req, claim, context, comfy, ports, step } = run;
  const { files, missing } = await inputFiles(run, ports.storage);
  if (missing.length > 0) return reply(claim, { type: "files.missing", ...key(req), steps: missing });
  const definitions = await comfy.definitions(ports.classes(step), { signal: context.signal });
  const names = new Map<string, string>();
  for (const [ref, file] of files) {
    names.set(ref, await bringFile(run, file));
    context.fence();
  }
  const fileName = (ref: Parameters<typeof refKey>[0]) => names.get(refKey(ref)) ?? "";
  const bound = ports.bind(step, { definitions, fileName, promptId: req.promptId });
  const lack = ports.lacks(step, bound.graph, { definitions, backend: run.backend });
  if (lack) return failed(run, lack);
  context.fence();
  await comfy.submit(req.promptId, bound.graph, context.signal);
  await context.note(ACCEPTED);
  run.bound = bound;
  return null;
}

/** A file goes to a backend once per epoch; the name that the server gave is what loaders take. */
async function bringFile(run: Run, file: { name: string; sha256: string; bytes: number }): Promise<string> {
  const { ports, backend, comfy, context } = run;
  const known = await ports.store.backendFile(backend.id, file.sha256);
  if (known !== null) return known;
  const open = () => ports.storage.read(file.name);
  const ref = await comfy.upload({ name: file.name, bytes: file.bytes, open }, context.signal);
  await ports.store.rememberFile(backend.id, backend.epoch, file.sha256, ref);
  return ref;
}

/** The bound graph; after a restart it is bound again, where file names do not matter. */
function boundOf(run: Run): BoundPrompt {
  const { ports, step, req } = run;
  run.bound ??= ports.bind(step, { definitions: {}, fileName: (ref) => refKey(ref), promptId: req.promptId });
  return run.bound;
}

function finished(
  run: Run,
  found: { outputs: ComfyOutput[]; startedAt: number | null; endedAt: number | null },
) {
  const roles = new Map(boundOf(run).outputs.map((output) => [output.node, output.role]));
  const counts = new Map<string, number>();
  const files = found.outputs.flatMap((file) => {
    const role = roles.get(file.node);
    if (role === undefined || file.type === "temp") return [];
    const ord = counts.get(role) ?? 0;
    counts.set(role, ord + 1);
    const { node, filename, subfolder, type } = file;
    return [{ role, ord, node, filename, subfolder, type }];
  });
  const { startedAt, endedAt } = found;
  return {
    type: "prompt.finished" as const,
    ...key(run.req),
    promptId: run.req.promptId,
    startedAt,
    endedAt,
    files,
  };
}

/** Accepted and now unknown. If every file that we need is whole on its disk, the work was done before it forgot. */
async function lost(run: Run): Promise<Ended> {
  const { req, claim } = run;
  const outputs: ComfyOutput[] = [];
  for (const output of boundOf(run).outputs) {
    const found = await filesOf(run, output);
    const isCut = await someEndEarly(run, found);
    if (isCut || (found.length === 0 && output.required)) {
      return reply(claim, { type: "prompt.lost", ...key(req), promptId: req.promptId });
    }
    outputs.push(...found);
  }
  return reply(claim, finished(run, { outputs, startedAt: null, endedAt: null }));
}

/** A server that died while it saved leaves the beginning of a file. */
async function someEndEarly(run: Run, files: ComfyOutput[]): Promise<boolean> {
  for (const file of files) {
    run.context.fence();
    const watch = watchEnd();
    for await (const chunk of await run.comfy.download(file, run.context.signal)) watch.push(chunk);
    if (watch.endsEarly()) return true;
  }
  return false;
}

/** The files that a save node left under our own prefix: `{prefix}_00001_.ext`, counted up (comfyui.md §3). */
async function filesOf(run: Run, output: BoundPrompt["outputs"][number]): Promise<ComfyOutput[]> {
  const cut = output.prefix.lastIndexOf("/");
  const [subfolder, stem] = [output.prefix.slice(0, Math.max(cut, 0)), output.prefix.slice(cut + 1)];
  const found: ComfyOutput[] = [];
  const most = output.kind === "images" ? IMAGES_MAX : 1;
  for (let ord = 0; ord < most; ord++) {
    const filename = `${stem}_${String(ord + 1).padStart(5, "0")}_.${EXTENSIONS[output.kind]}`;
    const file = { filename, subfolder, type: "output" as const };
    run.context.fence();
    if (!await run.comfy.exists(file, run.context.signal)) break;
    found.push({ ...file, node: output.node, key: output.role, ord });
  }
  return found;
}

async function executionFailed(run: Run, found: Problem): Promise<Ended> {
  if (isWorthAnother(found.code)) return await failedThere(run, found);
  if (found.code !== "comfy.out_of_memory") return failed(run, found);
  await run.comfy.free(run.context.signal).catch(() => undefined);
  return failed(run, { ...found, message: run.ports.advice(run.step) });
}

/** The film may be at fault or the server. */
async function failedThere(run: Omit<Run, "comfy">, found: Problem): Promise<Ended> {
  const { row, ports, step, backend } = run;
  return failed(run, found, { elsewhere: !row.avoid && await ports.hasOther(step, backend) });
}

async function tooLong(run: Run): Promise<Ended> {
  await run.comfy.stop(run.req.promptId, run.context.signal);
  return failed(run, problemFor("comfy.timeout", { detail: { limitS: Math.round(run.limitS) } }));
}

function failed(
  run: Pick<Run, "req" | "claim">,
  problem: Problem,
  more: { elsewhere?: boolean } = {},
): Ended {
  const { promptId } = run.req;
  return reply(run.claim, { type: "prompt.failed", ...key(run.req), promptId, problem, ...more });
}

/** What the world did wrong: silence is waited out, then the work moves; anything else is the job's to judge. */
async function onProblem(run: Omit<Run, "comfy">, problem: Problem): Promise<Ended> {
  const { ports, claim, req, backend } = run;
  if (isOurTrouble(problem)) return putOff(claim, problem.retryAfterMs);
  if (!["comfy.unreachable", "comfy.proxy", "comfy.protocol", "comfy.stuck"].includes(problem.code)) {
    return isWorthAnother(problem.code) ? await failedThere(run, problem) : failed(run, problem);
  }
  const now = await ports.store.now();
  const fresh = (await ports.store.backends()).find((row) => row.id === backend.id);
  if (fresh && isGone(fresh, now - ports.limits.downMs)) {
    return reply(claim, { type: "prompt.unreachable", ...key(req), promptId: req.promptId });
  }
  return putOff(claim, problem.retryAfterMs);
}

function hear(run: Run): (news: PromptNews) => void {
  return (news) => {
    const { stages: map } = boundOf(run);
    run.at = advanceStage(map, run.at, news);
    run.report(news, { at: stageShown(map, run.at) });
  };
}

function key(req: Req): { step: string; take: number; attempt: number } {
  return { step: req.step, take: req.take, attempt: req.attempt };
}
