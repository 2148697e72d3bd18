/** One effect of a job at a time, over a store, a storage and a ComfyUI in memory, with time that a test moves. */
import { jobEffects } from "@/actors/job/effects/mod.ts";
import type { JobPorts } from "@/actors/job/effects/ports.ts";
import { type JobEffect, JobMessage, LANES } from "@/actors/job/messages.ts";
import type { EffectContext, EffectEnd } from "@/actors/runtime/handler.ts";
import { type Plan, planFaults, type StepFile } from "@/core/plan.ts";
import { NO_PACES } from "@/core/paces.ts";
import type { Comfy } from "@/core/ports.ts";
import type { BackendRow, Claim, StepRow, TurnWrite } from "@/core/store.ts";
import { openMemoryStore } from "@/db/store_memory.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { behave, makeBackend, makeJob, makeStep, tell } from "@/tests/db/fixtures.ts";
import { FakeServer } from "@/tests/sim/fake_comfy.ts";
import { memoryStorage } from "@/tests/sim/memory_storage.ts";
import { bindSim, hash, localSim } from "@/tests/sim/plans.ts";
import { World } from "@/tests/sim/world.ts";
import { chainPlan } from "./bench.ts";

const JOB = "job-1";
const LEASE_MS = 15_000;
export const PROMPT = "5f0c0f7e-95a9-4c5a-8f0e-2f7e54b1a001";
export const DOWN_MS = 60_000;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const PICTURE = bytesOf("the picture");
const CLIP = bytesOf("the prepared clip");
export const picture = { sha256: hash(PICTURE), ext: "png" };
export const clip: StepFile = {
  role: "made",
  ord: 0,
  sha256: hash(CLIP),
  ext: "mp4",
  bytes: CLIP.byteLength,
};

/** `prepare`, which is done, then `shot`, a prompt that takes the picture and the prepared clip, then `join`. */
function makePlan(): Plan {
  const [prepare, shot, join] = chainPlan(1).steps;
  assert(prepare?.kind === "local" && shot?.kind === "prompt" && join?.kind === "local");
  const file = { from: "asset" as const, ...picture };
  const plan: Plan = {
    ...chainPlan(1),
    steps: [
      prepare,
      {
        ...shot,
        id: "shot",
        values: { start: { file }, tail: { file: { from: "step", step: "prepare", role: "made" } } },
      },
      {
        ...join,
        needs: ["prepare"],
        op: "join",
        values: { clip: { file: { from: "step", step: "prepare", role: "made" } }, frames: 77 },
      },
    ],
    inputs: [{ role: "picture", ...picture, used: true }],
  };
  assertEquals(planFaults(plan), []);
  return plan;
}

/** What one run of an effect came to. */
export interface Ran {
  end: EffectEnd;
  /** Its reply to the job. */
  said: JobMessage | null;
  /** What it told the job while it ran. */
  told: JobMessage[];
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Called when it tells the job something while it runs. */
  onTold?: () => void;
}

export class EffectBench {
  readonly clock = new ManualClock();
  readonly store = openMemoryStore({ now: () => this.clock.now() });
  readonly server: FakeServer;
  readonly disk = { files: new Map<string, Uint8Array>(), lost: new Map<string, Uint8Array>(), full: false };
  /** Scratch folders that were given out and not given back. */
  readonly scratches = new Set<string>();
  /** Uploads that reached the server, by name. */
  readonly uploads: string[] = [];
  readonly #storage = memoryStorage(this.disk, new World(1).spawn("test"), {
    hash,
    step: () => Promise.resolve(),
  });
  readonly ports: JobPorts;
  /** What the render server answers with may be changed by a test. */
  comfy: Comfy;
  /** Nothing new may begin. */
  maintained = false;

  constructor() {
    this.server = new FakeServer({
      clock: this.clock,
      random: () => 0.5,
      hash,
      pollMs: 500,
      durationMs: () => 2000,
      hook: ({ method, file }) => {
        if (method === "upload" && file) this.uploads.push(file);
        return "ok";
      },
    });
    this.comfy = this.server.client();
    const storage = this.#storage;
    this.ports = {
      store: this.store,
      storage: {
        ...storage,
        scratch: async (purpose) => {
          const scratch = await storage.scratch(purpose);
          this.scratches.add(scratch.dir);
          return { ...scratch, release: () => Promise.resolve(void this.scratches.delete(scratch.dir)) };
        },
      },
      comfy: () => this.comfy,
      bind: bindSim,
      classes: () => ["LoadImage", "SaveVideo", "PrimitiveString"],
      lacks: () => null,
      paces: () => Promise.resolve(NO_PACES),
      spend: () => Promise.resolve(),
      judge: () => Promise.resolve(null),
      hasOther: async (_, backend) => (await this.store.backends()).some(({ id }) => id !== backend.id),
      advice: () => "Take the preset Fast.",
      local: (op, { values, scratch }) =>
        Promise.resolve({
          files: localSim(op, values).map(({ role, bytes }) => {
            storage.writeScratch(scratch.path(role), bytes);
            return { role, path: scratch.path(role), ext: "bin" };
          }),
          facts: {},
        }),
      progress: { publish() {}, listen: () => () => {}, latest: () => undefined },
      clock: this.clock,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      isOpen: () => Promise.resolve(!this.maintained),
      limits: { downMs: DOWN_MS, diskMinBytes: 1 },
    };
  }

  /** A job whose prompt has been granted on the one server there is. */
  static async open(): Promise<EffectBench> {
    const bench = new EffectBench();
    bench.disk.files.set(`${picture.sha256}.${picture.ext}`, PICTURE);
    bench.disk.files.set(`${clip.sha256}.${clip.ext}`, CLIP);
    await bench.setBackend({});
    const steps = [
      makeStep("prepare", { state: "done", outputs: [clip] }),
      makeStep("shot", {
        state: "granted",
        attempt: 1,
        promptId: PROMPT,
        backendId: "alpha",
        uses: { prepare: 0 },
      }),
      makeStep("join", { state: "ready", attempt: 1, uses: { prepare: 0 } }),
    ];
    await bench.store.admit([{ ...makeJob({ id: JOB, mail: [], steps }), plan: makePlan() }]);
    return bench;
  }

  async setBackend(change: Partial<BackendRow>): Promise<void> {
    await this.store.saveBackend(makeBackend({ lastSeenAt: this.clock.now(), ...change }));
  }

  async setStep(id: string, change: Partial<StepRow>): Promise<void> {
    const row = (await this.store.steps(JOB)).find((row) => row.id === id);
    assert(row);
    await this.#turn({ steps: [{ ...row, ...change }] });
  }

  /** The job asks for an effect; from then on somebody may claim it. */
  async ask(req: JobEffect): Promise<void> {
    const id = req.kind === "ensure_prompt" ? req.promptId : `${JOB}:${req.kind}:${this.#turns}`;
    await this.#turn({ effects: [{ id, kind: req.kind, lane: LANES[req.kind], req }] });
  }

  async claim(kind: JobEffect["kind"], owner = "runner"): Promise<Claim> {
    const claim = await this.store.claim(owner, [LANES[kind]], LEASE_MS);
    assert(claim?.kind === kind, `${kind} is not open`);
    return claim;
  }

  /** Runs the effect that was asked for and puts its end into the store, as the pool does. */
  async run(
    kind: JobEffect["kind"],
    { signal = new AbortController().signal, onTold = () => {} }: RunOptions = {},
  ): Promise<Ran> {
    const claim = await this.claim(kind);
    const told: JobMessage[] = [];
    const { clock, store } = this;
    const context: EffectContext = {
      signal,
      fence: () => signal.throwIfAborted(),
      note: async (text) => assert(await store.note(claim.id, claim.token, text)),
      tell: (mail) => {
        told.push(...mail.map(({ body }) => JobMessage.parse(body)));
        onTold();
        return Promise.resolve();
      },
      clock,
      log: this.ports.log,
      tries: claim.tries,
    };
    const handler = jobEffects(this.ports).find((handler) => handler.kind === kind);
    assert(handler);
    const end = await this.finish(handler.run(claim, context));
    if ("putOffMs" in end) {
      await store.putOff(claim.id, claim.token, end.putOffMs);
      return { end, said: null, told };
    }
    assert(await store.finish(claim.id, claim.token, end.finish));
    const [mail] = end.finish.mail;
    return { end, said: mail ? JobMessage.parse(mail.body) : null, told };
  }

  async askAndRun(req: JobEffect, options: RunOptions = {}): Promise<Ran> {
    await this.ask(req);
    return await this.run(req.kind, options);
  }

  /** Lets virtual time pass until the work has ended. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let open = true;
    const close = () => void (open = false);
    work.then(close, close);
    for (let turn = 0; open; turn++) {
      assert(turn < 2000, "the work does not end");
      await new Promise((wake) => setTimeout(wake, 0));
      if (turn % 4 !== 3) continue;
      await this.clock.advance(turn < 100 ? 250 : 5000);
      this.server.pump();
    }
    return await work;
  }

  #turns = 0;

  async #turn(write: Partial<TurnWrite>): Promise<void> {
    await this.store.post([tell(JOB, `turn-${++this.#turns}`)]);
    await this.store.turn(JOB, behave(() => write));
  }
}

export const SHOT = { step: "shot", take: 0, attempt: 1 };
export const ENSURE = {
  kind: "ensure_prompt" as const,
  ...SHOT,
  rev: 1,
  backendId: "alpha",
  promptId: PROMPT,
};
export const STOP: JobEffect = { kind: "stop_prompt", step: "shot", backendId: "alpha", promptId: PROMPT };
export const JOIN: JobEffect = { kind: "run_local", step: "join", take: 0, attempt: 1, rev: 1 };
