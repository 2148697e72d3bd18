/** Failed films and failing servers as an operator's browser without script sees them. */
import { makeJob, PASSWORD, Person } from "@/tests/api/client.ts";
import { changeJob } from "@/tests/api/fake_jobs.ts";
import { assertEquals, assertMatch } from "@/tests/assert.ts";
import { problem } from "@/core/problem.ts";
import { openSignedIn } from "./app.ts";

Deno.test("operators find each failed film with its owner, server and cause, and try it again by a button", async () => {
  const { studio, operator, mika: creator } = await openSignedIn();
  const mika = new Person(studio);
  await mika.post("/auth/login", { email: "mika@example.org", password: PASSWORD });
  const id = await makeJob(mika);
  assertMatch((await operator.open("/admin/failed")).html, /No film has failed\./);
  const found = problem("comfy.execution", { operator: "Node 3 (KSampler): RuntimeError: no such shape" });
  changeJob(studio.kept, id, { status: "failed", problem: found, endedAt: 1 });
  const { html } = await operator.open("/admin/failed");
  assertMatch(html, /mika@example\.org[^]*Render server[^]*KSampler\): RuntimeError: no such shape/);
  assertMatch(html, new RegExp(`/admin/logs\\?id=${id}[^]*/admin/actors/${id}`));
  const told = await operator.post("/admin/failed", { id });
  assertEquals([told.status, told.to], [303, "/admin/failed?done"]);
  assertEquals(studio.kept.mail.at(-1)?.body, { type: "retry" });
  assertEquals((await operator.post("/admin/failed", { id: "none" })).status, 404);
  assertEquals((await creator.open("/admin/failed")).status, 403);
});

Deno.test("a server on hold says why and until when, and a button ends it", async () => {
  const { studio, operator } = await openSignedIn();
  const { html } = await operator.open("/admin");
  assertMatch(html, /On hold: 3 films in a row failed here[^]*Use it again/);
  assertMatch(html, /4 failures since it was added[^]*RuntimeError: shapes do not match/);
  assertMatch(html, /As it told/);
  const used = await operator.post("/admin", { id: "b1", act: "use" });
  assertEquals([used.status, used.to], [303, "/admin?done=use"]);
  assertEquals(studio.kept.servers.get("b1")?.hold, null);
});

Deno.test("operators see for each template what is missing on which server, and what to do", async () => {
  const { operator } = await openSignedIn();
  const { html } = await operator.open("/admin/templates");
  assertMatch(
    html,
    /What is missing where[^]*Performance[^]*2 things missing[^]*AudioEncoder[^]*models\.example/,
  );
});
