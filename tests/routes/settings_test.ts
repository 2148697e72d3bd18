/** The settings and the people as a browser without script sees them. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { PASSWORD } from "@/tests/api/client.ts";
import { openSignedIn, Visitor } from "./app.ts";

const EMAIL = "mika@example.org";

/** The value of the first field of a name. */
function fieldOf(html: string, name: string): string {
  return html.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1] ?? "";
}

Deno.test("[XC24] the password is changed by a form, which ends the other sessions", async () => {
  const { studio, mika } = await openSignedIn();
  const other = new Visitor(studio);
  await other.post("/login", { email: EMAIL, password: PASSWORD });
  const wrong = await mika.post("/settings", { current: "not this one", next: "short" });
  assertEquals(wrong.status, 422);
  assertMatch(wrong.html, /id="f-next-wrong"[^]*Must have at least 10 characters\./);
  const notMine = await mika.post("/settings", { current: "not this one", next: "a new long password" });
  assertMatch(notMine.html, /id="f-current-wrong"[^]*This is not your password\./);
  assert(!notMine.html.includes("a new long password"));
  const done = await mika.post("/settings", { current: PASSWORD, next: "a new long password" });
  assertEquals([done.status, done.to], [303, "/settings?done"]);
  assertMatch((await mika.open("/settings?done")).html, /Your password is changed/);
  assertEquals((await other.open("/settings")).to, "/login?next=%2Fsettings");
});

Deno.test("[XC24] sessions are listed with browser and address, and end by their buttons", async () => {
  const { studio, mika } = await openSignedIn();
  for (let n = 0; n < 2; n++) {
    await new Visitor(studio).post("/login", { email: EMAIL, password: PASSWORD });
    studio.clock.advance(60_000);
  }
  const list = await mika.open("/settings/sessions");
  assertEquals(list.html.match(/<li>/g)?.length, 4);
  assertMatch(list.html, /this one/);
  assertMatch(list.html, /from 10\.0\.0\.1/);
  const one = await mika.post("/settings/sessions", { id: fieldOf(list.html, "id") });
  assertEquals(one.to, "/settings/sessions?done=one");
  const left = await mika.open(one.to ?? "");
  assertMatch(left.html, /The session has ended\./);
  assertEquals(left.html.match(/<li>/g)?.length, 3);
  const others = await mika.post("/settings/sessions", {});
  assertEquals((await mika.open(others.to ?? "")).html.match(/<li>/g)?.length, 1);
});

Deno.test("[XC24] defaults are saved by a form and come back in it", async () => {
  const { studio, mika } = await openSignedIn();
  const fields = {
    engine: "draft",
    preset: "fast",
    size: "480x832",
    frameRate: "24",
    negativePrompt: "blurry,\r\nextra <hands>",
    sound: "on",
  };
  const refused = await mika.post("/settings/defaults", { ...fields, engine: "gpu", size: "7x7" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /id="f-engine-wrong"[^]*Must be auto or draft\./);
  assertMatch(refused.html, /extra &lt;hands>/);
  const done = await mika.post("/settings/defaults", fields);
  assertEquals(done.to, "/settings/defaults?done");
  const id = studio.kept.accounts.find(({ email }) => email === EMAIL)?.id ?? "";
  assertEquals(studio.kept.defaults.get(id), {
    engine: "draft",
    preset: "fast",
    size: { width: 480, height: 832 },
    frameRate: 24,
    negativePrompt: "blurry,\nextra <hands>",
    notify: false,
    sound: true,
  });
  const { html } = await mika.open("/settings/defaults");
  for (const chosen of ["draft", "fast", "480x832", "24"]) {
    assertMatch(html, new RegExp(`value="${chosen}" selected`));
  }
  assertEquals(html.match(/ checked/g)?.length, 1);
});

Deno.test("[XC3] what is not configured is said to be so, and how to set it to operators alone", async () => {
  const { studio, operator, mika } = await openSignedIn();
  studio.health.anthropic = () => Promise.resolve({ state: "not_configured" });
  studio.health.comfy = () => Promise.resolve({ state: "down", note: "0 of 1 servers up" });
  const told = await operator.open("/settings/connections");
  assertMatch(told.html, /Anthropic[^]*Not configured/);
  assertMatch(told.html, /ANTHROPIC_API_KEY/);
  assertMatch(told.html, /0 of 1 servers up/);
  const { html } = await mika.open("/settings/connections");
  assertMatch(html, /Anthropic[^]*Not configured/);
  assert(!/ANTHROPIC_API_KEY|0 of 1/.test(html));
  studio.health.storage = () => Promise.resolve({ state: "down" });
  assertMatch((await mika.open("/settings/connections")).html, /Storage[^]*Does not answer/);
});

Deno.test("[XC24] the account is deleted by a form that asks for the address and the password", async () => {
  const { studio, mika } = await openSignedIn();
  const wrong = await mika.post("/settings/data", { confirm: "other@example.org", password: PASSWORD });
  assertEquals(wrong.status, 422);
  assertMatch(wrong.html, /id="f-confirm-wrong"/);
  assertEquals(studio.kept.accounts.length, 2);
  const gone = await mika.post("/settings/data", { confirm: EMAIL, password: PASSWORD });
  assertEquals([gone.status, gone.to, mika.cookie], [303, "/login?left", ""]);
  assertEquals(studio.kept.accounts.length, 1);
  assertMatch((await mika.open("/login?left")).html, /Your account is closed/);
});

Deno.test("the last operator reads why the account stays", async () => {
  const { operator } = await openSignedIn();
  const kept = await operator.post("/settings/data", { confirm: "op@example.org", password: PASSWORD });
  assertEquals(kept.status, 409);
  assertMatch(kept.html, /A studio needs an operator\./);
});

Deno.test("[XC24] operators change roles, close accounts and take invitations back by buttons", async () => {
  const { studio, operator, mika } = await openSignedIn();
  const { html } = await operator.open("/admin/people");
  assertMatch(html, /2 people have an account here/);
  const id = fieldOf(html, "id");
  assertEquals(studio.kept.accounts.find((one) => one.id === id)?.email, EMAIL);
  const closed = await operator.post("/admin/people", { do: "closed", id });
  assertMatch((await operator.open(closed.to ?? "")).html, /The account is closed and signed out/);
  assertEquals((await mika.open("/settings")).status, 303);
  await operator.post("/admin/people", { do: "opened", id });
  await operator.post("/admin/people", { do: "operator", id });
  assertEquals(studio.kept.accounts.map(({ role, disabledAt }) => [role, disabledAt]), [
    ["operator", null],
    ["operator", null],
  ]);
  const refused = await operator.post("/admin/people", { do: "invite", note: "x".repeat(201), days: "0" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /Must be at most 200 characters\./);
  await operator.post("/admin/people", { do: "invite", note: "Ana <b>", role: "creator", days: "30" });
  const listed = await operator.open("/admin/people");
  assertMatch(listed.html, /Ana &lt;b>/);
  const invited = studio.kept.invitations[0]?.id ?? "";
  await operator.post("/admin/people", { do: "revoked", id: invited });
  assertEquals(studio.kept.invitations, []);
  assertEquals((await operator.post("/admin/people", { do: "nonsense", id })).status, 400);
});

Deno.test("[XC24] an operator limits a person's films by a form, and an empty field lifts the limit", async () => {
  const { studio, operator } = await openSignedIn();
  const id = studio.kept.accounts[1]?.id ?? "";
  const limit = async (fields: Record<string, string>) => {
    const rev =
      [...(await operator.open("/admin/people")).html.matchAll(/name="rev" value="(\d+)"/g)].at(-1)?.[1] ??
        "";
    return await operator.post("/admin/people", { do: "limited", id, rev, ...fields });
  };
  const set = (jobsMax: string) => limit({ jobsMax });
  const done = await set("3");
  assertEquals([done.to, studio.kept.limits.get(id)?.jobsMax], ["/admin/people?done=limited", 3]);
  assertMatch(
    (await operator.open(done.to ?? "")).html,
    /The limits and the share are set\.[^]*name="jobsMax"[^>]*value="3"/,
  );
  const wrong = await set("-1");
  assertEquals([wrong.status, studio.kept.limits.get(id)?.jobsMax], [422, 3]);
  await set("");
  assertEquals(studio.kept.limits.get(id)?.jobsMax, null);
  const share = (weight: string) => limit({ weight });
  const shared = await share("2.5");
  assertMatch(
    (await operator.open(shared.to ?? "")).html,
    /Share of the servers[^]*name="weight"[^>]*value="2\.5"/,
  );
  assertEquals(studio.kept.audit[0]?.after?.weight, 2.5);
  assertEquals([(await share("0")).status, studio.kept.limits.get(id)?.weight], [422, 2.5]);
});

Deno.test("[XC24] who forgot the password comes back by a link that an operator made", async () => {
  const { studio, operator } = await openSignedIn();
  const { html } = await operator.open("/admin/people");
  const made = await operator.post("/admin/people", { do: "link", id: fieldOf(html, "id") });
  assertEquals(made.status, 200);
  const [, path = ""] = made.html.match(/value="http:\/\/studio\.test(\/new-password\?token=[^"]+)"/) ?? [];
  const mika = new Visitor(studio);
  const form = await mika.open(path);
  assertMatch(form.html, /For mika@example\.org\./);
  const token = fieldOf(form.html, "token");
  const refused = await mika.post("/new-password", { token, password: "short" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /Must have at least 10 characters\./);
  const done = await mika.post("/new-password", { token, password: "a new long password" });
  assertEquals([done.status, done.to], [303, "/dashboard"]);
  const over = await mika.open(path);
  assertEquals(over.status, 403);
  assertMatch(over.html, /This link has ended/);
  assert(!over.html.includes("<form"));
  assertEquals((await mika.open("/new-password")).status, 403);
});

Deno.test("creators get the page that says what is not for them", async () => {
  const { mika, studio } = await openSignedIn();
  const refused = await mika.open("/admin/people");
  assertEquals(refused.status, 403);
  assertMatch(refused.html, /for operators of this studio/);
  const id = studio.kept.accounts[0]?.id ?? "";
  assertEquals((await mika.post("/admin/people", { do: "closed", id })).status, 403);
  assertEquals(studio.kept.accounts[0]?.disabledAt, null);
});
