/** What operators see of everybody's queue and servers, and what they may tell a job of anybody. */
import { z } from "zod";
import { JobMessage } from "@/actors/job/messages.ts";
import { assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, signUp, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { makeStudio } from "./fake_studio.ts";

const Line = z.object({
  items: z.array(z.looseObject({ id: z.string(), owner: z.string(), place: z.int().nullable() })),
  total: z.int(),
});

async function studioWithJobs() {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio, "mika@example.org");
  const noa = await signUpCreator(studio, "noa@example.org");
  const [run, first, second] = [await makeJob(mika), await makeJob(mika), await makeJob(noa)];
  changeJob(studio.kept, run, { status: "executing" });
  for (const id of [first, second]) changeJob(studio.kept, id, { status: "queued" });
  studio.kept.mail = [];
  return { studio, operator, mika, noa, run, first, second };
}

Deno.test("[AX37] operators see the whole line with its owners, page by page", async () => {
  const { operator, mika, run, first, second } = await studioWithJobs();
  const line = (query: string) => operator.json(Line, 200, operator.get(`/admin/line${query}`));
  const rows = async (query: string) =>
    (await line(query)).items.map(({ id, owner, place }) => [id, owner, place]);
  assertEquals(await rows("?name=running"), [[run, "mika@example.org", null]]);
  assertEquals(await rows(""), [[first, "mika@example.org", 1], [second, "noa@example.org", 2]]);
  assertEquals(await rows("?offset=1&limit=1"), [[second, "noa@example.org", 2]]);
  assertEquals(await line("?offset=5"), { items: [], total: 2 });
  assertEquals(await rows("?name=held"), []);
  await expectProblem(mika.get("/admin/line"), 403, "auth.operator_only");
  assertEquals(
    await expectProblem(operator.get("/admin/line?name=all&limit=0"), 422, "request.invalid"),
    ["name", "limit"],
  );
});

Deno.test("an operator stops, pauses and reprioritises a job of anybody; a creator cannot", async () => {
  const { studio, operator, noa, first } = await studioWithJobs();
  const tell = (path: string, body?: unknown) =>
    operator.send("POST", `/admin/jobs/${first}/${path}`, { body });
  for (
    const [path, body, message] of [
      ["pause", undefined, { type: "pause", now: false }],
      ["cancel", undefined, { type: "cancel" }],
      ["reprioritise", { priority: 50 }, { type: "reprioritise", priority: 50 }],
    ] as const
  ) {
    studio.kept.mail = [];
    const answer = await tell(path, body);
    assertEquals(answer.status, 204, await answer.text());
    assertEquals(studio.kept.mail.map((mail) => [mail.to, JobMessage.parse(mail.body)]), [[first, message]]);
  }
  studio.kept.mail = [];
  for (const path of ["cancel", "reprioritise"]) {
    await expectProblem(noa.post(`/admin/jobs/${first}/${path}`, { priority: 1 }), 403, "auth.operator_only");
  }
  assertEquals(studio.kept.mail, []);
});

Deno.test("what makes no sense for a job is refused to operators too", async () => {
  const { studio, operator, first, second } = await studioWithJobs();
  changeJob(studio.kept, second, { status: "completed" });
  await expectProblem(operator.post(`/admin/jobs/${second}/cancel`), 404, "request.not_found");
  await expectProblem(operator.post(`/admin/jobs/${first}/resume`), 409, "job.not_possible");
  await expectProblem(operator.post(`/admin/jobs/not-an-id/cancel`), 404, "request.not_found");
  await expectProblem(operator.post(`/admin/jobs/${first}/delete`), 422, "request.invalid");
  assertEquals(
    await expectProblem(
      operator.post(`/admin/jobs/${first}/reprioritise`, { priority: 101 }),
      422,
      "request.invalid",
    ),
    ["priority"],
  );
  assertEquals(studio.kept.mail, []);
});

Deno.test("operators see what a server lacks, with file, folder and source", async () => {
  const { operator } = await studioWithJobs();
  const Lacks = z.object({
    items: z.array(z.looseObject({
      title: z.string(),
      lines: z.array(z.object({ text: z.string(), remedy: z.string(), source: z.string().nullable() })),
    })),
  });
  const { items } = await operator.json(Lacks, 200, operator.get("/admin/backends/b1/lacks"));
  assertEquals(items.map(({ title, lines }) => [title, lines.length, lines[1]?.source]), [
    ["Move", 0, undefined],
    ["Performance", 2, "https://models.example"],
  ]);
  await expectProblem(operator.get("/admin/backends/other/lacks"), 404, "request.not_found");
});

Deno.test("[AX37] a selection is told at once, what makes no sense for one is passed over, and all can be paused", async () => {
  const { studio, operator, mika, run, first, second } = await studioWithJobs();
  const Told = z.object({ told: z.int(), passed: z.int() });
  const tell = (body: unknown) => operator.json(Told, 200, operator.post("/admin/jobs/tell", body));
  changeJob(studio.kept, second, { status: "completed" });
  assertEquals(await tell({ act: "cancel", ids: [run, second] }), { told: 1, passed: 1 });
  assertEquals(await tell({ act: "reprioritise", ids: [first], priority: -50 }), { told: 1, passed: 0 });
  assertEquals(await tell({ act: "pause" }), { told: 2, passed: 0 });
  assertEquals(
    studio.kept.mail.map(({ to, kind }) => [to, kind]),
    [[run, "cancel"], [first, "reprioritise"], [run, "pause"], [first, "pause"]],
  );
  assertEquals(studio.kept.audit.length, 4);
  const refused = (body: unknown) =>
    expectProblem(operator.post("/admin/jobs/tell", body), 422, "request.invalid");
  assertEquals(await refused({ act: "cancel" }), ["ids"]);
  assertEquals(await refused({ act: "reprioritise", ids: [first] }), ["priority"]);
  assertEquals(await refused({ act: "cancel", ids: [] }), ["ids"]);
  await expectProblem(mika.post("/admin/jobs/tell", { act: "pause" }), 403, "auth.operator_only");
});
