/** The page of API tokens as a browser without script sees it. */
import { Person } from "@/tests/api/client.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { openSignedIn, Visitor } from "./app.ts";

const HERE = "/settings/tokens";

Deno.test("[XC24] a token is made by a form, works, is shown once, and is taken back by its button", async () => {
  const { studio, mika } = await openSignedIn();
  assertMatch((await mika.open(HERE)).html, /You have no tokens yet\./);
  const made = await mika.post(HERE, { name: "Night <render>", scope: "create", days: "30" });
  assertEquals([made.status, made.headers.get("cache-control")], [200, "no-store"]);
  const token = /value="(anx_[^"]+)"/.exec(made.html)?.[1] ?? "";
  const asProgram = () => new Person(studio).get("/jobs", { authorization: `Bearer ${token}` });
  assertEquals((await asProgram()).status, 200);
  const list = await mika.open(HERE);
  assert(!list.html.includes(token));
  assertMatch(list.html, /Night &lt;render>/);
  const id = /name="id" value="([^"]+)"/.exec(list.html)?.[1] ?? "";
  const gone = await mika.post(HERE, { id });
  assertEquals([gone.status, gone.to], [303, `${HERE}?done`]);
  assertMatch((await mika.open(gone.to ?? "")).html, /The token is worth nothing any more\./);
  assertEquals((await asProgram()).status, 401);
});

Deno.test("[XC24] a refused token keeps what was entered; only operators are offered to operate", async () => {
  const { operator, mika } = await openSignedIn();
  const refused = await mika.post(HERE, { name: " ", scope: "admin", days: "30" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /id="f-name-wrong"[^]*Must not be empty\./);
  const scope = await mika.post(HERE, { name: "Kept", scope: "admin", days: "30" });
  assertMatch(scope.html, /id="f-scope-wrong"[^]*Only operators may make a token/);
  assertMatch(scope.html, /value="Kept"/);
  assert(!(await mika.open(HERE)).html.includes('value="admin"'));
  assert((await operator.open(HERE)).html.includes('value="admin"'));
});

Deno.test("a token opens no page: pages are for people who are signed in", async () => {
  const { mika } = await openSignedIn();
  const made = await mika.post(HERE, { name: "ci", scope: "read", days: "7" });
  const token = /value="(anx_[^"]+)"/.exec(made.html)?.[1] ?? "";
  const stranger = new Visitor(mika.studio);
  const answer = await stranger.open("/dashboard", { authorization: `Bearer ${token}` });
  assertEquals(answer.to, "/login?next=%2Fdashboard");
});
