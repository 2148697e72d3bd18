/** An earlier end of a long take: what lies beyond it is left at once, what stands before it is never made again. */
import { assertEquals } from "@/tests/assert.ts";
import { problem } from "@/core/problem.ts";
import { chainPlan, FILM, JobBench, sha } from "./bench.ts";

/** The plan of so many chunks; its join is another than that of a longer one. */
function planOf(chunks: number) {
  const plan = chainPlan(chunks);
  return {
    ...plan,
    steps: plan.steps.map((step) => step.id === "join" ? { ...step, form: sha(`join ${chunks}`) } : step),
  };
}

function benchOf(done: number, chunks = 3): JobBench {
  const bench = new JobBench(planOf(chunks));
  bench.start();
  bench.local("prepare");
  for (let n = 1; n <= done; n++) bench.render(`chunk-${n}`);
  bench.plans.set(2, planOf(chunks - 1));
  bench.plans.set(3, planOf(chunks - 2));
  return bench;
}

const takes = (bench: JobBench) =>
  [...bench.rows.values()].map(({ id, take, state }) => `${id}.${take} ${state}`);

Deno.test("a finished take is joined again from the pieces that stay, and the longer film stays beside the new one", () => {
  const bench = benchOf(3);
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
  bench.tell({ type: "cut", rev: 2 });
  assertEquals([bench.shown.status, bench.shown.run, bench.shown.rev], ["collecting_outputs", 2, 2]);
  assertEquals(takes(bench), [
    "prepare.0 done",
    "chunk-1.0 done",
    "chunk-2.0 done",
    "chunk-3.0 skipped",
    "join.0 done",
    "join.1 running",
  ]);
  bench.local("join", FILM);
  assertEquals([bench.shown.status, bench.shown.share], ["completed", 1]);
  assertEquals(bench.outputs.map(({ run }) => run), [1, 2]);
  bench.tell({ type: "cut", rev: 2 });
  assertEquals([bench.shown.status, bench.events.at(-1)?.kind], ["completed", "edit.refused"]);
  bench.tell({ type: "cut", rev: 3 });
  bench.local("join", FILM);
  assertEquals([bench.shown.status, bench.row("chunk-2").state], ["completed", "skipped"]);
});

Deno.test("while a piece beyond the new end runs, it is stopped and the film ends with what there is", () => {
  const bench = benchOf(1);
  const promptId = bench.grant("chunk-2");
  bench.tell({ type: "prompt.started", ...bench.key("chunk-2"), promptId });
  bench.tell({ type: "cut", rev: 3 });
  assertEquals(bench.slots.get(promptId), "stopping");
  assertEquals([bench.row("chunk-2").state, bench.row("join").state], ["skipped", "running"]);
  bench.local("join", FILM);
  bench.tell({ type: "prompt.stopped", step: "chunk-2", promptId });
  assertEquals([bench.shown.status, bench.shown.run, bench.slots.size], ["completed", 1, 0]);
});

Deno.test("a take that failed at a piece ends before it; one that waits for a choice about a left piece waits no more", () => {
  const bench = benchOf(1);
  const promptId = bench.grant("chunk-2");
  const rejected = problem("comfy.rejected");
  bench.tell({ type: "prompt.failed", ...bench.key("chunk-2"), promptId, problem: rejected });
  assertEquals(bench.shown.status, "failed");
  bench.tell({ type: "cut", rev: 3 });
  assertEquals([bench.shown.status, bench.shown.problem], ["collecting_outputs", null]);
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");

  const asked = benchOf(3);
  asked.local("join", FILM);
  asked.plans.set(2, planOf(3));
  asked.tell({ type: "retake", rev: 2, step: "chunk-2", follow: "ask" });
  asked.render("chunk-2");
  assertEquals(asked.state.retakes.length, 1);
  asked.tell({ type: "cut", rev: 3 });
  assertEquals(asked.state.retakes, []);
  asked.local("join", FILM);
  assertEquals(asked.shown.status, "completed");
});

Deno.test("a take that was cut while it was made may be lengthened again as long as it is not joined", () => {
  const bench = benchOf(1);
  bench.tell({ type: "cut", rev: 2 });
  assertEquals(bench.row("chunk-3").state, "skipped");
  bench.plans.set(4, planOf(3));
  bench.tell({ type: "edit", rev: 4 });
  assertEquals([bench.state.rev, bench.row("chunk-3").state], [4, "pending"]);
  bench.render("chunk-2");
  bench.render("chunk-3");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});
