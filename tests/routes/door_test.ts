/** The front door as a browser without script sees it: registering, signing in and out, and coming back. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { PASSWORD, signUp } from "@/tests/api/client.ts";
import { type FakeStudio, makeStudio } from "@/tests/api/fake_studio.ts";
import { appFor, Visitor } from "./app.ts";

const EMAIL = "mika@example.org";

async function withAccount(settings: Parameters<typeof makeStudio>[0] = {}): Promise<FakeStudio> {
  const studio = makeStudio(settings);
  await signUp(studio, EMAIL);
  return studio;
}

async function signIn(studio: FakeStudio): Promise<Visitor> {
  const visitor = new Visitor(studio);
  assertEquals((await visitor.post("/login", { email: EMAIL, password: PASSWORD })).status, 303);
  return visitor;
}

Deno.test("[AX1] the first account is made by a form, signs in at once, and is told that it is the operator's", async () => {
  const studio = makeStudio({ startCode: "ABCD-EFGH-JKMN" });
  const visitor = new Visitor(studio);
  assertMatch((await visitor.open("/")).html, /href="\/register"[^>]*>Set up the studio/);
  const form = await visitor.open("/register");
  assertMatch(form.html, /Set up your studio/);
  assertMatch(form.html, /it is the operator/);
  const wrong = await visitor.post("/register", { email: EMAIL, password: PASSWORD, code: "nonsense" });
  assertEquals(wrong.status, 403);
  assertMatch(wrong.html, /The start code is missing or wrong\./);
  const right = { email: EMAIL, password: PASSWORD, code: "ABCD-EFGH-JKMN" };
  const done = await visitor.post("/register", right);
  assertEquals([done.status, done.to], [303, "/dashboard"]);
  assert(visitor.cookie !== "");
  assertEquals((await visitor.open("/register")).to, "/dashboard");
});

Deno.test("a refused registration shows each sentence beside its field and keeps the address, never the password", async () => {
  const visitor = new Visitor(await withAccount());
  const refused = await visitor.post("/register", { email: "<b>no address</b>", password: "secretly" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /id="f-email-wrong"[^]*Must be an e-mail address\./);
  assertMatch(refused.html, /id="f-password-wrong"[^]*Must have at least 10 characters\./);
  assertMatch(refused.html, /value="&lt;b>no address&lt;\/b>"/);
  assert(!refused.html.includes("secretly"));
  const taken = await visitor.post("/register", { email: EMAIL, password: PASSWORD });
  assertEquals(taken.status, 409);
  assertMatch(taken.html, /This address has an account\./);
});

Deno.test("a closed studio explains invitations, and an invitation opens its form once", async () => {
  const studio = await withAccount({ registration: "closed" });
  const operator = await signIn(studio);
  const stranger = new Visitor(studio);
  const closed = await stranger.open("/register");
  assertMatch(closed.html, /Ask an operator of this studio/);
  assert(!closed.html.includes("<form"));
  assert(!(await stranger.open("/")).html.includes('href="/register"'));
  const made = await operator.post("/admin/people", {
    do: "invite",
    note: "Ana",
    role: "creator",
    days: "7",
  });
  const [, path = ""] = made.html.match(/value="http:\/\/studio\.test(\/register\?invite=[^"]+)"/) ?? [];
  const token = decodeURIComponent(path.split("=")[1] ?? "");
  const form = await stranger.open(path);
  assertMatch(form.html, /You are invited/);
  assert(form.html.includes(`name="invite" value="${token}"`));
  const refused = await stranger.post("/register", { email: "ana@x.org", password: "short", invite: token });
  assert(refused.html.includes(`name="invite" value="${token}"`));
  const entered = await stranger.post("/register", { email: "ana@x.org", password: PASSWORD, invite: token });
  assertEquals([entered.status, entered.to], [303, "/dashboard"]);
  assertMatch((await new Visitor(studio).open(path)).html, /was used, has run out, or was taken back/);
});

Deno.test("[XC24] signing in works without script, rotates the session and goes on to where one wanted to be", async () => {
  const studio = await withAccount();
  const visitor = new Visitor(studio);
  const sent = await visitor.open("/settings/sessions?done=one");
  assertEquals([sent.status, sent.to], [303, "/login?next=%2Fsettings%2Fsessions%3Fdone%3Done"]);
  const form = await visitor.open(sent.to ?? "");
  assertMatch(form.html, /Sign in to go on\./);
  const [, next = ""] = form.html.match(/name="next" value="([^"]+)"/) ?? [];
  const fields = { email: " Mika@Example.org ", password: PASSWORD, next };
  const done = await visitor.post("/login", fields);
  assertEquals([done.status, done.to], [303, "/settings/sessions?done=one"]);
  const former = visitor.cookie;
  await visitor.post("/login", fields);
  assert(visitor.cookie !== former);
  assertEquals((await visitor.open("/login?next=/library")).to, "/library");
});

Deno.test("[XC23] signing in never leads to another site", async () => {
  const studio = await withAccount();
  for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const visitor = new Visitor(studio);
    const form = await visitor.open(`/login?next=${encodeURIComponent(next)}`);
    assert(!form.html.includes("evil"), next);
    const done = await visitor.post("/login", { email: EMAIL, password: PASSWORD, next });
    assertEquals([done.status, done.to], [303, "/dashboard"]);
    assertEquals((await visitor.open(`/login?next=${encodeURIComponent(next)}`)).to, "/dashboard");
  }
});

Deno.test("a wrong password is said in one sentence with the address kept, and too many tries with how long to wait", async () => {
  const visitor = new Visitor(await withAccount());
  const fields = { email: EMAIL, password: "not this one" };
  const wrong = await visitor.post("/login", fields);
  assertEquals(wrong.status, 401);
  assertMatch(wrong.html, /role="alert"[^]*E-mail or password is wrong\./);
  assertMatch(wrong.html, /value="mika@example\.org"/);
  assert(!wrong.html.includes("not this one"));
  for (let n = 0; n < 9; n++) await visitor.post("/login", fields);
  const over = await visitor.post("/login", fields);
  assertEquals([over.status, over.headers.get("retry-after")], [429, "60"]);
  assertMatch(over.html, /Too many tries\. Try again in 60 s/);
  assertMatch(over.html, /value="mika@example\.org"/);
});

Deno.test("an ended session leads to signing in, with a sentence and the way back", async () => {
  const studio = await withAccount();
  const visitor = await signIn(studio);
  studio.clock.advance(31 * 86_400_000);
  const sent = await visitor.open("/settings");
  assertEquals(sent.to, "/login?next=%2Fsettings");
  const form = await visitor.open(sent.to ?? "");
  assertMatch(form.html, /Your session has ended\./);
  assertMatch(form.html, /name="next" value="\/settings"/);
});

Deno.test("[AX4] signing out by the button ends the session and leads to the front page", async () => {
  const studio = await withAccount();
  const visitor = await signIn(studio);
  assertMatch((await visitor.open("/settings")).html, /action="\/logout"/);
  const sessions = studio.kept.sessions.size;
  const out = await visitor.post("/logout", {});
  assertEquals([out.status, out.to, visitor.cookie], [303, "/", ""]);
  assertEquals(studio.kept.sessions.size, sessions - 1);
  const again = await visitor.open("/login");
  assert(!again.html.includes("Your session has ended"));
});

Deno.test("a closed account is told so at the door", async () => {
  const studio = await withAccount();
  studio.kept.accounts = studio.kept.accounts.map((one) => ({ ...one, disabledAt: 1 }));
  const told = await new Visitor(studio).post("/login", { email: EMAIL, password: PASSWORD });
  assertEquals(told.status, 403);
  assertMatch(told.html, /An operator has closed this account/);
});

Deno.test("[XC23] a form that another site posts changes nothing", async () => {
  const studio = await withAccount();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    origin: "https://evil.example",
    "sec-fetch-site": "cross-site",
  };
  const body = new URLSearchParams({ email: EMAIL, password: PASSWORD });
  const answer = await appFor(studio)("/login", { method: "POST", headers, body });
  assertEquals([answer.status, answer.headers.get("set-cookie")], [403, null]);
  await answer.body?.cancel();
});

Deno.test("what is no small form is refused as a page", async () => {
  const studio = await withAccount();
  const get = appFor(studio);
  const cases: [number, string, BodyInit][] = [
    [400, "text/plain", "email=a"],
    [400, "multipart/form-data; boundary=x", "--x--"],
    [413, "application/x-www-form-urlencoded", "a=".padEnd(300_000, "x")],
  ];
  for (const [status, type, body] of cases) {
    const answer = await get("/login", { method: "POST", headers: { "content-type": type }, body });
    assertEquals([type, answer.status], [type, status]);
    assertMatch(await answer.text(), /<h1>/);
  }
});
