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

/** The storage loses the first part before the next one can be made from it. */
function lose(bench: JobBench): void {
  bench.render("chunk-1");
  bench.grant("chunk-2");
  bench.tell({ type: "files.missing", ...bench.key("chunk-2"), steps: ["chunk-1"] });
}

Deno.test("a storage that loses every file ends the film after three losses of one part, and a person may try again", () => {
  const bench = new JobBench(chainPlan(3));
  bench.start();
  bench.local("prepare");
  lose(bench);
  lose(bench);
  assertEquals([bench.shown.status, bench.row("chunk-1").state], ["executing", "ready"]);
  lose(bench);
  assertEquals([bench.shown.status, bench.state.problem?.code], ["failed", "storage.lost"]);
  assertEquals([bench.row("chunk-1").state, bench.row("prepare").state], ["failed", "done"]);
  assertEquals([bench.slots.size, bench.effects.size > 0], [0, true]);
  bench.tell({ type: "retry" });
  lose(bench);
  assertEquals(bench.state.phase, "open");
  for (const id of ["chunk-1", "chunk-2", "chunk-3"]) bench.render(id);
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("losses of different parts in turn end the film as well", () => {
  const bench = new JobBench(chainPlan(3));
  bench.start();
  bench.local("prepare");
  for (const id of ["chunk-1", "chunk-2", "chunk-3"]) bench.render(id);
  let losses = 0;
  while (bench.state.phase === "open" && losses < 20) {
    const id = `chunk-${losses % 3 + 1}`;
    bench.tell({ type: "files.missing", ...bench.key("join"), steps: [id] });
    losses++;
    if (bench.state.phase === "open") bench.render(id);
  }
  assertEquals([losses, bench.shown.status, bench.state.problem?.code], [7, "failed", "storage.lost"]);
});

Deno.test("what a take lets go of by itself is no loss: it is made again as often as somebody needs it", () => {
  const bench = new JobBench({ ...chainPlan(4), spends: true, mode: "take", submode: null });
  bench.plans.set(1, withoutJoining(bench.plans.get(1)));
  bench.start();
  bench.local("prepare");
  for (const id of ["chunk-1", "chunk-2"]) bench.render(id);
  // Each loss of the newest part asks for all before it again, which went when that was made from them.
  for (const last of [2, 3]) {
    for (let losses = 0; losses < 2; losses++) {
      for (let n = last; n >= 1; n--) {
        bench.grant(`chunk-${n + 1}`);
        bench.tell({ type: "files.missing", ...bench.key(`chunk-${n + 1}`), steps: [`chunk-${n}`] });
      }
      for (let n = 1; n <= last; n++) bench.render(`chunk-${n}`);
    }
    bench.render(`chunk-${last + 1}`);
  }
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

/** A plan whose film is made from its last part alone, so that earlier ones may go on the way. */
function withoutJoining(plan: Plan | undefined): Plan {
  if (!plan) throw new Error("no plan");
  const steps = plan.steps.map((step) => step.id === "join" ? { ...step, needs: ["chunk-4"] } : step);
  return { ...plan, steps };
}
