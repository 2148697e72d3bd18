/** Fetches what a prompt made: downloaded, hashed and stored, and only then is the step done. */
import type { StepFile } from "@/core/plan.ts";
import { problem, problemOf, StudioError } from "@/core/problem.ts";
import type { Claim } from "@/core/store.ts";
import type { EffectContext } from "../../runtime/handler.ts";
import type { JobEffect } from "../messages.ts";
import type { JobPorts } from "./ports.ts";
import { type Ended, isGone, isOurTrouble, putOff, reply } from "./reply.ts";

type Req = Extract<JobEffect, { kind: "collect_outputs" }>;

export async function collectOutputs(
  req: Req,
  claim: Claim,
  ports: JobPorts,
  context: EffectContext,
): Promise<Ended> {
  const key = { step: req.step, take: req.take, attempt: req.attempt };
  const backend = (await ports.store.backends()).find((backend) => backend.id === req.backendId);
  if (!backend) {
    return reply(claim, { type: "outputs.failed", ...key, problem: problem("comfy.unreachable") });
  }
  try {
    const comfy = ports.comfy(backend);
    const outputs: StepFile[] = [];
    for (const file of req.files) {
      context.fence();
      const content = await comfy.download(file, context.signal);
      const stored = await ports.storage.put(content, {
        ext: extensionOf(file.filename),
        signal: context.signal,
      });
      outputs.push({
        role: file.role,
        ord: file.ord,
        sha256: stored.sha256,
        ext: stored.ext,
        bytes: stored.bytes,
      });
      await ports.store.rememberFile(backend.id, backend.epoch, stored.sha256, loaderName(file));
    }
    const rows = req.files.map((file, at) => {
      const { role, ord, sha256, ext, bytes } = outputs[at] ??
        { role: "", ord: 0, sha256: "", ext: "", bytes: 0 };
      return { node: file.node, role, ord, sha256, ext, bytes };
    });
    if (outputs.length === 0) throw new StudioError(problem("comfy.output_missing"));
    return reply(claim, { type: "outputs.collected", ...key, outputs }, { outputs: rows });
  } catch (thrown) {
    if (!(thrown instanceof StudioError)) throw thrown;
    return await onProblem({ req, claim, ports }, thrown);
  }
}

/** What the server itself wrote can be loaded from its output folder without an upload. */
function loaderName(file: Req["files"][number]): string {
  return `${file.subfolder ? `${file.subfolder}/` : ""}${file.filename} [${file.type}]`;
}

function extensionOf(filename: string): string {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(filename)?.[1];
  return ending ? ending.toLowerCase() : "bin";
}

async function onProblem(
  run: { req: Req; claim: Claim; ports: JobPorts },
  thrown: StudioError,
): Promise<Ended> {
  const { req, claim, ports } = run;
  const found = problemOf(thrown);
  if (isOurTrouble(found)) return putOff(claim, found.retryAfterMs);
  const key = { step: req.step, take: req.take, attempt: req.attempt };
  if (found.code === "comfy.output_missing") {
    return reply(claim, { type: "outputs.failed", ...key, problem: found });
  }
  const now = await ports.store.now();
  const backend = (await ports.store.backends()).find((row) => row.id === req.backendId);
  if (backend && isGone(backend, now - ports.limits.downMs)) {
    return reply(claim, { type: "outputs.failed", ...key, problem: problem("comfy.unreachable") });
  }
  return putOff(claim, found.retryAfterMs);
}
