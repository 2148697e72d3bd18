/** A person's own account over HTTP: sessions, defaults, and leaving. */
import { z } from "zod";
import { DEFAULTS } from "@/core/account.ts";
import { assertEquals } from "@/tests/assert.ts";
import { expectProblem, PASSWORD, Person, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Sessions = z.object({
  items: z.array(z.object({
    id: z.string(),
    current: z.boolean(),
    address: z.string(),
    agent: z.string(),
    createdAt: z.iso.datetime(),
    seenAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })),
});

/** The same person at another machine. */
async function elsewhere(person: Person, { email, agent }: { email: string; agent: string }) {
  const other = new Person(person.studio, "10.0.0.2");
  const answer = await other.post("/auth/login", { email, password: PASSWORD }, { "user-agent": agent });
  assertEquals(answer.status, 200, await answer.text());
  return other;
}

Deno.test("a person sees where they are signed in, and ends one session or all others", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const email = "mika@example.org";
  studio.clock.advance(1000);
  const phone = await elsewhere(person, { email, agent: "Phone" });
  const desk = await elsewhere(person, { email, agent: "Desk" });
  const { items } = await person.json(Sessions, 200, person.get("/account/sessions"));
  assertEquals(items.map(({ agent, address, current }) => [agent, address, current]), [
    ["Phone", "10.0.0.2", false],
    ["Desk", "10.0.0.2", false],
    ["", "10.0.0.1", true],
  ]);
  assertEquals((await person.send("DELETE", `/account/sessions/${items[0]?.id}`)).status, 204);
  await expectProblem(phone.get("/auth/me"), 401, "auth.required");
  assertEquals((await desk.get("/auth/me")).status, 200);
  assertEquals((await person.send("DELETE", "/account/sessions")).status, 204);
  await expectProblem(desk.get("/auth/me"), 401, "auth.required");
  const left = await person.json(Sessions, 200, person.get("/account/sessions"));
  assertEquals(left.items.map(({ current }) => current), [true]);
  assertEquals((await person.send("DELETE", `/account/sessions/${left.items[0]?.id}`)).status, 204);
  assertEquals(person.cookie, "");
});

Deno.test("[XC11] nobody sees or ends the sessions of others", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const other = await signUpCreator(studio, "other@example.org");
  const { items: [own] } = await person.json(Sessions, 200, person.get("/account/sessions"));
  await expectProblem(
    other.send("DELETE", `/account/sessions/${own?.id}`),
    404,
    "request.not_found",
  );
  assertEquals((await person.get("/auth/me")).status, 200);
});

Deno.test("what is shown of a session opens none", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const token = person.cookie.split("=")[1] ?? "";
  const text = await (await person.get("/account/sessions")).text();
  assertEquals([text.includes(token), text.includes(studio.hashToken(token))], [false, false]);
});

Deno.test("a sight is noted at most once in five minutes, with the browser and the address of then", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  let writes = 0;
  const { touch } = studio.sessions;
  studio.sessions.touch = (hash, seen) => (writes++, touch(hash, seen));
  const agent = { "user-agent": "Firefox" };
  await (await person.get("/auth/me", agent)).body?.cancel();
  studio.clock.advance(5 * 60_000);
  for (let n = 0; n < 5; n++) await (await person.get("/auth/me", agent)).body?.cancel();
  assertEquals(writes, 1);
  const { items: [own] } = await person.json(Sessions, 200, person.get("/account/sessions"));
  assertEquals([own?.agent, own?.seenAt], ["Firefox", new Date(studio.clock.now()).toISOString()]);
});

Deno.test("defaults are the person's own, checked field by field, and whole again after each save", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const other = await signUpCreator(studio, "other@example.org");
  const read = (who: Person) => who.json(z.unknown(), 200, who.get("/account/defaults"));
  assertEquals(await read(person), DEFAULTS);
  const wanted = {
    ...DEFAULTS,
    engine: "draft",
    size: { width: 832, height: 480 },
    frameRate: 30,
    negativePrompt: "blurry",
    sound: true,
  };
  assertEquals(await person.json(z.unknown(), 200, person.post("/account/defaults", wanted)), wanted);
  assertEquals([await read(person), await read(other)], [wanted, DEFAULTS]);
  const wrong = { engine: "gpu", size: { width: 7 }, frameRate: 61, notify: "yes", colour: "red" };
  assertEquals(
    (await expectProblem(person.post("/account/defaults", wrong), 422, "request.invalid")).sort(),
    ["colour", "engine", "frameRate", "notify", "size.height", "size.width"],
  );
  assertEquals(await read(person), wanted);
  assertEquals(await person.json(z.unknown(), 200, person.post("/account/defaults", {})), DEFAULTS);
});

Deno.test("an account is deleted with its address and its password, and is gone at once", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const bad = { password: "wrong password", confirm: "other@example.org" };
  assertEquals(await expectProblem(person.post("/account/delete", bad), 422, "request.invalid"), ["confirm"]);
  const confirm = " MIKA@example.org ";
  assertEquals(
    await expectProblem(person.post("/account/delete", { ...bad, confirm }), 422, "request.invalid"),
    ["password"],
  );
  assertEquals(studio.kept.accounts.length, 2);
  const { cookie } = person;
  assertEquals((await person.post("/account/delete", { password: PASSWORD, confirm })).status, 204);
  assertEquals([person.cookie, studio.kept.accounts.length], ["", 1]);
  person.cookie = cookie;
  await expectProblem(person.get("/auth/me"), 401, "auth.required");
});

Deno.test("the last operator cannot leave", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  await signUpCreator(studio);
  const body = { password: PASSWORD, confirm: "op@example.org" };
  await expectProblem(operator.post("/account/delete", body), 409, "account.last_operator");
  assertEquals((await operator.get("/auth/me")).status, 200);
});

Deno.test("[XC23] guessing the password of a signed-in account is cut off as well", async () => {
  const person = await signUpCreator(makeStudio());
  const statuses = new Map<number, number>();
  for (let n = 0; n < 20; n++) {
    const body = { password: `guess ${n}`, confirm: "mika@example.org" };
    const { status } = await person.post("/account/delete", body);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  assertEquals([...statuses], [[422, 10], [429, 10]]);
});
