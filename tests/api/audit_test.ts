/** The audit log over HTTP: every change that an operator can make is told, and only operators read it. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, makeJob, type Person, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";
import { GRAPH } from "./fake_templates.ts";

const Facts = z.record(z.string(), z.unknown()).nullable();
const Entry = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  action: z.string(),
  subject: z.string(),
  about: z.string().nullable(),
  byStudio: z.boolean(),
  byMachine: z.boolean(),
  person: z.object({ id: z.string(), email: z.string() }).nullable(),
  tokenId: z.string().nullable(),
  address: z.string().nullable(),
  before: Facts,
  after: Facts,
});
const Page = z.object({ items: z.array(Entry), next: z.string().nullable() });
const WithId = z.looseObject({ id: z.string() });

function readLog(operator: Person, query = "") {
  return operator.json(Page, 200, operator.get(`/admin/audit${query}`));
}

async function sendAll(operator: Person, requests: [string, string, unknown?][]): Promise<void> {
  for (const [method, path, body] of requests) {
    const answer = await operator.send(method, path, body === undefined ? {} : { body });
    const text = await answer.text();
    assert(answer.ok, `${method} ${path}: ${text}`);
  }
}

Deno.test("whatever an operator changes stands in the audit log, once, with who and from where", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  const job = await makeJob(mika);
  const id = studio.kept.accounts[1]?.id ?? "";
  const invitation = await operator.json(WithId, 201, operator.post("/admin/invitations", {}));
  const graph = { text: JSON.stringify(GRAPH), name: "custom/tower" };
  await sendAll(operator, [
    ["DELETE", `/admin/invitations/${invitation.id}`],
    ["POST", "/admin/backends/b1/drain"],
    ["POST", "/admin/dead-letters/letter/drop"],
    ["POST", `/admin/people/${id}`, { disabled: true }],
    ["POST", `/admin/people/${id}`, { disabled: false }],
    ["POST", `/admin/people/${id}/password-link`],
    ["POST", `/admin/jobs/${job}/reprioritise`, { priority: 50 }],
    ["POST", `/admin/jobs/${job}/cancel`],
    ["POST", "/admin/templates", graph],
  ]);
  const { items } = await readLog(operator);
  assertEquals(items.map(({ action }) => action).reverse(), [
    "invitation.make",
    "invitation.revoke",
    "backend.drain",
    "letter.drop",
    "person.change",
    "person.change",
    "person.password_link",
    "job.reprioritise",
    "job.cancel",
    "template.take",
  ]);
  for (const { person, address, tokenId } of items) {
    assertEquals([person?.email, address, tokenId], ["op@example.org", "10.0.0.1", null]);
  }
  const order = items.find(({ action }) => action === "job.reprioritise");
  assertEquals([order?.subject, order?.before, order?.after], [job, { priority: 0 }, { priority: 50 }]);
  const link = items.find(({ action }) => action === "person.password_link");
  assertEquals(link?.about, "mika@example.org");
  assert(!JSON.stringify(items).includes("new-password?token"));
});

Deno.test("a change that a program made names its token", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const Made = z.object({ id: z.string(), token: z.string() });
  const body = { name: "ci", scope: "admin" };
  const { id, token } = await operator.json(Made, 201, operator.post("/account/tokens", body));
  const headers = { authorization: `Bearer ${token}` };
  assertEquals((await operator.post("/admin/backends/b1/up", {}, headers)).status, 204);
  const { items: [entry] } = await readLog(operator);
  assertEquals([entry?.action, entry?.tokenId], ["backend.up", id]);
});

Deno.test("the log is read by pages and by filter, and taken along as JSON lines", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  for (let n = 0; n < 5; n++) {
    await operator.post(`/admin/backends/b1/${n % 2 ? "up" : "drain"}`);
    studio.clock.advance(3_600_000);
  }
  await operator.post("/admin/dead-letters/letter/retry");
  const first = await readLog(operator, "?limit=4");
  const rest = await readLog(operator, `?limit=4&cursor=${first.next}`);
  assertEquals([first.items.length, rest.items.length, rest.next], [4, 2, null]);
  assertEquals(new Set([...first.items, ...rest.items].map(({ id }) => id)).size, 6);
  const letters = await readLog(operator, "?thing=letter");
  assertEquals(letters.items.map(({ action }) => action), ["letter.retry"]);
  const since = new Date(studio.clock.now() - 3_600_000 * 2.5).toISOString();
  assertEquals((await readLog(operator, `?thing=backend&from=${since}`)).items.length, 2);
  assertEquals((await readLog(operator, "?person=nobody")).items, []);
  const answer = await operator.get("/admin/audit/export?thing=backend");
  assertMatch(answer.headers.get("content-disposition") ?? "", /audit - 2026-11-21\.jsonl/);
  const lines = (await answer.text()).trimEnd().split("\n").map((line) => Entry.parse(JSON.parse(line)));
  assertEquals([lines.length, lines[0]?.action], [5, "backend.drain"]);
});

Deno.test("[XC11] creators read nothing of the audit log; a wrong question is named by its field", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio);
  for (const path of ["/admin/audit", "/admin/audit/export"]) {
    await expectProblem(creator.get(path), 403, "auth.operator_only");
    const wrong = operator.get(`${path}?thing=moon&from=yesterday`);
    assertEquals((await expectProblem(wrong, 422, "request.invalid")).sort(), ["from", "thing"]);
  }
  assertEquals(await expectProblem(operator.get("/admin/audit?cursor=x"), 422, "request.invalid"), [
    "cursor",
  ]);
});
