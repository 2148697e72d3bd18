/** Rows that studios have written are read for ever: every stored state, step, effect and message of every version resumes. */
import { z } from "zod";
import { job } from "@/actors/job/kind.ts";
import { JobEffect, JobMessage, JobState } from "@/actors/job/messages.ts";
import { shownOf } from "@/actors/job/status.ts";
import { FailureWindow } from "@/actors/runtime/failures.ts";
import { behaviourOf, enrol } from "@/actors/runtime/turn.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { Plan, planFaults } from "@/core/plan.ts";
import { STEP_STATES, type StepRow } from "@/core/store.ts";
import { readStoredPlan, type StoredPlan } from "@/core/stored_plan.ts";
import { newId, openSqlite } from "@/tests/db/fixtures.ts";
import { silent } from "@/tests/rig/rig.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const Fixture = z.object({
  actors: z.array(z.object({ id: z.string(), state: z.unknown() })),
  steps: z.array(z.custom<StepRow>((row) => typeof row === "object")),
  effects: z.array(z.object({ kind: z.string(), lane: z.string(), req: z.unknown() })),
  mail: z.array(z.object({ kind: z.string(), body: z.unknown() })),
  plans: z.record(z.string(), z.custom<StoredPlan>((plan) => typeof plan === "object")),
});

const dir = new URL("../../fixtures/states/", import.meta.url);

async function readFixtures(): Promise<{ name: string; fixture: z.infer<typeof Fixture> }[]> {
  const found = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (!name.endsWith(".json")) continue;
    found.push({ name, fixture: Fixture.parse(JSON.parse(await Deno.readTextFile(new URL(name, dir)))) });
  }
  assert(found.length > 0, "no fixtures");
  return found;
}

Deno.test("every stored format is among the fixtures", async () => {
  const all = (await readFixtures()).map(({ fixture }) => fixture);
  const phases = new Set(all.flatMap(({ actors }) => actors.map(({ state }) => JobState.parse(state).phase)));
  const missing = JobState.shape.phase.options.filter((phase) => !phases.has(phase));
  assertEquals(missing, [], "phases without a row");
  const kinds = new Set(all.flatMap(({ effects }) => effects.map(({ kind }) => kind)));
  assertEquals(
    JobEffect.options.map((option) => option.shape.kind.value).filter((kind) => !kinds.has(kind)),
    [],
  );
  const states = new Set(all.flatMap(({ steps }) => steps.map(({ state }) => state)));
  // Nothing skips a step yet.
  const expected = STEP_STATES.filter((state) => state !== "skipped");
  assertEquals(expected.filter((state) => !states.has(state)), [], "step states without a row");
});

Deno.test("stored effects and messages parse as they did when they were written", async () => {
  for (const { fixture } of await readFixtures()) {
    for (const { req } of fixture.effects) assertEquals<unknown>(JobEffect.parse(req), req);
    for (const { body } of fixture.mail) assertEquals<unknown>(JobMessage.parse(body), body);
    for (const stored of Object.values(fixture.plans)) {
      const plan = readStoredPlan(stored);
      assertEquals(Plan.parse(plan), plan);
      assertEquals(planFaults(plan), []);
    }
  }
});

Deno.test("a stored job takes its next turn in every phase, whatever message comes", async () => {
  for (const { name, fixture } of await readFixtures()) {
    const opened = await openSqlite();
    const tools = { hash: sha256, log: silent, failures: new FailureWindow() };
    const behaviour = behaviourOf([enrol(job)], tools);
    for (const { id, state } of fixture.actors) {
      const row = fixture.plans[id];
      assert(row, `${name} has no plan for ${id}`);
      const plan = readStoredPlan(row);
      for (const message of fixture.mail) {
        const jobId = newId();
        const stored = JobState.parse(state);
        await opened.store.admit([{
          id: jobId,
          userId: "owner",
          kind: "job",
          priority: 0,
          state,
          plan,
          steps: stepsFor(plan, fixture.steps),
          mail: [],
          shown: shownOf(stored),
          row: rowOf(plan),
        }]);
        for (let rev = 2; rev <= Math.max(stored.rev, revOf(message.body)); rev++) {
          const told = {
            id: `${jobId}:${rev}`,
            to: jobId,
            kind: "pause",
            body: { type: "pause", now: false },
          };
          await opened.store.revise(jobId, { rev, plan, mail: told });
        }
        // The rows as they were written then, not as they would be today.
        await opened.database.writer.updateTable("plan").set({ json: JSON.stringify(row) })
          .where("job_id", "=", jobId).execute();
        await opened.store.post([{ id: `${jobId}:told`, to: jobId, kind: message.kind, body: message.body }]);
        const report = await opened.store.turn(jobId, behaviour);
        assert((report?.handled ?? 0) > 0, `${message.kind} was not read`);
        JobState.parse((await opened.store.actor(jobId))?.state);
      }
    }
    const { deadletters, mail } = await opened.store.inspect();
    assertEquals(deadletters.map(({ kind, error }) => ({ kind, error })), []);
    assertEquals(mail.filter(({ attempts }) => attempts > 0), [], "messages that had to wait");
    await opened.close();
  }
});

/** For each step of the plan a stored row of it, the rarest states first. */
function stepsFor(plan: Plan, rows: readonly StepRow[]): StepRow[] {
  return plan.steps.map(({ id }) => {
    const row = rows.findLast((row) => row.id === id) ?? rows[0];
    assert(row);
    return { ...row, id, take: 0, chosen: true, rev: 1 };
  });
}

function revOf(body: unknown): number {
  const parsed = z.object({ rev: z.int() }).safeParse(body);
  return parsed.success ? parsed.data.rev : 1;
}

function rowOf(plan: Plan) {
  return {
    mode: plan.mode,
    submode: plan.submode,
    title: "",
    prompt: "",
    negativePrompt: "",
    settings: {},
    template: { name: "s2v/performance", version: "1.0.0" },
    engine: plan.engine,
    batchId: null,
    projectId: null,
    assets: [],
    parentId: null,
    draftId: null,
  };
}
