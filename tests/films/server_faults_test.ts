/** What a render server may do to a job: each fault ends as the requirements say, and no prompt runs twice without cause. */
import { z } from "zod";
import type { SeenDetail } from "@/tests/rig/person.ts";
import { type Cast } from "@/tests/rig/person.ts";
import { openRig, type Rig } from "@/tests/rig/rig.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

const Queue = z.looseObject({ queue_running: z.array(z.unknown()) });

const Offering = z.looseObject({
  lighter: z.looseObject({ name: z.string() }).nullable(),
  settings: z.looseObject({ preset: z.string().optional() }),
  steps: z.array(z.looseObject({ asked: z.looseObject({ preset: z.string() }).nullable() })),
});

/** The smallest film: one second of one voice. Another seed makes another prompt. */
let seed = 0;
async function begin(rig: Rig, cast: Cast): Promise<string> {
  return (await rig.person.perform(cast, { seconds: 0.5, seed: String(++seed) })).id;
}

function said(job: SeenDetail, type: string): string[] {
  return job.events.filter((event) => event.type === type).map((event) => event.message);
}

/** Every id once: nothing was sent twice. */
function assertSent(accepted: string[], count: number): void {
  assertEquals(accepted.length, count, `prompts sent: ${accepted.join(", ")}`);
  assertEquals(new Set(accepted).size, count, "one prompt was sent twice");
}

/** The server itself says that it works on a prompt of ours, and is past taking it. */
async function waitForRendering(rig: Rig): Promise<void> {
  const endAt = performance.now() + 20_000;
  for (;;) {
    const answer = await fetch(`${rig.draft.url}/queue`).catch(() => null);
    const queue = answer === null ? null : Queue.parse(await answer.json());
    const noted = (await rig.house.store.inspect()).effects.some((effect) =>
      effect.kind === "ensure_prompt" && effect.status === "open" && effect.note === "accepted"
    );
    if (noted && queue !== null && queue.queue_running.length > 0) return;
    if (performance.now() > endAt) throw new Error("No prompt began to run");
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

async function assertNothingHeld(rig: Rig): Promise<void> {
  const facts = await rig.house.store.inspect();
  assertEquals(facts.slots, [], "a slot is left");
  assertEquals(facts.deadletters, [], "a message died");
}

Deno.test("faults of a render server end as they should, and no prompt is sent twice", async (t) => {
  await using rig = await openRig({ stepMs: 1 });
  const cast = await rig.person.bringCast();
  const check = (name: string, run: () => Promise<void>) =>
    t.step(name, async () => {
      rig.accepted.length = 0;
      await run();
      await rig.draft.obey({ do: "clear" });
      await assertNothingHeld(rig);
    });

  await check("a refusal with 400 fails the job at once and names the server", async () => {
    await rig.draft.obey({
      do: "next",
      fault: "reject",
      value: "prompt_outputs_failed_validation",
      count: 1,
    });
    const job = await rig.person.waitForEnd(await begin(rig, cast));
    assertEquals([job.status, job.problem?.code], ["failed", "comfy.rejected"]);
    assertMatch(job.problem?.message ?? "", /render server refused/);
    assertSent(rig.accepted, 0);
  });

  await check("200 with node errors counts as a refusal, and what was queued is cancelled", async () => {
    await rig.draft.obey({ do: "next", fault: "node_errors", count: 1 });
    const job = await rig.person.waitForEnd(await begin(rig, cast));
    assertEquals([job.status, job.problem?.code], ["failed", "comfy.rejected"]);
    assertSent(rig.accepted, 1);
  });

  await check("out of memory is tried again, and said in plain words", async () => {
    await rig.draft.obey({ do: "next", fault: "oom", count: 1 });
    const job = await rig.person.waitForEnd(await begin(rig, cast));
    assertEquals(job.status, "completed");
    assertMatch(said(job, "step.retry").join(), /ran out of memory.*smaller size/);
    assertSent(rig.accepted, 2);
  });

  await check("twice out of memory, the fast preset is offered, and the job goes on with it", async () => {
    await rig.draft.obey({ do: "next", fault: "oom", count: 2 });
    const { id } = await rig.person.create({
      mode: "audio",
      prompt: "A singer in the fog",
      assets: { groundTruth: cast.character, audio: cast.voice },
      settings: { seconds: 0.5, width: 320, height: 320, seed: String(++seed), preset: "balanced" },
    });
    const failed = await rig.person.waitForEnd(id);
    assertEquals([failed.status, failed.problem?.code], ["failed", "comfy.out_of_memory"]);
    assertSent(rig.accepted, 2);
    const offered = await rig.person.json(Offering, "GET", `/jobs/${id}`);
    assertEquals(offered.lighter?.name, "fast");
    await rig.person.command(id, "retry", { preset: "fast" });
    await rig.person.waitFor(id, ({ run }) => run === 2);
    const job = await rig.person.waitForEnd(id);
    assertEquals(job.status, "completed");
    assertSent(rig.accepted, 3);
    const { steps, settings } = await rig.person.json(Offering, "GET", `/jobs/${id}`);
    assertEquals(settings.preset, "fast");
    const asked = steps.flatMap((step) => step.asked ?? []);
    assert(asked.length > 0 && asked.every(({ preset }) => preset === "fast"));
  });

  await check("a connection closed in the middle costs nothing", async () => {
    await rig.draft.obey({ do: "next", fault: "slow", value: 100, count: 1 });
    const id = await begin(rig, cast);
    await waitForRendering(rig);
    await rig.draft.obey({ do: "drop_sockets" });
    assertEquals((await rig.person.waitForEnd(id)).status, "completed");
    assertSent(rig.accepted, 1);
  });

  await check("a lost answer to a sent prompt does not send it again", async () => {
    await rig.draft.obey({ do: "next", fault: "lose_response", count: 1 });
    assertEquals((await rig.person.waitForEnd(await begin(rig, cast))).status, "completed");
    assertSent(rig.accepted, 1);
  });

  await check("a finished job whose file is gone is made again", async () => {
    await rig.draft.obey({ do: "next", fault: "missing_output", count: 1 });
    const job = await rig.person.waitForEnd(await begin(rig, cast));
    assertEquals(job.status, "completed");
    assertMatch(said(job, "step.retry").join(), /its file is gone/);
    assertSent(rig.accepted, 2);
  });

  await check("a restart with an empty queue runs the part once more, under a new id", async () => {
    await rig.draft.obey({ do: "next", fault: "slow", value: 100, count: 1 });
    const id = await begin(rig, cast);
    await waitForRendering(rig);
    await rig.draft.obey({ do: "restart", downMs: 100 });
    const job = await rig.person.waitForEnd(id);
    assertEquals(job.status, "completed");
    assertEquals(said(job, "step.lost").length, 1);
    assertSent(rig.accepted, 2);
  });

  await check("a second loss of the same part fails the job and says so", async () => {
    await rig.draft.obey({ do: "next", fault: "slow", value: 100, count: 2 });
    const id = await begin(rig, cast);
    await waitForRendering(rig);
    await rig.draft.obey({ do: "restart", downMs: 50 });
    await rig.person.waitFor(id, (job) => said(job, "step.lost").length === 1);
    await waitForRendering(rig);
    await rig.draft.obey({ do: "restart", downMs: 50 });
    const job = await rig.person.waitForEnd(id);
    assertEquals([job.status, job.problem?.code], ["failed", "comfy.lost"]);
    assertSent(rig.accepted, 2);
  });

  await check(
    "a server that goes down in the middle keeps its work, and the job goes on with it",
    async () => {
      await rig.draft.obey({ do: "next", fault: "slow", value: 100, count: 1 });
      const id = await begin(rig, cast);
      await waitForRendering(rig);
      await rig.draft.obey({ do: "refuse", ms: 1500 });
      const job = await rig.person.waitForEnd(id);
      assertEquals(job.status, "completed");
      assertSent(rig.accepted, 1);
    },
  );

  await check(
    "a server that hangs in silence: the part's time runs out, and its slot waits until the prompt is gone",
    async () => {
      const { studio } = rig.house;
      const { admit } = studio;
      studio.admit = (jobs) =>
        admit(jobs.map((job) => ({
          ...job,
          plan: {
            ...job.plan,
            steps: job.plan.steps.map((step) => step.kind === "prompt" ? { ...step, timeLimitS: 0.5 } : step),
          },
          state: { ...Object(job.state), policy: { failuresMax: 1, retryBaseMs: 50 } },
        })));
      await rig.draft.obey({ do: "next", fault: "hang", count: 1 });
      const job = await rig.person.waitForEnd(await begin(rig, cast));
      studio.admit = admit;
      assertEquals([job.status, job.problem?.code], ["failed", "comfy.timeout"]);
      assert((job.problem?.message ?? "").length > 20);
      const [slot] = await rig.house.store.slots();
      assertEquals([slot?.jobId, slot?.state], [job.id, "stopping"], "the slot was given away");
      assertSent(rig.accepted, 1);
      await rig.draft.obey({ do: "clear" });
      const endAt = performance.now() + 5000;
      while ((await rig.house.store.slots()).length > 0 && performance.now() < endAt) {
        await new Promise((wake) => setTimeout(wake, 20));
      }
    },
  );
});
