/** The queue as a file: given out, taken in each once, and refused as a whole with the place of each fault. */
import { z } from "zod";
import { QUEUE_FILE_BYTES_MAX } from "@/core/queue.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, makeJob, signUp, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { makeStudio } from "./fake_studio.ts";

const File = z.looseObject({
  format: z.string(),
  jobs: z.array(
    z.looseObject({ id: z.string(), owner: z.string(), starts: z.boolean(), request: z.looseObject({}) }),
  ),
});
const Taken = z.object({ made: z.int(), known: z.int() });

async function open() {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio, "mika@example.org");
  const [waits, paused, done] = [await makeJob(mika), await makeJob(mika), await makeJob(mika)];
  changeJob(studio.kept, waits, { status: "queued" });
  changeJob(studio.kept, paused, { status: "queued", paused: true });
  changeJob(studio.kept, done, { status: "completed" });
  const give = () => operator.json(File, 200, operator.get("/admin/queue/export"));
  const take = (body: unknown) => operator.post("/admin/queue/import", body);
  return { studio, operator, mika, waits, paused, done, give, take };
}

Deno.test("what is live is given out with its owner and taken in again; twice is once, and jobs that are there stay", async () => {
  const { studio, operator, mika, waits, paused, give, take } = await open();
  const file = await give();
  assertEquals(file.jobs.map(({ id, owner, starts }) => [id, owner, starts]), [
    [waits, "mika@example.org", true],
    [paused, "mika@example.org", false],
  ]);
  const taken = (body: unknown) => operator.json(Taken, 200, take(body));
  assertEquals(await taken(file), { made: 0, known: 2 });
  const before = studio.kept.jobs.get(waits);
  studio.kept.jobs.clear();
  studio.kept.mail = [];
  assertEquals(await taken(file), { made: 2, known: 0 });
  assertEquals(await taken(file), { made: 0, known: 2 });
  const after = studio.kept.jobs.get(waits);
  assertEquals([after?.userId, after?.settings], [before?.userId, before?.settings]);
  assertEquals(studio.kept.mail.map(({ to, kind }) => [to, kind]), [[waits, "start"]]);
  const told = studio.kept.audit.filter(({ action }) => action.startsWith("queue."));
  assertEquals(told.map(({ action, after }) => [action, after?.jobs]), [["queue.import", 2], [
    "queue.export",
    2,
  ]]);
  await expectProblem(mika.get("/admin/queue/export"), 403, "auth.operator_only");
  await expectProblem(mika.post("/admin/queue/import", file), 403, "auth.operator_only");
});

Deno.test("a file of a long queue is taken in though no other body may be as large, and of one past its bound nothing is read", async () => {
  const { operator, mika, give } = await open();
  const file = JSON.stringify(await give());
  const headers = { "content-type": "application/json" };
  const send = (bytes: number, path = "/admin/queue/import", as = operator) =>
    as.send("POST", path, { raw: file.padEnd(bytes), headers });
  const large = 5 * 1024 * 1024;
  assertEquals(await operator.json(Taken, 200, send(large)), { made: 0, known: 2 });
  await expectProblem(send(large, "/projects"), 413, "request.too_large");
  await expectProblem(send(large, "/admin/queue/import", mika), 403, "auth.operator_only");
  await expectProblem(send(QUEUE_FILE_BYTES_MAX + 1), 413, "request.too_large");
});

Deno.test("a file with faults is refused as a whole, each fault by its place", async () => {
  const { studio, give, take } = await open();
  const file = await give();
  const [first, second] = file.jobs;
  assert(first && second);
  studio.kept.jobs.clear();
  const refused = (jobs: unknown[], more = {}) =>
    expectProblem(take({ ...file, ...more, jobs }), 422, "request.invalid");
  assertEquals(await refused([first, { ...second, owner: "gone@example.org" }]), ["jobs.1.owner"]);
  assertEquals(await refused([{ ...first, priority: 1000 }, second]), ["jobs.0.priority"]);
  assertEquals(await refused([first], { format: "another/1" }), ["format"]);
  const assets = { references: [], groundTruth: "019a0000-0000-7000-8000-ffffffffffff" };
  assertEquals(await refused([first, { ...second, request: { ...second.request, assets } }]), [
    "jobs.1.request.assets.groundTruth",
  ]);
  assertEquals(studio.kept.jobs.size, 0);
});

Deno.test("a file that passes a limit of an owner is refused as a whole, each film by the limit that refused it", async () => {
  const { studio, operator, give, take } = await open();
  const file = await give();
  studio.kept.jobs.clear();
  const mika = studio.kept.accounts.find(({ email }) => email === "mika@example.org")?.id ?? "";
  const limit = async (change: Record<string, number | null>) =>
    await (await operator.post(`/admin/people/${mika}`, change)).body?.cancel();
  const wrongs = async () => {
    const { fields } = await operator.json(
      z.looseObject({ fields: z.array(z.object({ path: z.string(), message: z.string() })) }),
      422,
      take(file),
    );
    return fields.map(({ path, message }) => `${path}: ${message}`);
  };
  // Two films of two minutes and a megabyte each.
  await limit({ jobsMax: 1 });
  assertEquals(await wrongs(), [
    "jobs.1.owner: mika@example.org may have 1 film waiting or under way, and has 1.",
  ]);
  await limit({ jobsMax: null, gpuMinutesMax: 2 });
  const [minutes, ...others] = await wrongs();
  assertEquals(others, []);
  assertMatch(
    minutes ?? "",
    /^jobs\.1\.owner: mika@example\.org may use 2 min of rendering.*2 min set aside/,
  );
  await limit({ gpuMinutesMax: null, diskGbMax: 0.0005 });
  assertMatch((await wrongs()).join(), /^jobs\.1\.owner: Files of mika@example\.org may take/);
  assertEquals(studio.kept.jobs.size, 0);
  await limit({ diskGbMax: null });
  assertEquals(await operator.json(Taken, 200, take(file)), { made: 2, known: 0 });
});
