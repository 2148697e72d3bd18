/** What the ComfyUI contract suite needs of a server under test: a client, switches for faults, and a way to let time pass. */
import type { Limits } from "@/adapters/comfy/limits.ts";
import type { Parts } from "@/adapters/comfy/parts.ts";
import type { Comfy, ComfyFile, PromptNews, PromptState } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Graph } from "@/core/template.ts";
import { assert } from "@/tests/assert.ts";
import type { Seen } from "./stub_comfy.ts";

/** Switches of a server. A server that lacks one leaves out the cases that need it. */
export interface Control {
  /** Loses queue, running prompt, history, cache and sockets; keeps input and output files. */
  restart(): Promise<void>;
  /** Nothing listens any more, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  dropSockets(): Promise<void>;
  /** Open sockets tell nothing. */
  muteSockets(on: boolean): Promise<void>;
  refuseSockets(on: boolean): Promise<void>;
  /** HTTP stays up, prompts are accepted, nothing runs. */
  killWorker(): Promise<void>;
  deleteOutput(file: ComfyFile): Promise<void>;
  nextNodeErrors200(): Promise<void>;
  nextOom(): Promise<void>;
  nextError(): Promise<void>;
  /** Status success in history, with an error message beside it. */
  nextFalseSuccess(): Promise<void>;
  /** Somebody else ends what runs now. */
  interruptOther(): Promise<void>;
  /** Time between the success event and the history entry. */
  historyGapMs(ms: number): Promise<void>;
  /** Events of a prompt come before the reply to its POST. */
  eventsBeforeReply(on: boolean): Promise<void>;
  /** The reply to the next request for this path is lost; the request takes effect. */
  loseReply(path: string): Promise<void>;
  /** The next request for this path is never answered. */
  hang(path: string): Promise<void>;
  /** The next request for this path gets this from a proxy. */
  answer(path: string, reply: { status: number; type: string; text: string }): Promise<void>;
  cutDownload(bytes: number): Promise<void>;
  uploadMax(bytes: number): Promise<void>;
  /** Behaves as another release: 0.3.45 knows no jobs, 0.8.0 cannot cancel them. */
  version(version: string): Promise<void>;
  /** Odd messages before each prompt. */
  noise(on: boolean): Promise<void>;
  addModel(file: string): Promise<void>;
  /** There when the server judges graphs against node definitions; does nothing. */
  validation(): Promise<void>;
  /** There when the slow graph shows previews and the steps of its heavy node; does nothing. */
  previews(): Promise<void>;
  /** There when every save class takes any picture; does nothing. */
  saves(): Promise<void>;
  /** Requests so far. */
  seen(): Promise<Seen[]>;
  /** Client ids in the order of their connections. */
  connected(): Promise<string[]>;
}

export interface Setup {
  parts?: Partial<Parts>;
  limits?: Partial<Limits>;
  version?: string;
  /** Path prefix of the server's base address. */
  prefix?: string;
  auth?: string;
}

export interface Bench {
  comfy: Comfy;
  control: Partial<Control>;
  /** One more client of the same server. */
  open(): Comfy;
  nextId(): string;
  /** A graph that ends at once. `color` makes it differ. */
  quick(promptId: string, color?: number): Graph;
  /** A graph that goes through `steps` sampler steps, a few milliseconds each. */
  slow(promptId: string, steps: number): Graph;
  /** Lets a little time pass, real or virtual. */
  tick(): Promise<void>;
  now(): number;
  /** Longest time that anything in a case may take. */
  limitMs: number;
  close(): Promise<void>;
}

export type Make = (setup?: Setup) => Promise<Bench>;

export interface Case {
  /** Rule of comfyui.md §8.2. */
  rule: number;
  name: string;
  needs: (keyof Control)[];
  setup?: Setup;
  run(bench: Bench): Promise<void>;
}

/** A switch that the case declared as needed. */
export function control<K extends keyof Control>(bench: Bench, name: K): NonNullable<Partial<Control>[K]> {
  const found = bench.control[name];
  assert(found !== undefined, `this server has no switch "${name}"`);
  return found;
}

/** The result of a promise, while time passes; fails when it takes longer than the bench allows. */
export async function settle<T>(bench: Bench, promise: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  const start = bench.now();
  while (!over) {
    if (bench.now() - start > bench.limitMs) throw new Error("took too long");
    await bench.tick();
  }
  return await promise;
}

/** Asks until the condition holds. */
export async function until(bench: Bench, holds: () => Promise<boolean> | boolean): Promise<void> {
  const start = bench.now();
  while (!await settle(bench, Promise.resolve(holds()))) {
    if (bench.now() - start > bench.limitMs) throw new Error("took too long");
    await bench.tick();
  }
}

export interface Followed {
  state: PromptState;
  /** Every state that was seen, repeats left out. */
  states: string[];
  looks: number;
  news: PromptNews[];
}

/** Follows a prompt as the studio does: look, wait, look again. */
export async function follow(bench: Bench, promptId: string, comfy = bench.comfy): Promise<Followed> {
  const stop = new AbortController();
  const followed: Followed = { state: { state: "unknown" }, states: [], looks: 0, news: [] };
  const loop = async () => {
    for (;;) {
      const state = followed.state = await comfy.find(promptId);
      followed.looks += 1;
      if (followed.states.at(-1) !== state.state) followed.states.push(state.state);
      if (state.state !== "pending" && state.state !== "running") return followed;
      await comfy.wait(promptId, { signal: stop.signal, onNews: (news) => followed.news.push(news) });
    }
  };
  try {
    return await settle(bench, loop());
  } finally {
    stop.abort();
  }
}

/** All news of a prompt up to its end, without looking in between: while nobody listens, progress passes unheard. */
export async function hearEnd(bench: Bench, promptId: string): Promise<PromptNews[]> {
  const news: PromptNews[] = [];
  const stop = new AbortController();
  const start = bench.now();
  while (news.at(-1)?.kind !== "ended") {
    if (bench.now() - start > bench.limitMs) throw new Error("took too long");
    const waiting = bench.comfy.wait(promptId, { signal: stop.signal, onNews: (one) => news.push(one) });
    await settle(bench, waiting);
  }
  return news;
}

/** The problem that a call ends with. */
export async function problemFrom(bench: Bench, call: () => Promise<unknown>) {
  try {
    await settle(bench, call());
  } catch (thrown) {
    return problemOf(thrown);
  }
  throw new Error("expected a problem");
}

/** The files of a finished prompt. */
export function outputsOf(state: PromptState) {
  assert(state.state === "finished", `expected a finished prompt, it is ${JSON.stringify(state)}`);
  return state.outputs;
}

export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function fileOf(name: string, content: string | Uint8Array) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  let opened = 0;
  return {
    name,
    bytes: bytes.byteLength,
    open: () => {
      opened += 1;
      return Promise.resolve(ReadableStream.from([bytes]));
    },
    opened: () => opened,
  };
}
