/** Accounts and sessions over HTTP. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, PASSWORD, Person, signUp, signUpCreator } from "./client.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Me = z.object({ email: z.string(), role: z.string(), createdAt: z.string() });

Deno.test("[AX1] registering makes an account, and the same address in other letters is refused", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "Mika@Example.org");
  assertEquals((await person.json(Me, 200, person.get("/auth/me"))).email, "Mika@Example.org");
  const other = new Person(studio);
  const again = other.post("/auth/register", { email: "mika@example.ORG", password: PASSWORD });
  assertEquals(await expectProblem(again, 409, "auth.email_taken"), ["email"]);
  assertEquals(studio.kept.accounts.length, 1);
});

Deno.test("the first account is operator and the next are creators", async () => {
  const studio = makeStudio();
  const first = await signUp(studio, "a@example.org");
  const second = await signUp(studio, "b@example.org");
  assertEquals((await first.json(Me, 200, first.get("/auth/me"))).role, "operator");
  assertEquals((await second.json(Me, 200, second.get("/auth/me"))).role, "creator");
});

Deno.test("with registration closed only the first account can be made", async () => {
  const studio = makeStudio({ registration: "closed" });
  await signUp(studio, "a@example.org");
  const next = new Person(studio).post("/auth/register", { email: "b@example.org", password: PASSWORD });
  await expectProblem(next, 403, "auth.closed");
  assertEquals(studio.kept.accounts.length, 1);
});

Deno.test("an exposed studio gives its first account only for the start code", async () => {
  const studio = makeStudio({ startCode: "ABCD-EFGH-JKMN" });
  const person = new Person(studio);
  const body = { email: "a@example.org", password: PASSWORD };
  assertEquals(await expectProblem(person.post("/auth/register", body), 403, "auth.code_needed"), ["code"]);
  await expectProblem(person.post("/auth/register", { ...body, code: "wrong" }), 403, "auth.code_needed");
  assertEquals(studio.kept.accounts.length, 0);
  const right = await person.post("/auth/register", { ...body, code: "ABCD-EFGH-JKMN" });
  assertEquals(right.status, 201);
  await right.body?.cancel();
});

Deno.test("[AX3] the session cookie is HttpOnly and SameSite=Lax, and Secure on https", async () => {
  for (const [publicUrl, secure] of [["", false], ["https://studio.example", true]] as const) {
    const studio = makeStudio({ publicUrl });
    await signUp(studio, "a@example.org");
    const login = await new Person(studio).post("/auth/login", {
      email: "A@example.org",
      password: PASSWORD,
    });
    assertEquals(login.status, 200, await login.text());
    const cookie = login.headers.get("set-cookie") ?? "";
    assertMatch(cookie, /HttpOnly/);
    assertMatch(cookie, /SameSite=Lax/);
    assertEquals(cookie.includes("Secure"), secure);
  }
});

Deno.test("[AX3] a wrong password and an unknown address get the same answer after the same hashing", async () => {
  const studio = makeStudio();
  await signUp(studio, "a@example.org");
  const hashed: string[] = [];
  const { verify, refuse } = studio.passwords;
  studio.passwords.verify = (tried, stored) => (hashed.push("verify"), verify(tried, stored));
  studio.passwords.refuse = (tried) => (hashed.push("refuse"), refuse(tried));
  const texts = [];
  for (const email of ["a@example.org", "nobody@example.org"]) {
    const answer = await new Person(studio).post("/auth/login", { email, password: "wrong password" });
    texts.push([answer.status, answer.headers.get("set-cookie"), await answer.text()]);
  }
  assertEquals(texts[0], texts[1]);
  assertEquals(texts[0]?.[0], 401);
  assertEquals(hashed, ["verify", "refuse"]);
});

Deno.test("[AX4] after logout the same cookie is worth nothing", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "a@example.org");
  const { cookie } = person;
  assertEquals((await person.post("/auth/logout")).status, 204);
  assertEquals(person.cookie, "");
  person.cookie = cookie;
  await expectProblem(person.get("/auth/me"), 401, "auth.required");
});

Deno.test("a session ends after its days", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "a@example.org");
  studio.clock.advance(31 * 86_400_000);
  await expectProblem(person.get("/auth/me"), 401, "auth.required");
});

Deno.test("a login replaces the session that the browser came with", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "a@example.org");
  const former = person.cookie;
  await (await person.post("/auth/login", { email: "a@example.org", password: PASSWORD })).body?.cancel();
  assert(person.cookie !== former);
  assertEquals(studio.kept.sessions.size, 1);
});

Deno.test("sessions are stored under a hash, never under their token", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "a@example.org");
  const token = person.cookie.split("=")[1] ?? "";
  assert(token.length >= 20);
  assert(!JSON.stringify([...studio.kept.sessions]).includes(token));
});

Deno.test("a new password needs the present one and ends every other session", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "a@example.org");
  const other = new Person(studio);
  await (await other.post("/auth/login", { email: "a@example.org", password: PASSWORD })).body?.cancel();
  const wrong = person.post("/auth/password", { current: "not this one", next: "a new long password" });
  assertEquals(await expectProblem(wrong, 422, "request.invalid"), ["current"]);
  const changed = await person.post("/auth/password", { current: PASSWORD, next: "a new long password" });
  assertEquals(changed.status, 204);
  assertEquals((await person.json(Me, 200, person.get("/auth/me"))).email, "a@example.org");
  await expectProblem(other.get("/auth/me"), 401, "auth.required");
});

Deno.test("[XC23] a thousand wrong logins are cut off after a few, and nothing is stored", async () => {
  const studio = makeStudio();
  await signUp(studio, "a@example.org");
  const attacker = new Person(studio, "10.6.6.6");
  let hashes = 0;
  const { verify } = studio.passwords;
  studio.passwords.verify = (tried, stored) => (hashes++, verify(tried, stored));
  const seen = new Map<number, number>();
  for (let n = 0; n < 1000; n++) {
    const answer = await attacker.post("/auth/login", { email: "a@example.org", password: `guess ${n}` });
    seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
    if (answer.status === 429) assert(Number(answer.headers.get("retry-after")) > 0);
    await answer.body?.cancel();
  }
  assertEquals([...seen], [[401, 10], [429, 990]]);
  assertEquals(hashes, 10);
  assertEquals(studio.kept.sessions.size, 1);
});

async function guess(studio: FakeStudio, address: string, times: number, email = "a@example.org") {
  const attacker = new Person(studio, address);
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) {
    const answer = await attacker.post("/auth/login", { email, password: `guess ${n}` });
    statuses.push(answer.status);
    await answer.body?.cancel();
  }
  return statuses;
}

async function canLogIn(studio: FakeStudio, address: string): Promise<boolean> {
  const body = { email: "a@example.org", password: PASSWORD };
  const answer = await new Person(studio, address).post("/auth/login", body);
  await answer.body?.cancel();
  return answer.status === 200;
}

Deno.test("[XC23] whoever guesses from elsewhere does not lock a person out of the account", async () => {
  const studio = makeStudio();
  await signUp(studio, "a@example.org");
  assertEquals((await guess(studio, "6.6.6.6", 500)).filter((status) => status === 401).length, 10);
  assert(await canLogIn(studio, "10.0.0.1"), "one attacker");
  const seen = new Set<number>();
  for (let n = 0; n < 40; n++) for (const status of await guess(studio, `6.6.7.${n}`, 12)) seen.add(status);
  assertEquals([...seen], [401, 429]);
  assert(!await canLogIn(studio, "10.0.0.2"), "many attackers are told to wait wherever they come from");
  assert(await canLogIn(studio, "10.0.0.1"), "from where the person got in before there is no wait");
  studio.clock.advance(20_000);
  assert(await canLogIn(studio, "10.0.0.2"), "elsewhere there is a short one");
});

Deno.test("guesses from one subscriber's many addresses count together", async () => {
  const studio = makeStudio();
  await signUp(studio, "a@example.org");
  const statuses: number[] = [];
  for (let n = 0; n < 20; n++) statuses.push(...await guess(studio, `2001:db8:1:2::${n.toString(16)}`, 1));
  assertEquals(statuses.filter((status) => status === 401).length, 10);
});

Deno.test("guessing many addresses from one place is cut off as well", async () => {
  const studio = makeStudio();
  const attacker = new Person(studio);
  const statuses = [];
  for (let n = 0; n < 70; n++) {
    const answer = await attacker.post("/auth/login", {
      email: `p${n}@example.org`,
      password: "one password",
    });
    statuses.push(answer.status);
    await answer.body?.cancel();
  }
  assertEquals(statuses.filter((status) => status === 429).length, 10);
});

Deno.test("[XC23] a state change that another site asked for is refused, one from here is not", async () => {
  const studio = makeStudio({ publicUrl: "https://studio.example" });
  const person = await signUpCreator(studio);
  const refused: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "https://other.studio.example" },
    { origin: "null" },
    // A name that Host repeats: any page can make its own lead here.
    { origin: "http://studio.test" },
  ];
  for (const headers of refused) {
    await expectProblem(person.post("/assets", { name: "a.png" }, headers), 403, "request.cross_site");
  }
  assertEquals(studio.kept.assets.size, 0);
  const accepted: Record<string, string>[] = [
    { origin: "https://studio.example", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
    {},
  ];
  for (const headers of accepted) {
    const answer = await person.post("/assets", { name: "a.png" }, headers);
    assertEquals(answer.status, 201, await answer.text());
  }
});

Deno.test("[AX39] exactly the configured other origin may call with credentials", async () => {
  const studio = makeStudio({ frontendOrigin: "https://face.example" });
  const person = await signUpCreator(studio);
  const origin = "https://face.example";
  const preflight = await person.send("OPTIONS", "/jobs", { headers: { origin } });
  assertEquals(preflight.status, 204);
  assertEquals(preflight.headers.get("access-control-allow-origin"), origin);
  const answer = await person.post("/assets", { name: "a.png" }, { origin, "sec-fetch-site": "cross-site" });
  assertEquals([answer.status, answer.headers.get("access-control-allow-credentials")], [201, "true"]);
  await answer.body?.cancel();
  const other = await person.get("/auth/me", { origin: "https://other.example" });
  assertEquals(other.headers.get("access-control-allow-origin"), null);
  await other.body?.cancel();
});

Deno.test("what is wrong with a registration is said field by field", async () => {
  const person = new Person(makeStudio());
  const answer = person.post("/auth/register", { email: "nonsense", password: "short", admin: true });
  assertEquals((await expectProblem(answer, 422, "request.invalid")).sort(), ["admin", "email", "password"]);
});
