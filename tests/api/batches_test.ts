/** Many takes of one request over HTTP: what is made, all or nothing, what is refused with its figure, and the sheet of them. */
import { z } from "zod";
import { JobMessage } from "@/actors/job/messages.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { animateBody, expectProblem, makeJob, type Person, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { limitsOf } from "./fake_quotas.ts";
import { makeStudio } from "./fake_studio.ts";

const Job = z.looseObject({
  id: z.string(),
  title: z.string(),
  prompt: z.string(),
  settings: z.looseObject({
    seed: z.string(),
    preset: z.string().optional(),
    seconds: z.number().optional(),
    options: z.record(z.string(), z.unknown()).optional(),
  }),
  mark: z.string().nullable(),
});
const Created = z.object({ items: z.array(Job), batchId: z.string().nullable() });
const Batch = z.object({
  id: z.string(),
  takes: z.array(z.object({
    job: Job,
    n: z.int(),
    differs: z.record(z.string(), z.string()),
    score: z.number().nullable(),
  })),
});
const Told = z.object({ jobs: z.int() });
const Preview = z.looseObject({
  ok: z.boolean(),
  missing: z.array(z.object({ path: z.string(), message: z.string() })),
  films: z.int(),
  notes: z.array(z.string()),
  estimate: z.object({ seconds: z.number() }).nullable(),
  all: z.object({ seconds: z.number(), low: z.number(), high: z.number() }).nullable(),
});

async function open() {
  const studio = makeStudio({ limits: limitsOf(64) });
  const person = await signUpCreator(studio);
  return { studio, person, body: await animateBody(person) };
}

const make = (person: Person, body: unknown) => person.json(Created, 202, person.post("/jobs", body));

async function refused(person: Person, body: unknown): Promise<{ path: string; message: string }[]> {
  const response = await person.post("/jobs", body);
  assertEquals(response.status, 422);
  const Refusal = z.looseObject({ fields: z.array(z.object({ path: z.string(), message: z.string() })) });
  return Refusal.parse(await response.json()).fields;
}

Deno.test("[PR50] words, seeds and settings multiply into one batch, each take with its own request", async () => {
  const { person, body } = await open();
  const { items, batchId } = await make(person, {
    ...body,
    prompt: "a {red|blue} coat",
    sweep: {
      seeds: ["7", "9"],
      settings: [
        { name: "preset", values: ["fast", "balanced"] },
        { name: "options.loraStrength", from: 0.5, to: 1, step: 0.25 },
      ],
    },
  });
  assertEquals(items.length, 2 * 2 * 2 * 3);
  assert(batchId !== null);
  const [first] = items;
  assertEquals([first?.prompt, first?.title], ["a red coat", "a red coat"]);
  assertEquals([first?.settings.seed, first?.settings.preset], ["7", "fast"]);
  assertEquals(first?.settings.options, { loraStrength: 0.5 });
  const all = items.map(({ prompt, settings }) =>
    [prompt, settings.seed, settings.preset, settings.options?.loraStrength].join()
  );
  assertEquals(new Set(all).size, 24);
});

Deno.test("one film without alternatives is no batch, and escaped braces are words", async () => {
  const { person, body } = await open();
  const { items, batchId } = await make(person, { ...body, prompt: "a \\{red|blue} {coat}" });
  assertEquals([items.length, batchId, items[0]?.prompt], [1, null, "a {red|blue} {coat}"]);
});

Deno.test("a sweep of 10,000 is refused with the figure, before anything is multiplied or kept", async () => {
  const { studio, person, body } = await open();
  const range = { name: "options.steps", from: 1, to: 10_000, step: 1 };
  const [fault] = await refused(person, { ...body, sweep: { settings: [range] } });
  assertEquals(fault?.path, "sweep");
  assertMatch(fault?.message ?? "", /10,000 films\. At most 64/);
  const seeds = Array.from({ length: 10_000 }, (_, n) => String(n));
  assertMatch((await refused(person, { ...body, sweep: { seeds } }))[0]?.message ?? "", /10,000 films/);
  const words = { ...body, prompt: "{a|b}".repeat(40) };
  assertMatch((await refused(person, words))[0]?.message ?? "", /1,099,511,627,776 films/);
  assertEquals(studio.kept.jobs.size, 0);
});

Deno.test("what cannot run through values is refused by its place", async () => {
  const { person, body } = await open();
  const axes: [unknown, RegExp][] = [
    [{ name: "priority", values: [1] }, /no setting "priority"/],
    [{ name: "seconds", from: 1, to: 2 }, /Give values, or a range/],
    [{ name: "seconds", values: [1], from: 1, to: 2, step: 1 }, /Give values, or a range/],
    [{ name: "seconds", from: 2, to: 1, step: 1 }, /leads nowhere/],
    [{ name: "seconds", from: 0, to: 1, step: 0.5 }, /./],
    [{ name: "width", values: [640, 6400] }, /./],
    [{ name: "preset", values: [3] }, /./],
  ];
  for (const [axis, message] of axes) {
    const [fault] = await refused(person, { ...body, sweep: { settings: [axis] } });
    assertEquals(fault?.path, "sweep.settings.0", JSON.stringify(axis));
    assertMatch(fault?.message ?? "", message);
  }
  const twice = [{ name: "preset", values: ["fast"] }, { name: "preset", values: ["balanced"] }];
  assertMatch((await refused(person, { ...body, sweep: { settings: twice } }))[0]?.message ?? "", /twice/);
  assertEquals((await refused(person, { ...body, prompt: "{a|{b|c}}" }))[0]?.path, "prompt");
  assertEquals((await refused(person, { ...body, count: 2, sweep: { seeds: ["1"] } }))[0]?.path, "count");
});

Deno.test("a batch is admitted whole or not at all, and told twice it is made once", async () => {
  const { studio, person, body } = await open();
  const many = { ...body, prompt: "a {red|blue|green} coat" };
  // The last take is wrong: its length is more than the studio makes.
  const long = { ...body, sweep: { settings: [{ name: "seconds", values: [1, 2, 5000] }] } };
  assertEquals((await person.post("/jobs", long)).status, 422);
  assertEquals(studio.kept.jobs.size, 0);
  const key = { "idempotency-key": "sheet" };
  const first = await person.json(Created, 202, person.post("/jobs", many, key));
  const again = await person.json(Created, 202, person.post("/jobs", many, key));
  assertEquals(again, first);
  assertEquals(studio.kept.jobs.size, 3);
  studio.settings.limits = limitsOf(4);
  await expectProblem(person.post("/jobs", many), 429, "job.queue_full");
  assertEquals(studio.kept.jobs.size, 3);
});

Deno.test("a preview tells how many films it would be, and the work of all of them", async () => {
  const { person, body } = await open();
  const preview = (more: object) =>
    person.json(Preview, 200, person.post("/jobs/preview", { ...body, ...more }));
  const one = await preview({});
  assertEquals([one.films, one.all], [1, null]);
  const six = await preview({ prompt: "a {red|blue|green} coat", count: 2 });
  assertEquals([six.ok, six.films, six.all?.seconds], [true, 6, 6 * (one.estimate?.seconds ?? 0)]);
  assertMatch(six.notes[0] ?? "", /^6 films, about .* of work in all\.$/);
  const much = await preview({ prompt: "{a|b}".repeat(7) });
  assertEquals([much.ok, much.missing[0]?.path], [false, "prompt"]);
  assertMatch(much.missing[0]?.message ?? "", /128 films/);
  const wrong = await preview({ sweep: { settings: [{ name: "seconds", values: [1, 5000] }] } });
  assertEquals([wrong.ok, wrong.missing[0]?.path], [false, "settings.seconds"]);
});

Deno.test("the sheet has every take in its order, with what sets it apart, its mark and its score", async () => {
  const { studio, person, body } = await open();
  const { items, batchId } = await make(person, { ...body, prompt: "a {red|blue} coat", count: 2 });
  const sheet = () => person.json(Batch, 200, person.get(`/batches/${batchId}`));
  const { takes } = await sheet();
  assertEquals(takes.map(({ job }) => job.id), items.map(({ id }) => id));
  assertEquals(takes.map(({ n }) => n), [1, 2, 3, 4]);
  assertEquals(takes.map(({ differs }) => differs.prompt), [
    "a red coat",
    "a red coat",
    "a blue coat",
    "a blue coat",
  ]);
  assertEquals(Object.keys(takes[0]?.differs ?? {}).sort(), ["prompt", "seed"]);
  const [first, second] = items.map(({ id }) => id);
  assert(first && second);
  changeJob(studio.kept, second, { mark: "rejected", status: "completed" });
  const metadata = { loopValue: 0.8, loopMethod: "steps" };
  const output = { id: "o", type: "film", file: "f.mp4", poster: null, metadata, createdAt: 1 };
  studio.kept.outputs.set(second, [output]);
  changeJob(studio.kept, first, { trashedAt: 1 });
  const after = (await sheet()).takes;
  assertEquals(after.map(({ n, job, score }) => [n, job.mark, score]), [
    [2, "rejected", 0.8],
    [3, null, null],
    [4, null, null],
  ]);
});

Deno.test("all takes that wait are cancelled at once; what runs or has ended is left alone", async () => {
  const { studio, person, body } = await open();
  const { items, batchId } = await make(person, { ...body, count: 4 });
  const [running, done, waits, created] = items.map(({ id }) => id);
  assert(running && done && waits && created);
  changeJob(studio.kept, running, { status: "executing" });
  changeJob(studio.kept, done, { status: "completed" });
  changeJob(studio.kept, waits, { status: "queued" });
  studio.kept.mail = [];
  const { jobs } = await person.json(Told, 202, person.post(`/batches/${batchId}/cancel`));
  assertEquals(jobs, 2);
  assertEquals(studio.kept.mail.map(({ to }) => to).sort(), [waits, created].sort());
  assertEquals(studio.kept.mail.map(({ body }) => JobMessage.parse(body).type), ["cancel", "cancel"]);
});

Deno.test("[XC11] another person's batch, and one that is none, are not found", async () => {
  const { studio, person, body } = await open();
  const { batchId } = await make(person, { ...body, count: 2 });
  const other = await signUpCreator(studio, "other@example.org");
  for (const id of [batchId, "019a0000-0000-7000-8000-ffffffffffff", "nonsense"]) {
    await expectProblem(other.get(`/batches/${id}`), 404, "request.not_found");
    await expectProblem(other.post(`/batches/${id}/cancel`), 404, "request.not_found");
  }
});

Deno.test("what is no complete draft, or has no server to be made on, is not made for good, and says why", async () => {
  const { studio, person } = await open();
  const id = await makeJob(person);
  const why = async () => {
    const response = await person.post(`/jobs/${id}/promote`);
    assertEquals(response.status, 409);
    return z.looseObject({ title: z.string() }).parse(await response.json()).title;
  };
  const Detail = z.looseObject({ promotable: z.boolean() });
  const isOffered = async () => (await person.json(Detail, 200, person.get(`/jobs/${id}`))).promotable;
  changeJob(studio.kept, id, { status: "completed" });
  assertMatch(await why(), /No render server is set up/);
  assertEquals(await isOffered(), false);
  studio.offer = { ...studio.offer, engine: "comfy" };
  assertEquals(await isOffered(), true);
  for (const status of ["executing", "failed", "cancelled"] as const) {
    changeJob(studio.kept, id, { status });
    assertMatch(await why(), /not ready yet/);
    assertEquals(await isOffered(), false);
  }
  changeJob(studio.kept, id, { status: "completed", engine: "comfy" });
  assertMatch(await why(), /no draft/);
  assertEquals(studio.kept.jobs.size, 1);
});
