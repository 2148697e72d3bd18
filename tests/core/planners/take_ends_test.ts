/** Where a take that keeps nothing may end: only where nothing is missing that its film would be made from. */
import { newStepRow } from "@/actors/job/messages.ts";
import { openEnds, planJob } from "@/core/planners/mod.ts";
import type { Plan } from "@/core/plan.ts";
import { readJobRequest } from "@/core/request.ts";
import type { StepRow } from "@/core/store.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { makeContext } from "./wish.ts";

const ROLES = ["latent", "clip", "measure", "preview", "reference", "film"];

async function planned(joins: "studio" | "server"): Promise<Plan> {
  const request = readJobRequest({
    mode: "take",
    ...(joins === "server" ? { template: "long_take/render" } : {}),
    prompt: "A slow walk",
    settings: { frames: 40, seed: "42" },
    take: { chunk: 10, joins, keep: false },
  });
  assert(request.ok, JSON.stringify(request));
  const made = planJob(request.value, await makeContext());
  assert(made.ok, JSON.stringify(made));
  return made.value.plan;
}

function rowsOf(plan: Plan, done: string[], take = 0): StepRow[] {
  return plan.steps.map(({ id }) => {
    const isDone = done.includes(id);
    const outputs = ROLES.map((role) => ({ role, ord: 0, sha256: `${id} ${role}`, ext: "x", bytes: 1 }));
    const row = newStepRow(id, { take, run: 1, rev: 1 });
    return isDone ? { ...row, state: "done", outputs } : row;
  });
}

/** All files of what is done but these, by step. */
function filesOf(done: string[], gone: string[]): Set<string> {
  return new Set(
    done.filter((id) => !gone.includes(id)).flatMap((id) => ROLES.map((role) => `${id} ${role}.x`)),
  );
}

function before(plan: Plan, step: string): string[] {
  const ids = plan.steps.map(({ id }) => id);
  return ids.slice(0, ids.indexOf(step));
}

Deno.test("a take that a server joins may end only where the film so far was not let go", async () => {
  const plan = await planned("server");
  const passes = before(plan, "combine-001");
  const done = [...passes, "combine-001", "combine-002"];
  const rows = rowsOf(plan, done);
  assertEquals(openEnds(plan, rows, filesOf(done, [])), [1, 2, 3]);
  const gone = ["low-002", "low-004", "combine-001"];
  assertEquals(openEnds(plan, rows, filesOf(done, gone)), [2, 3]);
  // The third join needs the film of the second, which is there, and its piece, which is not.
  assertEquals(openEnds(plan, rows, filesOf(done, [...gone, "low-006"])), [2]);
});

Deno.test("a take that the studio joins may end where its pieces are there; latents of finished pieces are not needed", async () => {
  const plan = await planned("studio");
  const half = before(plan, "low-006");
  const rows = rowsOf(plan, half);
  assertEquals(openEnds(plan, rows, filesOf(half, ["high-001", "high-003"])), [1, 2, 3]);
  assertEquals(openEnds(plan, rows, filesOf(half, ["high-005"])), [1, 2]);
  assertEquals(openEnds(plan, rows, filesOf(half, ["low-004"])), [1]);
});

Deno.test("a complete take that let go of everything, was taken up again and cancelled may end nowhere", async () => {
  for (const joins of ["studio", "server"] as const) {
    const plan = await planned(joins);
    const ids = plan.steps.map(({ id }) => id);
    const gone = ids.filter((id) => /^(high|low|combine|piece)-/.test(id));
    const again = rowsOf(plan, [], 1).filter(({ id }) =>
      ["high-007", "low-008", "piece-008", "join"].includes(id)
    );
    const rows = [...rowsOf(plan, ids), ...again.map((row): StepRow => ({ ...row, state: "cancelled" }))];
    assertEquals(openEnds(plan, rows, filesOf(ids, gone)), [], joins);
  }
});
