/** Takes that keep no pieces, after one piece was taken again and used as it is: the film holds it, and nothing goes round. */
import type { Plan, Step } from "@/core/plan.ts";
import { assertEquals } from "@/tests/assert.ts";
import { chainPlan, FILM, JobBench } from "./bench.ts";

/** A take that a render server joins piece by piece. */
function joinedPlan(pieces: number): Plan {
  const plan = chainPlan(pieces);
  const combines = plan.steps.filter((step) => step.kind === "prompt").map((step, at): Step => ({
    ...step,
    id: `combine-${at + 1}`,
    needs: at === 0 ? [step.id] : [step.id, `combine-${at}`],
    template: { id: "long_take/combine", version: "1.0.0" },
  }));
  const parts = plan.steps.filter(({ id }) => id !== "join");
  const joins = plan.steps.filter(({ id }) => id === "join").map((step) => ({
    ...step,
    needs: [`combine-${pieces}`],
  }));
  return { ...plan, mode: "take", submode: null, spends: true, steps: [...parts, ...combines, ...joins] };
}

function complete(plan: Plan): JobBench {
  const bench = new JobBench(plan);
  bench.start();
  bench.local("prepare");
  for (const { id, kind } of plan.steps) if (kind === "prompt") bench.render(id);
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
  bench.plans.set(2, plan);
  return bench;
}

for (const follow of ["keep", "ask"] as const) {
  Deno.test(`a film that the server joins holds a new take that is used as it is (${follow})`, () => {
    const bench = complete(joinedPlan(3));
    bench.tell({ type: "retake", rev: 2, step: "chunk-2", follow });
    bench.render("chunk-2");
    if (follow === "ask") bench.tell({ type: "follow", step: "chunk-2", choice: "keep" });
    assertEquals(bench.row("combine-2").uses, { "chunk-2": 1, "combine-1": 0 });
    // The film so far was let go; it is made again from its piece, which was let go as well.
    bench.grant("combine-2");
    bench.tell({ type: "files.missing", ...bench.key("combine-2"), steps: ["combine-1"] });
    bench.grant("combine-1");
    bench.tell({ type: "files.missing", ...bench.key("combine-1"), steps: ["chunk-1"] });
    for (const id of ["chunk-1", "combine-1", "combine-2", "combine-3"]) bench.render(id);
    bench.local("join", FILM);
    assertEquals([bench.shown.status, bench.row("chunk-3").take], ["completed", 0]);
    assertEquals(bench.row("combine-3").uses, { "chunk-3": 0, "combine-2": 1 });
  });
}

Deno.test("a piece that was kept beside a new take before it is made again from the take that it was made from", () => {
  const bench = complete(chainPlan(3));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "keep" });
  bench.render("chunk-1");
  bench.tell({ type: "files.missing", ...bench.key("join"), steps: ["chunk-2"] });
  bench.grant("chunk-2");
  bench.tell({ type: "files.missing", ...bench.key("chunk-2"), steps: ["chunk-1"] });
  assertEquals([bench.row("chunk-2").state, bench.slots.size], ["pending", 0]);
  assertEquals([bench.row("chunk-1", 0).state, bench.row("chunk-1", 1).state], ["ready", "done"]);
  bench.render("chunk-1", 0);
  assertEquals([bench.row("chunk-1", 0).chosen, bench.row("chunk-1", 1).chosen], [false, true]);
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals([bench.shown.status, bench.shown.share], ["completed", 1]);
  assertEquals([bench.row("chunk-2").uses["chunk-1"], bench.row("join").uses["chunk-1"]], [0, 1]);
});

Deno.test("where a take that was used cannot be made again any more, the newest one is used", () => {
  const bench = complete(chainPlan(3));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "keep" });
  bench.render("chunk-1");
  bench.tell({ type: "files.missing", ...bench.key("join"), steps: ["chunk-2"] });
  bench.grant("chunk-2");
  bench.tell({ type: "files.missing", ...bench.key("chunk-2"), steps: ["chunk-1"] });
  bench.tell({ type: "cancel" });
  assertEquals([bench.shown.status, bench.row("chunk-1", 0).state], ["cancelled", "cancelled"]);
  bench.tell({ type: "retry" });
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals([bench.shown.status, bench.row("chunk-2").uses["chunk-1"]], ["completed", 1]);
  // A later part that was made from the take that is gone goes on as well.
  bench.plans.set(3, chainPlan(3));
  bench.tell({ type: "retake", rev: 3, step: "chunk-3", follow: "keep" });
  bench.render("chunk-3");
  bench.rows.set("chunk-2 0", { ...bench.row("chunk-2"), uses: { "prepare": 0, "chunk-1": 0 } });
  bench.tell({ type: "files.missing", ...bench.key("join"), steps: ["chunk-2"] });
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals([bench.shown.status, bench.row("chunk-2").uses["chunk-1"]], ["completed", 1]);
});
