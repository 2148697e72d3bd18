/** The page of the audit log as a browser without script sees it. */
import { PASSWORD, signUp } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { Visitor } from "./app.ts";

Deno.test("[XC24] operators read what was changed, narrow it, go on to older entries and take it along", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "op@example.org");
  const operator = new Visitor(studio);
  await operator.post("/login", { email: "op@example.org", password: PASSWORD });
  assertMatch((await operator.open("/admin/audit")).html, /Nothing was changed yet\./);
  for (let n = 0; n < 60; n++) await person.post("/admin/backends/b1/drain");
  await person.post("/admin/dead-letters/letter/drop");
  const { html } = await operator.open("/admin/audit");
  assertMatch(html, /Dead letter dropped[^]*Server drained/);
  assertMatch(html, /op@example\.org[^]*from 10\.0\.0\.1[^]*status: up → drain/);
  const older = /href="([^"]*cursor=[^"]*)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const rest = await operator.open(older);
  assertEquals(rest.html.match(/Server drained/g)?.length, 11);
  const narrowed = await operator.open("/admin/audit?thing=letter&person=&from=&until=");
  assert(!narrowed.html.includes("Server drained") && narrowed.html.includes("Dead letter dropped"));
  assertMatch(narrowed.html, /href="\/api\/admin\/audit\/export\?thing=letter"/);
  assertMatch((await operator.open("/admin/audit?until=2026-11-20")).html, /No entry fits\./);
  const day = await operator.open("/admin/audit?thing=letter&from=2026-11-20&until=2026-11-22");
  assertMatch(day.html, /Dead letter dropped/);
  const wrong = await operator.open("/admin/audit?thing=moon&from=soon");
  assertEquals(wrong.status, 422);
  assertMatch(wrong.html, /id="f-thing-wrong"[^]*id="f-from-wrong"/);
});
