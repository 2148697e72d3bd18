/** Each rule of the simulation notices a store that breaks it, and passes one that keeps it. */
import { canonical } from "@/core/canonical.ts";
import type { Plan } from "@/core/plan.ts";
import type { StepRow } from "@/core/store.ts";
import type { Snapshot } from "@/db/inspect.ts";
import { chainPlan } from "@/tests/actors/job/bench.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { makeBackend, makeShown, makeStep } from "@/tests/db/fixtures.ts";
import { FakeServer } from "./fake_comfy.ts";
import { Watch } from "./invariants.ts";
import { hash } from "./plans.ts";
import { takeKey } from "./provenance.ts";
import { type Ground, NO_FAULTS } from "./studio.ts";
import { World } from "./world.ts";

const JOB = "job-1";

/** Two parts, the second made from the first, then the join: all refer to files by their values. */
function makePlan(): Plan {
  const carried = (step: string) => ({ from: "step" as const, step, role: "clip" });
  const [, one, two, join] = chainPlan(2).steps;
  assert(one?.kind === "prompt" && two?.kind === "prompt" && join?.kind === "local");
  return {
    ...chainPlan(2),
    steps: [
      { ...one, needs: [], values: {} },
      { ...two, needs: ["chunk-1"], values: { tail: { file: carried("chunk-1") } } },
      { ...join, values: { clips: { files: [carried("chunk-1"), carried("chunk-2")] } } },
    ],
  };
}

class Scene {
  readonly lacks = new Set<string>();
  readonly plans = new Map([[JOB, new Map([[1, makePlan()]])]]);
  readonly ground: Ground;
  readonly watch: Watch;
  readonly server = new FakeServer({ clock: new ManualClock(), random: () => 0.5, hash });
  snap: Snapshot;

  constructor() {
    const world = new World(1);
    const silent = () => {};
    this.ground = {
      world,
      store: {} as Ground["store"],
      disk: { files: new Map(), lost: new Map(), full: false },
      slotsMost: new Map(),
      db: null,
      troubles: [],
      servers: new Map([["alpha", this.server]]),
      lacks: this.lacks,
      faults: NO_FAULTS,
      inFlight: 0,
      studios: new Set(),
      hits: new Map(),
      leaseMs: 1200,
      claims: new Map(),
      broken: [],
      late: [],
      log: { debug: silent, info: silent, warn: silent, error: silent },
    };
    this.watch = new Watch(this.ground, { slots: 1, plans: this.plans, runningMax: null });
    const lists = { actors: [], steps: [], mail: [], events: [], effects: [], slots: [] };
    this.snap = {
      ...lists,
      deadletters: [],
      backends: [makeBackend()],
      outputs: [],
      jobs: [],
      jobOutputs: [],
      ledger: [],
    };
    this.row("chunk-1", { state: "done", attempt: 1, outputs: [this.clip("one", [])], endedAt: 1 });
    this.row("chunk-2", { attempt: 0, uses: {} });
    this.row("join", {});
    this.snap.jobs = [{ id: JOB, userId: "ann", ...makeShown({ status: "executing", share: 0.5 }) }];
    this.tell("status", { status: "executing", run: 1 });
  }

  /** A fake clip that says what it was made from. */
  clip(name: string, inputs: string[]) {
    const bytes = new TextEncoder().encode(canonical({ graph: name, inputs, node: "9", title: "" }));
    const file = { role: "clip", ord: 0, sha256: hash(bytes), ext: "mp4", bytes: bytes.byteLength };
    this.ground.disk.files.set(`${file.sha256}.${file.ext}`, bytes);
    return file;
  }

  /** Lets this step wait for a person. */
  gate(id: string): void {
    const plan = makePlan();
    const steps = plan.steps.map((step) => step.id === id ? { ...step, gate: true as const } : step);
    this.plans.set(JOB, new Map([[1, { ...plan, steps }]]));
  }

  row(id: string, change: Partial<StepRow>): void {
    const take = change.take ?? 0;
    const before = this.snap.steps.find((row) => row.id === id && row.take === take);
    const row = { ...before ?? { ...makeStep(id), jobId: JOB }, ...change };
    this.snap = { ...this.snap, steps: [...this.snap.steps.filter((row) => row !== before), row] };
  }

  tell(kind: string, body: unknown, ver?: number): void {
    const seq = this.snap.events.length + 1;
    const event = { seq, actorId: JOB, ver: ver ?? seq, userId: "ann", kind, message: "", body, at: 0 };
    this.snap = { ...this.snap, events: [...this.snap.events, event] };
  }

  slot(promptId: string, state: "held" | "stopping", stepId = "chunk-2"): void {
    const owned = { jobId: JOB, userId: "ada", weight: 60, stepId };
    const slot = { ...owned, backendId: "alpha", n: 0, promptId, family: "a", state, since: 0 };
    this.snap = { ...this.snap, slots: [...this.snap.slots, slot] };
  }

  bill(id: string, userId: string, bytes: number): void {
    const entry = {
      id,
      userId,
      jobId: JOB,
      stepId: "chunk-1",
      kind: "gpu" as const,
      seconds: 1,
      bytes,
      at: 0,
    };
    this.snap = { ...this.snap, ledger: [...this.snap.ledger, entry] };
  }

  job(change: Partial<Snapshot["jobs"][number]>): void {
    this.snap = { ...this.snap, jobs: this.snap.jobs.map((job) => ({ ...job, ...change })) };
  }

  /** Names of the rules that this look, or the end, finds broken. */
  look(): string[] {
    this.watch.safety(this.snap);
    return this.names();
  }

  end(): string[] {
    this.watch.liveness(this.snap);
    return this.names();
  }

  names(): string[] {
    return [...new Set(this.watch.violations.splice(0).map((text) => text.split(":")[0] ?? ""))];
  }

  get one() {
    const file = this.snap.steps.find(({ id }) => id === "chunk-1")?.outputs[0];
    assert(file);
    return file;
  }

  lose(file: { sha256: string; ext: string }): void {
    const name = `${file.sha256}.${file.ext}`;
    this.ground.disk.lost.set(name, this.ground.disk.files.get(name) ?? new Uint8Array());
    this.ground.disk.files.delete(name);
  }
}

function familiesOf({ plans }: Scene): string[] {
  const steps = plans.get(JOB)?.get(1)?.steps ?? [];
  return steps.flatMap((step) => step.kind === "prompt" ? [step.family] : []);
}

/** What is done to a sound store, and the rule that it breaks; null for what is legitimate. */
const CASES: [string, string | null, (scene: Scene) => void][] = [
  ["nothing happens", null, () => {}],
  ["an event is missing", "GapFree", (scene) => scene.tell("paused", {}, 9)],
  ["a status comes back", "Forward", (scene) => scene.tell("status", { status: "queued", run: 1 })],
  ["a run ends twice", "OneTerminal", (scene) => {
    scene.tell("status", { status: "failed", run: 1 });
    scene.tell("status", { status: "completed", run: 1 });
  }],
  [
    "a part is done that never started",
    "StartedFirst",
    (scene) => scene.tell("step.done", { step: "chunk-1", take: 0 }),
  ],
  ["a part that was used again is done", null, (scene) => {
    scene.tell("step.reused", { step: "chunk-1", take: 0 });
    scene.tell("step.done", { step: "chunk-1", take: 0 });
  }],
  ["a share falls", "Monotone", (scene) => scene.job({ share: 0.4 })],
  ["a slot is held for a step that waits", "SlotOwner", (scene) => scene.slot("p", "held")],
  ["a slot stops and nobody asks for it", "SlotOwner", (scene) => scene.slot("p", "stopping")],
  ["a step runs without a slot", "SlotOwner", (scene) => {
    scene.row("chunk-2", { state: "running", promptId: "p", attempt: 1, uses: { "chunk-1": 0 } });
  }],
  ["a step runs in its slot", null, (scene) => {
    scene.row("chunk-2", { state: "running", promptId: "p", attempt: 1, uses: { "chunk-1": 0 } });
    scene.slot("p", "held");
  }],
  ["a step runs where its models are missing", "Able", (scene) => {
    scene.row("chunk-2", { state: "running", promptId: "p", attempt: 1, uses: { "chunk-1": 0 } });
    scene.slot("p", "held");
    for (const family of familiesOf(scene)) scene.lacks.add(`alpha ${family}`);
  }],
  ["somebody has more jobs on servers than they may", "RunningMax", (scene) => {
    scene.row("chunk-2", { state: "running", promptId: "p", attempt: 1, uses: { "chunk-1": 0 } });
    scene.slot("p", "held");
    scene.watch.of.runningMax = 0;
  }],
  ["a prompt is done that nobody was charged for", "Billed", (scene) => {
    scene.row("chunk-1", { promptId: "paid" });
  }],
  ["a prompt is done and charged with all its bytes", null, (scene) => {
    scene.row("chunk-1", { promptId: "paid" });
    scene.bill("paid", "ann", scene.one.bytes);
  }],
  ["somebody else is charged", "Billed", (scene) => scene.bill("paid", "ben", 1)],
  ["more slots are taken than there are", "SlotCap", (scene) => {
    scene.row("chunk-2", { state: "running", promptId: "p", attempt: 1, uses: { "chunk-1": 0 } });
    scene.slot("p", "held");
    scene.slot("p", "held");
  }],
  ["a server has more prompts than slots", "SlotCap", (scene) => {
    for (const id of ["a", "b"]) scene.server.post(id, {});
  }],
  ["a prompt comes twice", "OncePerPrompt", (scene) => {
    scene.server.post("a", {});
    scene.server.stop("a");
    scene.server.post("a", {});
  }],
  ["a prompt comes again after a restart", null, (scene) => {
    scene.server.post("a", {});
    scene.server.restart();
    scene.server.post("a", {});
  }],
  ["a prompt comes twice from a process that slept", null, (scene) => {
    scene.ground.late.push({ server: "alpha", promptId: "a" });
    scene.server.post("a", {});
    scene.server.stop("a");
    scene.server.post("a", {});
  }],
  [
    "a done take holds other files",
    "DoneStays",
    (scene) => scene.row("chunk-1", { outputs: [scene.clip("two", [])] }),
  ],
  [
    "a done take is made again",
    "DoneStays",
    (scene) => scene.row("chunk-1", { state: "pending", outputs: [] }),
  ],
  ["a done take whose file is lost is made again", null, (scene) => {
    scene.lose(scene.one);
    scene.row("chunk-1", { state: "pending", outputs: [] });
  }],
  ["another take's file is lost", "DoneStays", (scene) => {
    scene.lose(scene.clip("of another", []));
    scene.row("chunk-1", { state: "pending", outputs: [] });
  }],
  ["two takes are chosen", "ChosenTakes", (scene) => {
    scene.row("chunk-1", { take: 1, chosen: true, state: "pending", outputs: [] });
  }],
  ["a step begins with a take that is not chosen", "ChosenTakes", (scene) => {
    scene.row("chunk-1", { chosen: false });
    scene.row("chunk-2", { state: "ready", attempt: 1, uses: { "chunk-1": 0 } });
  }],
  ["a step is remade from the take that it was made from", null, (scene) => {
    scene.row("chunk-1", { chosen: false });
    scene.row("chunk-2", { state: "ready", attempt: 1, uses: { "chunk-1": 0 }, endedAt: 5 });
  }],
  ["a step begins before its need is done", "ChosenTakes", (scene) => {
    scene.lose(scene.one);
    scene.row("chunk-1", { state: "pending", outputs: [] });
    scene.row("chunk-2", { state: "ready", attempt: 1, uses: { "chunk-1": 0 } });
  }],
  ["a step begins with a take that nobody approved", "Approved", (scene) => {
    scene.gate("chunk-1");
    scene.row("chunk-2", { state: "ready", attempt: 1, uses: { "chunk-1": 0 } });
  }],
  ["a step begins with an approved take", null, (scene) => {
    scene.gate("chunk-1");
    scene.watch.approvals.add(takeKey(JOB, "chunk-1", 0));
    scene.row("chunk-2", { state: "ready", attempt: 1, uses: { "chunk-1": 0 } });
  }],
  ["a take is made from what its maker holds", null, (scene) => {
    scene.row("chunk-2", {
      state: "done",
      uses: { "chunk-1": 0 },
      outputs: [scene.clip("b", [scene.one.sha256])],
    });
  }],
  ["a take is made from something else", "ChosenTakes", (scene) => {
    scene.row("chunk-2", {
      state: "done",
      uses: { "chunk-1": 0 },
      outputs: [scene.clip("b", [hash(new Uint8Array())])],
    });
  }],
  ["a stale take is made from something else", "ChosenTakes", (scene) => {
    const outputs = [scene.clip("b", [hash(new Uint8Array())])];
    scene.row("chunk-2", { state: "done", stale: true, uses: { "chunk-1": 0 }, outputs });
  }],
  ["a take is made from something else, and its maker has no files any more", "ChosenTakes", (scene) => {
    scene.lose(scene.one);
    scene.row("chunk-1", { state: "cancelled", outputs: [] });
    scene.row("chunk-2", { state: "done", uses: { "chunk-1": 0 }, outputs: [scene.clip("b", [])] });
  }],
  ["a take is made from what its maker held before it lost it", null, (scene) => {
    const { sha256 } = scene.one;
    scene.lose(scene.one);
    scene.row("chunk-1", { state: "cancelled", outputs: [] });
    scene.row("chunk-2", { state: "done", uses: { "chunk-1": 0 }, outputs: [scene.clip("b", [sha256])] });
  }],
  ["the file of a done take is nowhere", "Files", (scene) => {
    const clip = scene.clip("b", [scene.one.sha256]);
    scene.ground.disk.files.delete(`${clip.sha256}.mp4`);
    scene.row("chunk-2", { state: "done", uses: { "chunk-1": 0 }, outputs: [clip] });
  }],
];

Deno.test("each look finds the rule that a change breaks, and no other", () => {
  for (const [what, rule, change] of CASES) {
    const scene = new Scene();
    assertEquals(scene.look(), [], `${what}, before`);
    change(scene);
    assertEquals(scene.look(), rule === null ? [] : [rule], what);
  }
});

Deno.test("the end finds films that are missing, doubled or not the newest", () => {
  const end = (files: string[]) => {
    const scene = new Scene();
    scene.look();
    const film = { ...scene.clip("film", []), role: "film" };
    scene.row("chunk-2", {
      state: "done",
      uses: { "chunk-1": 0 },
      outputs: [scene.clip("b", [scene.one.sha256])],
    });
    const text = new TextEncoder().encode(canonical({
      inputs: scene.snap.steps.flatMap((row) => row.outputs.map((file) => `disk/${file.sha256}.mp4`)),
    }));
    const made = { ...film, sha256: hash(text) };
    scene.ground.disk.files.set(`${made.sha256}.mp4`, text);
    scene.row("join", { state: "done", uses: { "chunk-1": 0, "chunk-2": 0 }, outputs: [made] });
    scene.tell("status", { status: "completed", run: 1 });
    scene.job({ status: "completed", share: 1 });
    scene.snap.jobOutputs = files.map((file, ord) => ({
      jobId: JOB,
      run: 1,
      ord,
      type: "film",
      file: file === "newest" ? `${made.sha256}.mp4` : file,
    }));
    assertEquals(scene.look(), []);
    return scene.end();
  };
  assertEquals(end(["newest"]), []);
  assertEquals(end([]), ["OutputsOnce"]);
  assertEquals(end(["newest", "newest"]), ["OutputsOnce"]);
  assertEquals(end(["older.mp4"]), ["OutputsOnce"]);
});
