/** Breaks one rule of the ComfyUI client at a time: a contract that does not notice is no contract. */
import type { Limits } from "@/adapters/comfy/limits.ts";
import { PARTS, type Parts } from "@/adapters/comfy/parts.ts";
import { problem } from "@/core/problem.ts";
import { CASES, runCase } from "./comfy_suite.ts";
import type { Make } from "./comfy_bench.ts";
import { stubBench } from "./stub_bench.ts";

export interface Mutant {
  rule: number;
  /** What the broken client does. */
  does: string;
  parts?: Partial<Parts>;
  limits?: Partial<Limits>;
}

const NEVER_MS = 60_000;

export const MUTANTS: Mutant[] = [
  {
    rule: 1,
    does: "believes in events alone while the socket is open",
    parts: {
      pollDelayMs: (link, options) => link.connected ? NEVER_MS : PARTS.pollDelayMs(link, options),
    },
  },
  {
    rule: 1,
    does: "sleeps through the start of a prompt",
    parts: { isWorthALook: (kind) => kind === "ended" },
  },
  {
    rule: 2,
    does: "looks once after the success event and then takes its time",
    parts: {
      pollDelayMs: ({ connected }, options) => PARTS.pollDelayMs({ connected, endedAgoMs: null }, options),
    },
  },
  { rule: 3, does: "posts without asking", parts: { needsPost: () => true } },
  { rule: 4, does: "registers a prompt after its POST", parts: { expectPrompt: () => undefined } },
  {
    rule: 4,
    does: "gives every event to the prompt that started first",
    parts: {
      promptOf: (() => {
        let first: string | null = null;
        return (event) => first ??= event.kind === "started" ? event.promptId : null;
      })(),
    },
  },
  {
    rule: 5,
    does: "comes back under the old client id",
    parts: { nextClientId: (previous, make) => previous ?? make() },
  },
  { rule: 6, does: "never notices a restart", parts: { sawRestart: () => false } },
  { rule: 6, does: "takes every sign for a restart", parts: { sawRestart: () => true } },
  { rule: 7, does: "never reports a dead worker", parts: { isStuck: () => false } },
  { rule: 7, does: "reports an idle server as stuck", parts: { isStuck: () => true } },
  {
    rule: 8,
    does: "sends no client id",
    parts: { promptBody: (prompt, { promptId }) => ({ prompt, prompt_id: promptId, client_id: "" }) },
  },
  { rule: 9, does: "believes that every file named in history exists", parts: { isThere: () => true } },
  {
    rule: 10,
    does: "collects only what stands under images",
    parts: {
      collectOutputs: (outputs, options) =>
        PARTS.collectOutputs(outputs, options).filter(({ key }) => key === "images"),
    },
  },
  {
    rule: 10,
    does: "collects temporary files as well",
    parts: {
      collectOutputs: (outputs, options) => PARTS.collectOutputs(outputs, { ...options, temp: true }),
    },
  },
  { rule: 11, does: "lets any save prefix pass", parts: { foreignPrefixes: () => [] } },
  { rule: 12, does: "gives up when a download is cut", limits: { resumesMax: 0 } },
  {
    rule: 12,
    does: "resumes one byte too late",
    parts: {
      resumeHeaders: (offset): Record<string, string> =>
        offset === 0 ? {} : { range: `bytes=${offset + 1}-` },
    },
  },
  {
    rule: 13,
    does: "uses the name that it sent",
    parts: { loaderValue: (_reply, sent) => `animatrix/${sent}` },
  },
  { rule: 14, does: "sends files of any size", parts: { fits: () => true } },
  {
    rule: 15,
    does: "interrupts whatever runs",
    parts: { stopCalls: () => [{ path: "interrupt", json: {} }] },
  },
  {
    rule: 15,
    does: "only takes waiting prompts out of the queue",
    parts: { stopCalls: (promptId) => [{ path: "queue", json: { delete: [promptId] } }] },
  },
  {
    rule: 16,
    does: "calls every failure an execution error",
    parts: { executionProblem: () => problem("comfy.execution", { operator: "Node 1: RuntimeError" }) },
  },
  {
    rule: 16,
    does: "shows the raw error to everybody",
    parts: {
      executionProblem: (raw, graph) => ({
        ...PARTS.executionProblem(raw, graph),
        message: JSON.stringify(raw),
      }),
    },
  },
  { rule: 17, does: "takes 200 for success", parts: { hasNodeErrors: () => false } },
  { rule: 18, does: "keeps its definitions after a 400", parts: { staysKnown: () => true } },
  { rule: 18, does: "forgets its definitions after every prompt", parts: { staysKnown: () => false } },
  { rule: 19, does: "reads the whole history", parts: { historyPath: () => "history" } },
  { rule: 21, does: "believes every value and maximum", parts: { ratioOf: (value, max) => value / max } },
  { rule: 22, does: "starts cached graphs at nothing", parts: { cachedShares: () => [] } },
  {
    rule: 23,
    does: "takes a server that answers for one that is ready, and reads nothing of its memory",
    parts: { memoryOf: () => ({ device: "unknown", vramTotal: null, vramFree: null, ramFree: null }) },
  },
  {
    rule: 24,
    does: "frees nothing",
    parts: { freeBody: () => ({ unload_models: false, free_memory: false }) },
  },
  {
    rule: 25,
    does: "puts paths at the root of the host",
    parts: { addressOf: (base, path, query) => PARTS.addressOf(`${new URL(base).origin}/`, path, query) },
  },
];

/** What became of one mutant: `by` names the case that noticed it. */
export interface Verdict {
  rule: number;
  does: string;
  killed: boolean;
  by: string | null;
}

/** Runs the cases of each mutant's rule against it, all mutants at once: each has a server of its own. */
export async function runComfyMutants(mutants = MUTANTS): Promise<Verdict[]> {
  return await Promise.all(mutants.map(async ({ rule, does, parts, limits }) => {
    const make: Make = (setup = {}) => {
      const { bench } = stubBench({ ...setup, parts, limits: { ...setup.limits, ...limits } });
      // Only the wait for something that never comes is cut short.
      return Promise.resolve({ ...bench, limitMs: 1500 });
    };
    for (const one of CASES.filter((one) => one.rule === rule)) {
      try {
        await runCase(one, make);
      } catch {
        return { rule, does, killed: true, by: one.name };
      }
    }
    return { rule, does, killed: false, by: null };
  }));
}
