/** Plans as they are stored: linear in their steps, and the same plan again when read, old rows as well as new ones. */
import type { FileRef, Plan } from "@/core/plan.ts";
import { changeStep, stepDigest } from "@/core/planners/mod.ts";
import { readStoredPlan, storePlan } from "@/core/stored_plan.ts";
import { chainPlan } from "@/tests/actors/job/bench.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { randomPlan } from "@/tests/sim/plans.ts";
import { World } from "@/tests/sim/world.ts";
import { hash } from "@/tests/workflows/shelf.ts";
import { makeContext, MOVE, planned, SPEECH } from "./planners/wish.ts";

/** As a row of the database holds it. */
function rowOf(plan: Plan): string {
  return JSON.stringify(storePlan(plan));
}

function readRow(row: string): Plan {
  return readStoredPlan(JSON.parse(row));
}

Deno.test("the stored plan of a performance grows with its length, not with its square", async () => {
  const bytes = async (voiceS: number) => rowOf((await planned(SPEECH, { voiceS })).plan).length;
  const [quarter, half, whole] = [await bytes(450), await bytes(900), await bytes(1800)];
  assert(Math.abs((whole - half) / (half - quarter) - 2) < 0.05, `${quarter}, ${half}, ${whole} bytes`);
  assert(whole < 400_000, `${whole} bytes`);
});

Deno.test("a plan is read as it was stored, whatever its steps refer to", async () => {
  const plans = [
    (await planned(MOVE, { clipS: 40 })).plan,
    (await planned({ ...MOVE, submode: "mix" }, { clipS: 40 })).plan,
    ...await Promise.all(
      [1, 5.1, 10.1, 15.1, 120].map(async (voiceS) => (await planned(SPEECH, { voiceS })).plan),
    ),
    ...[1, 2, 3, 9].map((chunks) => chainPlan(chunks)),
    ...Array.from({ length: 40 }, (_, seed) => randomPlan(new World(seed), `job ${seed}`)),
  ];
  for (const plan of plans) assertEquals(readRow(rowOf(plan)), plan);
});

Deno.test("neighbours are written as one only where reading gives the same list again", () => {
  const chain = chainPlan(6);
  const latent = (step: string, more: Partial<FileRef> = {}): FileRef =>
    ({ from: "step", step, role: "latent", ...more }) as FileRef;
  const picture: FileRef = { from: "asset", sha256: "a".repeat(64), ext: "png" };
  const lists: FileRef[][] = [
    [3, 2, 1].map((n) => latent(`chunk-${n}`)),
    [1, 3, 5, 6].map((n) => latent(`chunk-${n}`)),
    [1, 1, 1, 2].map((n) => latent(`chunk-${n}`)),
    [latent("chunk-1"), latent("chunk-2", { role: "clip" }), latent("chunk-3")],
    [1, 2, 3, 4].map((n) => latent(`chunk-${n}`, { ord: 0 })),
    [1, 2, 3, 4].map((n) => latent(`chunk-${n}`, { ord: n })),
    [picture, ...[1, 2, 3, 4].map((n) => latent(`chunk-${n}`)), picture],
    [],
  ];
  for (const files of lists) {
    const steps = chain.steps.map((step) =>
      step.id === "join" ? { ...step, values: { files: { files } } } : step
    );
    const plan: Plan = { ...chain, steps };
    assertEquals(readRow(rowOf(plan)), plan);
  }
});

Deno.test("a plan that was read has the digests and the retakes of the plan that was made", async () => {
  const { plan } = await planned(SPEECH, { voiceS: 30 });
  const read = readRow(rowOf(plan));
  const digests = (of: Plan) =>
    of.steps.map((step) =>
      stepDigest({
        step,
        take: 0,
        engine: of.engine,
        needDigests: step.needs.map((need) => hash(new TextEncoder().encode(need))),
        hash,
      })
    );
  assertEquals(digests(read), digests(plan));
  const context = await makeContext({ voiceS: 30 });
  const change = { step: "chunk-004", changes: { prompt: "He whispers" }, context };
  const [of, again] = [changeStep(plan, change), changeStep(read, change)];
  assert(of.ok && again.ok);
  assertEquals(again.value, of.value);
  assertEquals(readRow(rowOf(again.value)), of.value);
});

Deno.test("a row of the first format, with every reference written out, is read as it is", async () => {
  const { plan } = await planned(SPEECH, { voiceS: 30 });
  assertEquals(readRow(JSON.stringify(plan)), plan);
});
