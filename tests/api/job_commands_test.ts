/** What people tell jobs over HTTP, and what reaches the actor. */
import { z } from "zod";
import { COMMANDS, JobMessage } from "@/actors/job/messages.ts";
import { problem, type ProblemCode } from "@/core/problem.ts";
import { STATUSES, TERMINAL } from "@/core/status.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, type Person, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Job = z.looseObject({ id: z.string(), rev: z.int() });

async function running(change: Parameters<typeof changeJob>[2] = {}) {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  changeJob(studio.kept, id, { status: "executing", ...change });
  studio.kept.mail = [];
  return { studio, person, id };
}

function tell(person: Person, id: string, command: string, body: unknown = {}, key?: string) {
  const headers = key === undefined ? undefined : { "idempotency-key": key };
  return person.json(Job, 202, person.post(`/jobs/${id}/${command}`, body, headers));
}

function told(studio: FakeStudio): JobMessage[] {
  return studio.kept.mail.map((mail) => JobMessage.parse(mail.body));
}

function startStep(studio: FakeStudio, id: string, step: string, state: "done" | "running"): void {
  const rows = studio.kept.steps.get(id) ?? [];
  studio.kept.steps.set(id, rows.map((row) => row.id === step ? { ...row, state } : row));
}

Deno.test("every command becomes the one mail that says it", async () => {
  const cases: [string, unknown, JobMessage, Parameters<typeof changeJob>[2]][] = [
    ["start", {}, { type: "start" }, { status: "created" }],
    ["cancel", {}, { type: "cancel" }, {}],
    ["pause", {}, { type: "pause", now: false }, {}],
    ["pause", { now: true }, { type: "pause", now: true }, {}],
    ["resume", {}, { type: "resume" }, { paused: true }],
    ["reprioritise", { priority: 5 }, { type: "reprioritise", priority: 5 }, {}],
    ["retry", {}, { type: "retry" }, { status: "failed" }],
    ["follow", { step: "render", choice: "keep" }, { type: "follow", step: "render", choice: "keep" }, {
      retakes: ["render"],
    }],
    ["follow", { step: "render", choice: "rerun" }, { type: "follow", step: "render", choice: "rerun" }, {
      retakes: ["render"],
    }],
    ["approve", { step: "render", take: 1 }, { type: "approve", step: "render", take: 1 }, {
      approvals: [{ step: "render", take: 1 }],
    }],
    ["edit", { prompt: "Night" }, { type: "edit", rev: 2 }, {}],
    ["delete", {}, { type: "cancel" }, {}],
  ];
  for (const [command, body, message, change] of cases) {
    const { studio, person, id } = await running(change);
    await tell(person, id, command, body);
    assertEquals(told(studio), [message], command);
    assertEquals(studio.kept.mail[0]?.to, id);
  }
  // These two need a plan that they fit.
  const offered = [...cases.map(([command]) => command), "retake", "cut"];
  for (const command of COMMANDS) assert(offered.includes(command), `${command} is not tried here`);
});

Deno.test("only a long take can be cut", async () => {
  const { studio, person, id } = await running({ status: "completed" });
  await expectProblem(person.post(`/jobs/${id}/cut`, { after: 1 }), 409, "job.not_possible");
  assertEquals(told(studio), []);
});

Deno.test("a take that lets its pieces go is cut only where they are still there, and offers no other end", async () => {
  const { studio, person, id } = await running({ mode: "take", status: "cancelled" });
  const settings = studio.kept.jobs.get(id)?.settings ?? {};
  changeJob(studio.kept, id, { settings: { ...settings, take: { keep: false } } });
  const plan = studio.kept.plans.get(`${id} 1`);
  const [render, join] = [plan?.steps[0], plan?.steps[1]];
  if (!plan || render?.kind !== "local" || !join) throw new Error("no plan");
  const look = { op: "look_at_piece", values: { frames: 81, repeats: 0, rateNum: 16, rateDen: 1 } };
  const looks = ["render", "second"].map((step) => ({ ...render, ...look, id: step }));
  const files = looks.map((step) => ({ from: "step" as const, step: step.id, role: "clip" }));
  const steps = [...looks, { ...join, values: { clips: { files } } }];
  studio.kept.plans.set(`${id} 1`, { ...plan, steps });
  const outputs = [{ role: "clip", ord: 0, sha256: "a", ext: "mkv", bytes: 1 }];
  const rows = studio.kept.steps.get(id) ?? [];
  studio.kept.steps.set(
    id,
    rows.map((row) => row.id === "render" ? { ...row, state: "done", outputs } : row),
  );
  const offered = async () => {
    const Detail = z.looseObject({ take: z.looseObject({ ends: z.array(z.int()) }) });
    return (await person.json(Detail, 200, person.get(`/jobs/${id}`))).take.ends;
  };
  assertEquals(await offered(), []);
  await expectProblem(person.post(`/jobs/${id}/cut`, { after: 1 }), 409, "job.not_possible");
  assertEquals(told(studio), []);
  studio.kept.files.set("a.mkv", new Uint8Array());
  assertEquals(await offered(), [1]);
  await tell(person, id, "cut", { after: 1 });
  assertEquals(told(studio), [{ type: "cut", rev: 2 }]);
});

Deno.test("[LX19] a job that ran out of memory offers its template's preset for little memory, unless it was that or there is none", async () => {
  const Offer = z.looseObject({ lighter: z.object({ name: z.string(), title: z.string() }).nullable() });
  const offered = async (code: ProblemCode, change: Parameters<typeof running>[0] = {}) => {
    const { person, id } = await running({ status: "failed", problem: problem(code), ...change });
    return (await person.json(Offer, 200, person.get(`/jobs/${id}`))).lighter;
  };
  assertEquals(await offered("comfy.out_of_memory"), { name: "fast", title: "Thrifty" });
  assertEquals(await offered("comfy.no_memory"), { name: "fast", title: "Thrifty" });
  assertEquals(await offered("comfy.timeout"), null);
  assertEquals(
    await offered("comfy.out_of_memory", { template: { name: "animate/mix", version: "1.0.0" } }),
    null,
  );
});

Deno.test("a job that ran out of memory offers the fast preset, and a retry takes it for what is not done", async () => {
  const failed = { status: "failed" as const, problem: problem("comfy.out_of_memory") };
  const { studio, person, id } = await running(failed);
  const Offer = z.looseObject({ lighter: z.object({ name: z.string(), title: z.string() }).nullable() });
  const offered = async () => (await person.json(Offer, 200, person.get(`/jobs/${id}`))).lighter;
  assertEquals(await offered(), { name: "fast", title: "Thrifty" });
  await tell(person, id, "retry", { preset: "fast" }, "once");
  await tell(person, id, "retry", { preset: "fast" }, "once");
  assertEquals(told(studio), [{ type: "retry", rev: 2 }]);
  assert(studio.kept.plans.has(`${id} 2`));
  assertEquals(await offered(), null, "it is what failed now");
});

Deno.test("what is done cannot be made with another preset by a retry", async () => {
  const { studio, person, id } = await running({ status: "failed" });
  startStep(studio, id, "render", "done");
  startStep(studio, id, "join", "done");
  const plan = studio.kept.plans.get(`${id} 1`);
  assert(plan);
  studio.kept.plans.set(`${id} 1`, { ...plan, film: null });
  await expectProblem(person.post(`/jobs/${id}/retry`, { preset: "fast" }), 409, "job.step_started");
  assertEquals(told(studio), []);
});

Deno.test("a command without a body needs no content type", async () => {
  const { studio, person, id } = await running();
  const answer = await person.send("POST", `/jobs/${id}/cancel`);
  assertEquals(answer.status, 202, await answer.text());
  assertEquals(told(studio), [{ type: "cancel" }]);
});

Deno.test("cancel is accepted in every state that is not terminal, and in no other", async () => {
  for (const status of STATUSES.filter((one) => !TERMINAL.includes(one))) {
    const { studio, person, id } = await running({ status });
    await tell(person, id, "cancel");
    assertEquals(told(studio), [{ type: "cancel" }]);
  }
  for (const status of TERMINAL) {
    const { studio, person, id } = await running({ status });
    await expectProblem(person.post(`/jobs/${id}/cancel`), 409, "job.not_possible");
    assertEquals(told(studio), []);
  }
});

Deno.test("commands that make no sense now are refused and reach no actor", async () => {
  const cases: [string, unknown, Parameters<typeof changeJob>[2]][] = [
    ["pause", {}, { status: "completed" }],
    ["pause", {}, { status: "validating" }],
    ["pause", {}, { cancelling: true }],
    ["resume", {}, { status: "cancelled" }],
    ["retry", {}, { status: "executing" }],
    ["retry", {}, { status: "completed" }],
    ["start", {}, { status: "completed" }],
    ["reprioritise", { priority: 1 }, { status: "failed" }],
    ["follow", { step: "render", choice: "keep" }, { retakes: [] }],
    ["approve", { step: "render", take: 0 }, { approvals: [{ step: "render", take: 1 }] }],
    ["approve", { step: "render", take: 0 }, {}],
    ["edit", { prompt: "x" }, { status: "completed" }],
    ["retake", { step: "render" }, {}],
  ];
  for (const [command, body, change] of cases) {
    const { studio, person, id } = await running(change);
    await expectProblem(person.post(`/jobs/${id}/${command}`, body), 409, "job.not_possible");
    assertEquals([command, studio.kept.mail, studio.kept.plans.size], [command, [], 1]);
  }
});

Deno.test("bad bodies of commands are refused by their fields", async () => {
  const cases: [string, unknown, string[]][] = [
    ["reprioritise", {}, ["priority"]],
    ["reprioritise", { priority: 101 }, ["priority"]],
    ["pause", { now: "yes" }, ["now"]],
    ["cancel", { force: true }, ["force"]],
    ["edit", {}, [""]],
    ["edit", { prompt: "  " }, ["prompt"]],
    ["edit", { prompt: "x", mode: "audio" }, ["mode"]],
    ["retake", {}, ["step"]],
    ["retake", { step: "../x" }, ["step"]],
    ["retake", { step: "render", follow: "maybe" }, ["follow"]],
    ["retake", { step: "render", changes: { seed: 5 } }, ["changes.seed"]],
    ["retake", { step: "unknown" }, ["step"]],
    ["approve", { step: "render" }, ["take"]],
    ["approve", { step: "render", take: -1 }, ["take"]],
    ["follow", { step: "render", choice: "ask" }, ["choice"]],
  ];
  const { studio, person, id } = await running();
  for (const [command, body, fields] of cases) {
    const paths = await expectProblem(person.post(`/jobs/${id}/${command}`, body), 422, "request.invalid");
    assertEquals([command, paths], [command, fields]);
  }
  assertEquals(studio.kept.mail, []);
});

Deno.test("a retake stores a new revision with the changed step, for each choice of what follows", async () => {
  for (const follow of ["ask", "rerun", "keep"] as const) {
    const { studio, person, id } = await running();
    startStep(studio, id, "render", "done");
    await tell(person, id, "retake", { step: "render", changes: { seed: "7" }, follow });
    assertEquals(told(studio), [{ type: "retake", rev: 2, step: "render", follow }]);
    const before = studio.kept.plans.get(`${id} 1`);
    const after = studio.kept.plans.get(`${id} 2`);
    assert(before?.steps[0]?.form !== after?.steps[0]?.form);
    assertEquals(before?.steps[1], after?.steps[1]);
  }
});

Deno.test("an edit plans the changed request again and keeps it for duplicates", async () => {
  const { studio, person, id } = await running();
  await tell(person, id, "edit", { prompt: "Mika at night", settings: { seconds: 4 } });
  await tell(person, id, "duplicate");
  const copy = [...studio.kept.jobs.values()].find((job) => job.parentId === id);
  assertEquals(copy?.prompt, "Mika at night");
  assertEquals(copy?.status, "created");
  assertEquals(copy?.assets, studio.kept.jobs.get(id)?.assets);
});

Deno.test("an edit leaves what has started as it was planned and changes the rest", async () => {
  const { studio, person, id } = await running();
  startStep(studio, id, "render", "running");
  await tell(person, id, "edit", { prompt: "Other" });
  const [before, after] = [studio.kept.plans.get(`${id} 1`), studio.kept.plans.get(`${id} 2`)];
  assertEquals(after?.steps[0], before?.steps[0]);
  assert(after?.steps[1]?.form !== before?.steps[1]?.form);
});

Deno.test("an edit that would make another film of a part which has started is refused and stores nothing", async () => {
  const { studio, person, id } = await running();
  startStep(studio, id, "render", "running");
  const other = { prompt: "Other", settings: { seconds: 4 } };
  await expectProblem(person.post(`/jobs/${id}/edit`, other), 409, "job.step_started");
  assertEquals([studio.kept.plans.size, studio.kept.mail.length], [1, 0]);
});

Deno.test("an edit of the title and the words is what the job is called and asked for from then on", async () => {
  const { studio, person, id } = await running();
  await tell(person, id, "edit", { title: "Quay", prompt: "Mika at the quay" });
  const job = studio.kept.jobs.get(id);
  assertEquals([job?.title, job?.prompt], ["Quay", "Mika at the quay"]);
});

Deno.test("after a refused edit the next one takes the next free revision", async () => {
  const { studio, person, id } = await running();
  await tell(person, id, "edit", { prompt: "One" });
  await tell(person, id, "edit", { prompt: "Two" });
  assertEquals(told(studio), [{ type: "edit", rev: 2 }, { type: "edit", rev: 3 }]);
});

Deno.test("a command told twice under one key reaches the actor once", async () => {
  for (
    const [command, body] of [["pause", {}], ["edit", { prompt: "Night" }], ["retake", {
      step: "render",
      changes: { seed: "7" },
    }]] as const
  ) {
    const { studio, person, id } = await running();
    if (command === "retake") startStep(studio, id, "render", "done");
    await tell(person, id, command, body, "click");
    await tell(person, id, command, body, "click");
    assertEquals([command, studio.kept.mail.length], [command, 1]);
  }
});

Deno.test("a duplicate told twice under one key is one job", async () => {
  const { studio, person, id } = await running();
  const first = await tell(person, id, "duplicate", {}, "click");
  const second = await tell(person, id, "duplicate", {}, "click");
  assertEquals(first.id, second.id);
  assertEquals(studio.kept.jobs.size, 2);
});

Deno.test("delete puts a job into the trash, out of the lists but not out of reach", async () => {
  const { studio, person, id } = await running({ status: "completed" });
  await tell(person, id, "delete");
  assertEquals(told(studio), []);
  const Page = z.object({ items: z.array(z.looseObject({ id: z.string() })) });
  assertEquals((await person.json(Page, 200, person.get("/jobs"))).items, []);
  assertEquals((await person.json(Page, 200, person.get("/jobs?trash=true"))).items.map((job) => job.id), [
    id,
  ]);
  await person.json(Job, 200, person.get(`/jobs/${id}`));
});
