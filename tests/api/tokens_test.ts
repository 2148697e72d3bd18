/** API tokens over HTTP: what each scope opens, over every operation of the document, and how tokens are made and end. */
import { z } from "zod";
import { SCOPES } from "@/core/tokens.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, Person, type Sent, signUp, signUpCreator } from "./client.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Token = z.strictObject({
  id: z.string(),
  name: z.string(),
  scope: z.enum(SCOPES),
  hint: z.string(),
  state: z.enum(["open", "expired"]),
  createdAt: z.iso.datetime(),
  usedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime(),
});
const Made = Token.extend({ token: z.string() });
const Tokens = z.object({ items: z.array(Token) });
const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ security: z.array(z.record(z.string(), z.array(z.string()))) })),
  ),
});

function makeToken(person: Person, body: Record<string, unknown> = {}) {
  return person.json(Made, 201, person.post("/account/tokens", { name: "ci", scope: "read", ...body }));
}

/** A program with a token and no cookie. */
class Program extends Person {
  constructor(studio: FakeStudio, readonly token: string, address?: string) {
    super(studio, address);
  }
  override send(method: string, path: string, sent: Sent = {}): Promise<Response> {
    this.cookie = "";
    return super.send(method, path, {
      ...sent,
      headers: { authorization: `Bearer ${this.token}`, ...sent.headers },
    });
  }
}

/** What each operation wants, said a second time: everything else reads with GET and creates otherwise. */
const OPEN = [
  "GET /health",
  "POST /auth/register",
  "POST /auth/login",
  "GET /auth/registration",
  "GET /auth/new-password",
  "POST /auth/new-password",
  "GET /shared/{token}",
  "GET /shared/{token}/file",
  "GET /shared/{token}/poster",
];
const SESSION = [
  "POST /auth/logout",
  "POST /auth/password",
  "GET /account/sessions",
  "DELETE /account/sessions",
  "DELETE /account/sessions/{id}",
  "GET /account/tokens",
  "POST /account/tokens",
  "DELETE /account/tokens/{id}",
  "POST /account/delete",
  "POST /admin/people/{id}",
  "POST /admin/people/{id}/password-link",
  "POST /admin/invitations",
  "DELETE /admin/invitations/{id}",
];

function wantedBy(operation: string): string {
  if (OPEN.includes(operation)) return "open";
  if (SESSION.includes(operation)) return "session";
  if (operation.includes(" /admin/")) return "admin";
  return operation.startsWith("GET ") ? "read" : "create";
}

/** Sends something that no operation takes: whoever is let in meets the schema, or finds nothing. */
async function tryOperation(program: Person, operation: string): Promise<{ status: number; code: string }> {
  const [method = "", path = ""] = operation.split(" ");
  const body = method === "GET" || method === "DELETE" ? {} : { body: { nonsense: true } };
  const answer = await program.send(method, path.replaceAll(/\{\w+\}/g, "x"), body);
  if (answer.headers.get("content-type") !== "application/problem+json") {
    await answer.body?.cancel();
    return { status: answer.status, code: "" };
  }
  return { status: answer.status, code: z.object({ code: z.string() }).parse(await answer.json()).code };
}

Deno.test("every operation of the document is open to the scopes that it names, and to no smaller one", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const { paths } = await operator.json(Document, 200, operator.get("/openapi.json"));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      operation: `${method.toUpperCase()} ${path.replace(/^\/api/, "")}`,
      security,
    }))
  );
  for (const named of [...OPEN, ...SESSION]) {
    assert(operations.some(({ operation }) => operation === named), `${named} is gone`);
  }
  const programs = await Promise.all(
    SCOPES.map(async (scope) => [scope, new Program(studio, (await makeToken(operator, { scope })).token)]),
  ) as [string, Program][];
  for (const { operation, security } of operations) {
    const wanted = wantedBy(operation);
    const said = security.find((one) => "token" in one)?.token?.[0] ?? (security.length ? "session" : "open");
    assertEquals([operation, said], [operation, wanted]);
    for (const [scope, program] of programs) {
      const rank = ["open", ...SCOPES, "session"];
      const { status, code } = await tryOperation(program, operation);
      const isRefused = code === "auth.scope";
      assertEquals([operation, scope, isRefused], [
        operation,
        scope,
        rank.indexOf(scope) < rank.indexOf(wanted),
      ]);
      if (isRefused) assertEquals(status, 403);
      else assert(status !== 401 && status < 500 && code !== "auth.operator_only", `${operation}: ${code}`);
    }
  }
});

Deno.test("no token opens registration, however the address is written", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const program = new Program(studio, (await makeToken(operator, { scope: "admin" })).token);
  for (const name of ["REGISTRATION", "REGISTR%41TION", "REGISTR%2541TION", "%52EGISTRATION"]) {
    const { status } = await program.send("PUT", `/admin/settings/${name}`, {
      body: { value: "open", rev: 0 },
    });
    assert(status === 403 || (status === 404 && name.includes("%25")), `${name}: ${status}`);
  }
  const other = await program.send("PUT", "/admin/settings/TRASH_DAYS", { body: { value: "7", rev: 0 } });
  assertEquals(other.status, 204);
});

Deno.test("a token is shown once, stored as a hash, known by its end, and seen by its owner alone", async () => {
  const studio = makeStudio();
  const [operator, mika] = [await signUp(studio, "op@example.org"), await signUpCreator(studio)];
  const made = await makeToken(mika, { name: " Night render ", scope: "create", days: 7 });
  assertMatch(made.token, /^anx_.{20,}$/);
  assertEquals([made.name, made.hint, made.state], ["Night render", made.token.slice(-4), "open"]);
  assertEquals(Date.parse(made.expiresAt) - Date.parse(made.createdAt), 7 * 86_400_000);
  assert(!JSON.stringify(studio.kept.tokens).includes(made.token));
  const list = await (await mika.get("/account/tokens")).text();
  assert(!list.includes(made.token) && list.includes("Night render"));
  assertEquals((await operator.json(Tokens, 200, operator.get("/account/tokens"))).items, []);
  await expectProblem(operator.send("DELETE", `/account/tokens/${made.id}`), 404, "request.not_found");
});

Deno.test("a token ends by its days, by being taken back, and rests while its account is closed", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  const [short, long] = [await makeToken(mika, { days: 1 }), await makeToken(mika, { days: 30 })];
  const [brief, program] = [new Program(studio, short.token), new Program(studio, long.token)];
  assertEquals([(await brief.get("/jobs")).status, (await program.get("/jobs")).status], [200, 200]);
  studio.clock.advance(86_400_000);
  await expectProblem(brief.get("/jobs"), 401, "auth.token");
  const { items } = await mika.json(Tokens, 200, mika.get("/account/tokens"));
  assertEquals(items.map(({ state, usedAt }) => [state, usedAt !== null]), [["open", true], [
    "expired",
    true,
  ]]);
  const close = (disabled: boolean) =>
    operator.post(`/admin/people/${studio.kept.accounts[1]?.id}`, { disabled });
  await close(true);
  await expectProblem(program.get("/jobs"), 401, "auth.token");
  await close(false);
  assertEquals((await program.get("/jobs")).status, 200);
  const again = new Person(studio);
  await again.post("/auth/login", { email: "mika@example.org", password: "correct horse battery" });
  assertEquals((await again.send("DELETE", `/account/tokens/${long.id}`)).status, 204);
  await expectProblem(program.get("/jobs"), 401, "auth.token");
});

Deno.test("a token never does more than its person: no operating by a creator, nor by one who was an operator", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const second = await signUpCreator(studio, "second@example.org");
  assertEquals(
    await expectProblem(
      second.post("/account/tokens", { name: "x", scope: "admin" }),
      422,
      "request.invalid",
    ),
    ["scope"],
  );
  const id = studio.kept.accounts[1]?.id;
  await operator.post(`/admin/people/${id}`, { role: "operator" });
  const program = new Program(studio, (await makeToken(second, { scope: "admin" })).token);
  assertEquals((await program.get("/admin/backends")).status, 200);
  await operator.post(`/admin/people/${id}`, { role: "creator" });
  await expectProblem(program.get("/admin/backends"), 403, "auth.operator_only");
});

Deno.test("[XC11] a token opens its person's own things and nobody else's", async () => {
  const studio = makeStudio();
  const [one, other] = [await signUpCreator(studio), await signUpCreator(studio, "other@example.org")];
  const WithId = z.looseObject({ id: z.string() });
  const project = await one.json(WithId, 201, one.post("/projects", { name: "Harbour" }));
  const own = new Program(studio, (await makeToken(one)).token);
  const foreign = new Program(studio, (await makeToken(other)).token);
  assertEquals((await own.get(`/projects/${project.id}`)).status, 200);
  await expectProblem(foreign.get(`/projects/${project.id}`), 404, "request.not_found");
});

Deno.test("wrong tokens are limited by place, and good ones from there are not", async () => {
  const studio = makeStudio();
  const mika = await signUpCreator(studio);
  const good = new Program(studio, (await makeToken(mika)).token, "10.0.0.7");
  let [wrong, limited] = [0, 0];
  for (let n = 0; n < 30; n++) {
    const answer = await new Program(studio, `anx_guess${n}`, "10.0.0.7").get("/jobs");
    if (answer.status === 401) wrong++;
    else if (answer.status === 429 && Number(answer.headers.get("retry-after")) > 0) limited++;
    await answer.body?.cancel();
  }
  assertEquals([wrong, limited], [20, 10]);
  assertEquals((await good.get("/jobs")).status, 200);
  await expectProblem(new Program(studio, "not-one-of-ours").get("/jobs"), 401, "auth.token");
});

Deno.test("[XC23] another site's page sends no token's request, and no cookie stands in for a bad token", async () => {
  const studio = makeStudio();
  const mika = await signUpCreator(studio);
  const { token } = await makeToken(mika, { scope: "create" });
  const program = new Program(studio, token);
  const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  await expectProblem(program.post("/projects", { name: "x" }, foreign), 403, "request.cross_site");
  assertEquals((await program.post("/projects", { name: "x" })).status, 201);
  await expectProblem(mika.get("/jobs", { authorization: "Bearer anx_wrong" }), 401, "auth.token");
});

Deno.test("a stream that a token began ends when the token is taken back", async () => {
  const studio = makeStudio();
  const mika = await signUpCreator(studio);
  const made = await makeToken(mika);
  const answer = await new Program(studio, made.token).get("/events");
  const reader = answer.body?.getReader();
  assert(reader);
  await reader.read();
  assertEquals((await mika.send("DELETE", `/account/tokens/${made.id}`)).status, 204);
  let isOver = false;
  const ended = (async () => {
    while (!(await reader.read()).done);
    isOver = true;
  })();
  while (!isOver) {
    studio.clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await ended;
});

Deno.test("what is wrong with a token is said by its field", async () => {
  const mika = await signUpCreator(makeStudio());
  const wrong = mika.post("/account/tokens", { name: " ", scope: "king", days: 0, extra: 1 });
  assertEquals((await expectProblem(wrong, 422, "request.invalid")).sort(), [
    "days",
    "extra",
    "name",
    "scope",
  ]);
});
