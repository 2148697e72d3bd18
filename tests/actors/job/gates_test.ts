/** A step with a gate waits for a person: nothing follows unapproved, no slot is held, and any number of takes may be made. */
import type { Plan } from "@/core/plan.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { chainPlan, FILM, JobBench } from "./bench.ts";

/** A chain whose named part waits to be approved. */
function gated(id: string, parts = 2): Plan {
  const plan = chainPlan(parts);
  return {
    ...plan,
    steps: plan.steps.map((step) => step.id === id ? { ...step, gate: true as const } : step),
  };
}

/** Up to the moment at which the first part waits. */
function atTheGate(parts = 2): JobBench {
  const bench = new JobBench(gated("chunk-1", parts));
  bench.start();
  bench.local("prepare");
  bench.render("chunk-1");
  return bench;
}

function kinds(bench: JobBench): string[] {
  return bench.events.map(({ kind }) => kind);
}

Deno.test("a gate is reached: the files are there, no slot is held, nothing follows, and the job says what it waits for", () => {
  const bench = atTheGate();
  assertEquals(bench.row("chunk-1").state, "waiting_for_person");
  assertEquals(bench.row("chunk-1").outputs.length, 1);
  assertEquals(bench.row("chunk-2").state, "pending");
  assertEquals([...bench.slots], []);
  assertEquals(bench.shown.status, "executing");
  assertEquals(bench.shown.stage, "Part 1 of 2 is there and waits for you");
  assertEquals(kinds(bench).slice(-2), ["step.done", "step.waits"]);
});

Deno.test("an approved take is the one that the rest is made from", () => {
  const bench = atTheGate();
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  assertEquals(bench.row("chunk-1").state, "done");
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.row("chunk-2").uses, { prepare: 0, "chunk-1": 0 });
  assertEquals([bench.shown.status, bench.shown.share], ["completed", 1]);
  assert(kinds(bench).includes("step.approved"));
});

Deno.test("approving another take than the one that waits, or twice, changes nothing", () => {
  const bench = atTheGate();
  bench.tell({ type: "approve", step: "chunk-1", take: 1 });
  bench.tell({ type: "approve", step: "chunk-2", take: 0 });
  assertEquals(bench.row("chunk-1").state, "waiting_for_person");
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  const before = kinds(bench).length;
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  assertEquals(kinds(bench).length, before);
});

for (const follow of ["ask", "rerun", "keep"] as const) {
  Deno.test(`another take at a gate waits again, and asks nothing more ("${follow}")`, () => {
    const bench = atTheGate();
    bench.plans.set(2, gated("chunk-1"));
    bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow });
    assertEquals([bench.row("chunk-1", 0).state, bench.row("chunk-1", 0).chosen], ["done", false]);
    bench.render("chunk-1");
    assertEquals(bench.row("chunk-1").state, "waiting_for_person");
    assertEquals(bench.row("chunk-2").state, "pending");
    bench.tell({ type: "approve", step: "chunk-1", take: 1 });
    bench.render("chunk-2");
    bench.local("join", FILM);
    assertEquals(bench.row("chunk-2").uses["chunk-1"], 1);
    assertEquals([bench.shown.status, bench.state.retakes], ["completed", []]);
  });
}

Deno.test("a gate that is taken again in a finished film waits, then makes again what follows", () => {
  const bench = atTheGate();
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  bench.render("chunk-2");
  bench.local("join", FILM);
  bench.plans.set(2, gated("chunk-1"));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "ask" });
  bench.render("chunk-1");
  assertEquals(bench.row("chunk-1").state, "waiting_for_person");
  assertEquals(bench.row("chunk-1", 0).chosen, true, "the film is still made of the old take");
  bench.tell({ type: "approve", step: "chunk-1", take: 1 });
  assertEquals([bench.row("chunk-1", 0).chosen, bench.row("chunk-1", 1).chosen], [false, true]);
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.row("chunk-2").uses["chunk-1"], 1);
  assertEquals([bench.shown.status, bench.shown.run], ["completed", 2]);
});

Deno.test("a new take before the gate asks for the gate's own take anew", () => {
  const bench = new JobBench(gated("chunk-2", 3));
  bench.start();
  bench.local("prepare");
  bench.render("chunk-1");
  bench.render("chunk-2");
  bench.plans.set(2, gated("chunk-2", 3));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "rerun" });
  bench.render("chunk-1");
  bench.tell({ type: "approve", step: "chunk-2", take: 0 });
  assertEquals(bench.row("chunk-2").take, 1);
  bench.render("chunk-2");
  assertEquals(bench.row("chunk-2").state, "waiting_for_person");
  bench.tell({ type: "approve", step: "chunk-2", take: 1 });
  bench.render("chunk-3");
  bench.local("join", FILM);
  assertEquals(bench.row("chunk-3").uses["chunk-2"], 1);
  assertEquals([bench.shown.status, bench.shown.share], ["completed", 1]);
});

Deno.test("a cancelled job keeps the take that waited, and a retry waits again without making it anew", () => {
  const bench = atTheGate();
  bench.tell({ type: "cancel" });
  assertEquals(bench.shown.status, "cancelled");
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  assertEquals(bench.row("chunk-1").state, "waiting_for_person", "an ended job goes on with a retry alone");
  bench.tell({ type: "retry" });
  assertEquals([bench.row("chunk-1").state, bench.row("chunk-1").attempt], ["waiting_for_person", 1]);
  assertEquals(bench.shown.stage, "Part 1 of 2 is there and waits for you");
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("a take that is approved while the job is paused goes on when the job does", () => {
  const bench = atTheGate();
  bench.tell({ type: "pause", now: true });
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  assertEquals(bench.row("chunk-2").state, "pending");
  bench.tell({ type: "resume" });
  assertEquals(bench.row("chunk-2").state, "ready");
  const other = atTheGate();
  other.tell({ type: "pause", now: false });
  other.tell({ type: "resume" });
  assertEquals(other.shown.stage, "Part 1 of 2 is there and waits for you");
});

Deno.test("an approved take whose files are lost is made again without asking again", () => {
  const bench = atTheGate();
  bench.tell({ type: "approve", step: "chunk-1", take: 0 });
  bench.grant("chunk-2");
  bench.tell({ type: "files.missing", ...bench.key("chunk-2"), steps: ["chunk-1"] });
  bench.render("chunk-1");
  assertEquals([bench.row("chunk-1").state, bench.row("chunk-2").state], ["done", "ready"]);
});

Deno.test("work that was made before waits at the gate as well", () => {
  const bench = new JobBench(gated("chunk-1"));
  bench.start();
  bench.local("prepare");
  bench.tell({ type: "step.reused", ...bench.key("chunk-1"), outputs: FILM });
  bench.tell({ type: "outputs.collected", ...bench.key("chunk-1"), outputs: FILM });
  assertEquals(bench.row("chunk-1").state, "waiting_for_person");
});

Deno.test("the last step may wait too: its film is delivered when it is approved", () => {
  const bench = new JobBench(gated("join", 1));
  bench.start();
  bench.local("prepare");
  bench.render("chunk-1");
  bench.local("join", FILM);
  assertEquals([bench.shown.status, bench.outputs.length], ["collecting_outputs", 0]);
  bench.tell({ type: "approve", step: "join", take: 0 });
  assertEquals([bench.shown.status, bench.outputs.length], ["completed", 1]);
});
