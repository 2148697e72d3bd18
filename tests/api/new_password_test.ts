/** A way back in for who forgot the password: links that operators make. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, PASSWORD, Person, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Link = z.object({ url: z.string(), email: z.string(), expiresAt: z.iso.datetime() });
const NEXT = "a new long password";

async function openBoth() {
  const studio = makeStudio({ publicUrl: "https://studio.example" });
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  const id = studio.kept.accounts[1]?.id ?? "";
  const makeLink = async () => {
    const link = await operator.json(Link, 201, operator.post(`/admin/people/${id}/password-link`));
    return { ...link, token: new URL(link.url).searchParams.get("token") ?? "" };
  };
  const choose = (token: string, password = NEXT) =>
    new Person(studio).post("/auth/new-password", { token, password });
  return { studio, operator, mika, id, makeLink, choose };
}

Deno.test("a link changes the password once, signs in, and signs out everywhere else", async () => {
  const { studio, mika, makeLink } = await openBoth();
  const { url, token, email } = await makeLink();
  assertMatch(url, /^https:\/\/studio\.example\/new-password\?token=/);
  assertEquals(email, "mika@example.org");
  const back = new Person(studio);
  const whose = await back.json(
    z.object({ email: z.string() }),
    200,
    back.get(`/auth/new-password?token=${token}`),
  );
  assertEquals(whose.email, email);
  assertEquals(
    await expectProblem(
      back.post("/auth/new-password", { token, password: "short" }),
      422,
      "request.invalid",
    ),
    ["password"],
  );
  assertEquals((await back.post("/auth/new-password", { token, password: NEXT })).status, 200);
  assertEquals((await back.get("/auth/me")).status, 200);
  await expectProblem(mika.get("/auth/me"), 401, "auth.required");
  const login = (password: string) => new Person(studio).post("/auth/login", { email, password });
  await expectProblem(login(PASSWORD), 401, "auth.wrong");
  assertEquals((await login(NEXT)).status, 200);
  await expectProblem(
    back.post("/auth/new-password", { token, password: "another one" }),
    403,
    "auth.link_gone",
  );
});

Deno.test("a link ends after a day, with another password, and with the account", async () => {
  const { studio, mika, operator, id, makeLink, choose } = await openBoth();
  const old = await makeLink();
  studio.clock.advance(86_400_000);
  await expectProblem(choose(old.token), 403, "auth.link_gone");
  const used = await makeLink();
  await (await mika.post("/auth/password", { current: PASSWORD, next: NEXT })).body?.cancel();
  await expectProblem(choose(used.token), 403, "auth.link_gone");
  const last = await makeLink();
  await (await operator.post(`/admin/people/${id}`, { disabled: true })).body?.cancel();
  await expectProblem(choose(last.token), 403, "auth.link_gone");
  await expectProblem(operator.post(`/admin/people/${id}/password-link`), 404, "request.not_found");
});

Deno.test("nobody makes up a link, for themselves or for others", async () => {
  const { studio, mika, id, makeLink, choose } = await openBoth();
  const { token } = await makeLink();
  const [, end = "", seal = ""] = token.split(".");
  const other = studio.kept.accounts[0]?.id ?? "";
  const forged = [
    `${other}.${end}.${seal}`,
    `${id}.${Number(end) + 1}.${seal}`,
    `${id}.${end}.${"0".repeat(seal.length)}`,
    `${id}.${end}.`,
    `${id}.Infinity.${seal}`,
    "nonsense",
  ];
  for (const wrong of forged) await expectProblem(choose(wrong), 403, "auth.link_gone");
  await expectProblem(mika.post(`/admin/people/${id}/password-link`), 403, "auth.operator_only");
  assert((await choose(token)).status === 200);
});

Deno.test("[XC23] trying links is cut off", async () => {
  const { choose } = await openBoth();
  const seen = new Map<number, number>();
  for (let n = 0; n < 30; n++) {
    const { status } = await choose(`nonsense ${n}`);
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  assertEquals([...seen], [[403, 20], [429, 10]]);
});
