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
      ["pause", undefined, { type: "pause", now: false, byOperator: true }],
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

const Told = z.object({ told: z.int(), passed: z.int() });

Deno.test("[AX37] a selection is told at once with one entry in the log, and what makes no sense for one is passed over", async () => {
  const { studio, operator, mika, run, first, second } = await studioWithJobs();
  const tell = (body: unknown) => operator.json(Told, 200, operator.post("/admin/jobs/tell", body));
  changeJob(studio.kept, second, { status: "completed" });
  assertEquals(await tell({ act: "cancel", ids: [run, second] }), { told: 1, passed: 1 });
  assertEquals(await tell({ act: "reprioritise", ids: [first], priority: -50 }), { told: 1, passed: 0 });
  assertEquals(await tell({ act: "pause", where: {} }), { told: 2, passed: 0 });
  assertEquals(
    studio.kept.mail.map(({ to, kind }) => [to, kind]),
    [[run, "cancel"], [first, "reprioritise"], [run, "pause"], [first, "pause"]],
  );
  assertEquals(studio.kept.audit.length, 3);
  const refused = (body: unknown) =>
    expectProblem(operator.post("/admin/jobs/tell", body), 422, "request.invalid");
  assertEquals(await refused({ act: "cancel" }), ["ids"]);
  assertEquals(await refused({ act: "cancel", ids: [run], where: {} }), ["ids"]);
  assertEquals(await refused({ act: "reprioritise", ids: [first] }), ["priority"]);
  assertEquals(await refused({ act: "cancel", ids: [] }), ["ids"]);
  await expectProblem(mika.post("/admin/jobs/tell", { act: "pause", where: {} }), 403, "auth.operator_only");
});

Deno.test("all that fit are meant: by person, mode, line and words; what its owner paused does not go on with them", async () => {
  const { studio, operator, run, first, second } = await studioWithJobs();
  const tell = (act: string, where: unknown) =>
    operator.json(Told, 200, operator.post("/admin/jobs/tell", { act, where }));
  assertEquals(await tell("pause", { owner: "noa@example.org" }), { told: 1, passed: 0 });
  assertEquals(await tell("pause", { name: "waiting", owner: "mika@example.org" }), { told: 1, passed: 0 });
  assertEquals(studio.kept.mail.map(({ to }) => to), [second, first]);
  changeJob(studio.kept, first, { paused: true, byOperator: true });
  changeJob(studio.kept, second, { paused: true });
  studio.kept.mail = [];
  assertEquals(await tell("resume", {}), { told: 1, passed: 2 });
  assertEquals(studio.kept.mail.map(({ to, body }) => [to, JobMessage.parse(body)]), [
    [first, { type: "resume", onlyOperators: true }],
  ]);
  changeJob(studio.kept, run, { title: "Fox in snow" });
  const found = await operator.json(
    Line,
    200,
    operator.get("/admin/line?name=running&search=snow&limit=500"),
  );
  assertEquals(found.items.map(({ id }) => id), [run]);
  assertEquals(
    (await operator.json(Line, 200, operator.get("/admin/line?name=running&search=sun"))).total,
    0,
  );
});

Deno.test("[AX37] operators move films in line: next of all, past a neighbour, and back in turn", async () => {
  const { studio, operator, mika, first, second } = await studioWithJobs();
  const order = async () =>
    (await operator.json(Line, 200, operator.get("/admin/line"))).items.map(({ id, front }) => [id, front]);
  const move = (id: string, to: string) =>
    operator.json(Told, 200, operator.post(`/admin/jobs/${id}/move`, { to }));
  assertEquals(await order(), [[first, false], [second, false]]);
  await move(second, "next");
  assertEquals(await order(), [[second, true], [first, false]]);
  await move(first, "up");
  assertEquals(await order(), [[first, true], [second, true]]);
  await expectProblem(operator.post(`/admin/jobs/${first}/move`, { to: "up" }), 409, "job.not_possible");
  await move(first, "turn");
  assertEquals(await order(), [[second, true], [first, false]]);
  assertEquals(studio.kept.audit.filter(({ action }) => action === "job.move").length, 3);
  await expectProblem(mika.post(`/admin/jobs/${first}/move`, { to: "next" }), 403, "auth.operator_only");
  await expectProblem(operator.post("/admin/jobs/none/move", { to: "next" }), 404, "request.not_found");
});

Deno.test("an operator edits a waiting film of somebody else by the owner's own checks; the log and its actor are told", async () => {
  const { studio, operator, mika, noa, first } = await studioWithJobs();
  const One = z.object({ owner: z.string(), job: z.looseObject({ title: z.string(), prompt: z.string() }) });
  const path = `/admin/jobs/${first}`;
  const before = await operator.json(One, 200, operator.get(path));
  assertEquals(before.owner, "mika@example.org");
  const body = { title: "Fox", prompt: "A red fox runs.", settings: { seed: "7" } };
  const after = await operator.json(One, 200, operator.post(`${path}/edit`, body));
  assertEquals([after.job.title, after.job.prompt], ["Fox", "A red fox runs."]);
  const [told] = studio.kept.audit;
  assertEquals([told?.action, told?.subject], ["job.edit", first]);
  assertEquals([told?.before?.prompt, told?.after?.prompt], [before.job.prompt, "A red fox runs."]);
  assertEquals(Object.keys(told?.after ?? {}).toSorted(), ["prompt", "seed", "title"], "only what differs");
  assertEquals(studio.kept.mail.map((mail) => [mail.to, JobMessage.parse(mail.body)]), [
    [first, { type: "edit", rev: 2, byOperator: true }],
  ]);
  assertEquals((await mika.get(`/jobs/${first}`)).status, 200, "its owner keeps it");
  assertEquals(
    await expectProblem(operator.post(`${path}/edit`, { settings: { width: 3 } }), 422, "request.invalid"),
    ["settings.width"],
  );
  await expectProblem(noa.post(`${path}/edit`, body), 403, "auth.operator_only");
  changeJob(studio.kept, first, { status: "completed" });
  await expectProblem(operator.post(`${path}/edit`, body), 404, "request.not_found");
});
