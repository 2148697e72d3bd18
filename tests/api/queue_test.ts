/** A person's place in the queue over HTTP: own jobs alone, their order, and what is told to all of them. */
import { z } from "zod";
import { JobMessage } from "@/actors/job/messages.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, type Person, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Queued = z.looseObject({
  job: z.looseObject({ id: z.string(), status: z.string() }),
  place: z.int().nullable(),
  server: z.string().nullable(),
  starts: z.object({ seconds: z.number(), low: z.number(), high: z.number() }).nullable(),
  wait: z.string().nullable(),
  sentence: z.string(),
  acts: z.array(z.string()),
});
const Queue = z.object({
  pool: z.looseObject({ rendering: z.int(), waiting: z.int() }),
  running: z.array(Queued),
  waiting: z.array(Queued),
});

/** Jobs of one person in these states. */
async function withJobs(states: Parameters<typeof changeJob>[2][], studio = makeStudio(), email?: string) {
  const person = await signUpCreator(studio, email);
  const ids: string[] = [];
  for (const state of states) {
    const id = await makeJob(person);
    changeJob(studio.kept, id, state);
    ids.push(id);
  }
  studio.kept.mail = [];
  return { studio, person, ids };
}

const read = (person: Person) => person.json(Queue, 200, person.get("/queue"));
const waitingIds = async (person: Person) => (await read(person)).waiting.map(({ job }) => job.id);

function told(studio: FakeStudio): [string, string][] {
  return studio.kept.mail.map((mail) => [mail.to, JobMessage.parse(mail.body).type]);
}

Deno.test("the queue shows own jobs alone and counts those of others", async () => {
  const studio = makeStudio();
  const other = await withJobs([{ status: "queued" }, { status: "executing" }], studio, "eve@example.org");
  const { person, ids } = await withJobs([{ status: "executing" }, { status: "queued" }], studio);
  const queue = await read(person);
  assertEquals([queue.pool.rendering, queue.pool.waiting], [2, 2]);
  assertEquals(queue.running.map(({ job }) => job.id), [ids[0]]);
  const [mine] = queue.waiting;
  assertEquals([mine?.job.id, mine?.place, mine?.sentence, mine?.server], [
    ids[1],
    2,
    "Behind 1 other film.",
    "the draft renderer",
  ]);
  assertEquals(mine?.starts, { seconds: 120, low: 60, high: 240 });
  assert(!JSON.stringify(queue).includes(other.ids[0] ?? "?"));
});

Deno.test("each job that waits says for what, and what may be done with it", async () => {
  const cases: [Parameters<typeof changeJob>[2], string, string[]][] = [
    [{ status: "created" }, "start", ["start", "edit", "cancel"]],
    [{ status: "validating" }, "check", ["edit", "cancel"]],
    [{ status: "queued" }, "turn", ["pause", "edit", "cancel"]],
    [{ status: "queued", paused: true }, "pause", ["resume", "edit", "cancel"]],
    [{ status: "queued", cancelling: true }, "stop", []],
    [{ status: "collecting_outputs", retakes: ["render"] }, "choice", ["pause", "edit", "cancel"]],
    [{ status: "collecting_outputs", approvals: [{ step: "render", take: 0 }] }, "approval", [
      "pause",
      "edit",
      "cancel",
    ]],
    [{ status: "collecting_outputs", stage: "Part 1: tried again soon" }, "retry", [
      "pause",
      "edit",
      "cancel",
    ]],
  ];
  const { person } = await withJobs(cases.map(([change]) => change));
  const { waiting } = await read(person);
  assertEquals(waiting.map(({ wait, acts }) => [wait, acts]), cases.map(([, wait, acts]) => [wait, acts]));
  assert(
    waiting.every(({ sentence }) => sentence.length > 5),
    JSON.stringify(waiting.map((one) => one.sentence)),
  );
  assertEquals(waiting.at(-1)?.sentence, "Part 1: tried again soon");
});

Deno.test("own waiting jobs are put into another order; the others keep their places", async () => {
  const { person, ids: [a = "", b = "", c = ""] } = await withJobs([
    { status: "queued" },
    { status: "queued" },
    { status: "queued" },
  ]);
  const after = await person.json(Queue, 200, person.post("/queue/order", { ids: [c, a] }));
  assertEquals(after.waiting.map(({ job }) => job.id), [c, b, a]);
  assertEquals(await waitingIds(person), [c, b, a]);
});

Deno.test("an order of what is not one's own, has ended or stands twice is refused and changes nothing", async () => {
  const studio = makeStudio();
  const other = await withJobs([{ status: "queued" }], studio, "eve@example.org");
  const { person, ids: [a = "", b = ""] } = await withJobs(
    [{ status: "queued" }, { status: "completed" }],
    studio,
  );
  for (const ids of [[other.ids[0], a], [b, a]]) {
    await expectProblem(person.post("/queue/order", { ids }), 409, "request.conflict");
  }
  for (
    const [body, path] of [[{ ids: [a, a] }, "ids"], [{ ids: [] }, "ids"], [{ ids: [7] }, "ids.0"], [
      {},
      "ids",
    ]] as const
  ) {
    assertEquals(await expectProblem(person.post("/queue/order", body), 422, "request.invalid"), [path]);
  }
  assertEquals(await waitingIds(person), [a]);
});

Deno.test("cancel all but one reaches every other live job of one's own and nobody else's", async () => {
  const studio = makeStudio();
  await withJobs([{ status: "executing" }], studio, "eve@example.org");
  const { person, ids: [run = "", keep = "", wait = ""] } = await withJobs([
    { status: "executing" },
    { status: "queued" },
    { status: "created" },
    { status: "completed" },
    { status: "queued", cancelling: true },
  ], studio);
  const Told = z.object({ jobs: z.int() });
  assertEquals(await person.json(Told, 202, person.post("/queue/cancel", { except: keep })), { jobs: 2 });
  assertEquals(told(studio).sort(), [[run, "cancel"], [wait, "cancel"]].sort());
  studio.kept.mail = [];
  await person.json(Told, 202, person.post("/queue/cancel"));
  assertEquals(studio.kept.mail.length, 3);
});

Deno.test("pause all and resume all reach the jobs that they make sense for", async () => {
  const { studio, person, ids: [run = "", wait = "", rests = ""] } = await withJobs([
    { status: "executing" },
    { status: "queued" },
    { status: "queued", paused: true },
    { status: "created" },
    { status: "failed" },
  ]);
  const Told = z.object({ jobs: z.int() });
  await person.json(Told, 202, person.post("/queue/pause"));
  assertEquals(told(studio).sort(), [[run, "pause"], [wait, "pause"]].sort());
  studio.kept.mail = [];
  await person.json(Told, 202, person.post("/queue/resume"));
  assertEquals(told(studio), [[rests, "resume"]]);
  assertEquals(await expectProblem(person.post("/queue/pause", { now: true }), 422, "request.invalid"), [
    "now",
  ]);
});

Deno.test("more live jobs than a page holds are all reached", async () => {
  const { studio, person, ids: [first = ""] } = await withJobs([{ status: "queued" }]);
  const job = studio.kept.jobs.get(first);
  assert(job);
  for (let n = 0; n < 450; n++) {
    const id = `019b0000-0000-7000-8000-${String(n).padStart(12, "0")}`;
    studio.kept.jobs.set(id, { ...job, id });
  }
  const Told = z.object({ jobs: z.int() });
  assertEquals(await person.json(Told, 202, person.post("/queue/cancel")), { jobs: 451 });
});

Deno.test("the queue is for people who are signed in", async () => {
  const { studio } = await withJobs([]);
  const { Person } = await import("./client.ts");
  const stranger = new Person(studio);
  await expectProblem(stranger.get("/queue"), 401, "auth.required");
  await expectProblem(stranger.post("/queue/cancel"), 401, "auth.required");
});

Deno.test("a long queue is read page by page, those under way first, with places and totals of the whole", async () => {
  const states = Array.from(
    { length: 5 },
    (_, n) => ({ status: n === 4 ? "executing" as const : "queued" as const }),
  );
  const { person, ids } = await withJobs(states);
  const Paged = Queue.extend({ total: z.int(), from: z.int() });
  const page = (query: string) => person.json(Paged, 200, person.get(`/queue${query}`));
  const shown = ({ running, waiting, total }: z.infer<typeof Paged>) =>
    [...running, ...waiting].map(({ job, place }) => [ids.indexOf(job.id), place]).concat([[total]]);
  assertEquals(shown(await page("?size=2")), [[4, null], [0, 1], [5]]);
  assertEquals(shown(await page("?size=2&from=2")), [[1, 2], [2, 3], [5]]);
  assertEquals(shown(await page("?size=2&from=8")), [[5]]);
  assertEquals(shown(await page(`?id=${ids[3]}`)), [[3, 4], [5]]);
  assertEquals((await page("")).waiting.length, 4);
  await expectProblem(person.get("/queue?size=0"), 422, "request.invalid");
});
