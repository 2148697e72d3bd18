/** Who may be here: invitations, roles, and accounts that an operator closes. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { animateBody, expectProblem, makeJob, PASSWORD, Person, signUp, signUpCreator } from "./client.ts";
import { limitsOf } from "./fake_quotas.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Invitation = z.object({
  id: z.string(),
  note: z.string(),
  role: z.string(),
  state: z.enum(["open", "used", "expired"]),
  usedBy: z.string().nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
const Made = Invitation.extend({ url: z.string() });
const Invitations = z.object({ items: z.array(Invitation.strict()) });
const Member = z.looseObject({
  id: z.string(),
  email: z.string(),
  role: z.string(),
  disabledAt: z.string().nullable(),
});
const People = z.object({ items: z.array(Member) });
const Registration = z.object({
  state: z.string(),
  codeNeeded: z.boolean(),
  invitation: z.looseObject({ role: z.string() }).nullable(),
  invitationGone: z.boolean(),
});

async function invite(operator: Person, body: Record<string, unknown> = {}) {
  const made = await operator.json(Made, 201, operator.post("/admin/invitations", body));
  return { ...made, token: new URL(made.url).searchParams.get("invite") ?? "" };
}

function register(studio: FakeStudio, body: Record<string, unknown>): Promise<Response> {
  return new Person(studio).post("/auth/register", {
    email: "mika@example.org",
    password: PASSWORD,
    ...body,
  });
}

function readState(studio: FakeStudio, query = "") {
  const stranger = new Person(studio);
  return stranger.json(Registration, 200, stranger.get(`/auth/registration${query}`));
}

Deno.test("an invitation makes one account while registration is closed, and then is worth nothing", async () => {
  const studio = makeStudio({ registration: "closed", publicUrl: "https://studio.example" });
  const operator = await signUp(studio, "op@example.org");
  await expectProblem(register(studio, {}), 403, "auth.closed");
  const made = await invite(operator, { note: "Mika, camera", role: "operator" });
  assertMatch(made.url, /^https:\/\/studio\.example\/register\?invite=.{20,}$/);
  assertEquals((await readState(studio, `?invite=${made.token}`)).invitation?.role, "operator");
  const taken = register(studio, { email: "op@example.org", invite: made.token });
  await expectProblem(taken, 409, "auth.email_taken");
  const entered = await register(studio, { invite: made.token });
  assertEquals(entered.status, 201, await entered.text());
  assertEquals(studio.kept.accounts.map(({ role }) => role), ["operator", "operator"]);
  await expectProblem(
    register(studio, { email: "second@example.org", invite: made.token }),
    403,
    "auth.invitation_gone",
  );
  const { items: [listed] } = await operator.json(Invitations, 200, operator.get("/admin/invitations"));
  assertEquals([listed?.state, listed?.usedBy, listed?.note], ["used", "mika@example.org", "Mika, camera"]);
});

Deno.test("two people with one link get one account", async () => {
  const studio = makeStudio({ registration: "closed" });
  const operator = await signUp(studio, "op@example.org");
  const { token } = await invite(operator);
  const answers = await Promise.all(
    ["a", "b", "c"].map((name) => register(studio, { email: `${name}@example.org`, invite: token })),
  );
  assertEquals(answers.map(({ status }) => status).sort(), [201, 403, 403]);
  assertEquals(studio.kept.accounts.length, 2);
});

Deno.test("an invitation ends by its days and by being taken back", async () => {
  const studio = makeStudio({ registration: "closed" });
  const operator = await signUp(studio, "op@example.org");
  const [short, long] = [await invite(operator, { days: 1 }), await invite(operator, { days: 30 })];
  studio.clock.advance(86_400_000);
  await expectProblem(register(studio, { invite: short.token }), 403, "auth.invitation_gone");
  const again = new Person(studio);
  again.cookie = operator.cookie;
  const { items } = await again.json(Invitations, 200, again.get("/admin/invitations"));
  assertEquals(items.map(({ state }) => state), ["open", "expired"]);
  assertEquals((await operator.send("DELETE", `/admin/invitations/${long.id}`)).status, 204);
  await expectProblem(register(studio, { invite: long.token }), 403, "auth.invitation_gone");
  await expectProblem(
    operator.send("DELETE", `/admin/invitations/${long.id}`),
    404,
    "request.not_found",
  );
  assertEquals(await readState(studio, `?invite=${long.token}`), {
    state: "closed",
    codeNeeded: false,
    invitation: null,
    invitationGone: true,
  });
});

Deno.test("a token is stored under a hash and shown once", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const { token } = await invite(operator);
  assert(!JSON.stringify(studio.kept.invitations).includes(token));
  assert(!(await (await operator.get("/admin/invitations")).text()).includes(token));
});

Deno.test("what is wrong with an invitation is said by its field", async () => {
  const operator = await signUp(makeStudio(), "op@example.org");
  const wrong = operator.post("/admin/invitations", {
    note: "x".repeat(201),
    role: "king",
    days: 0,
    extra: 1,
  });
  assertEquals((await expectProblem(wrong, 422, "request.invalid")).sort(), [
    "days",
    "extra",
    "note",
    "role",
  ]);
});

Deno.test("strangers learn how an account can be made", async () => {
  const fresh = makeStudio({ startCode: "ABCD-EFGH-JKMN" });
  const none = { invitation: null, invitationGone: false };
  assertEquals(await readState(fresh), { state: "first", codeNeeded: true, ...none });
  const open = makeStudio();
  await signUp(open, "op@example.org");
  assertEquals(await readState(open), { state: "open", codeNeeded: false, ...none });
});

Deno.test("a closed account is signed out at once, cannot sign in, and is told so only for its password", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio);
  const { items } = await operator.json(People, 200, operator.get("/admin/people"));
  assertEquals(items.map(({ email, role }) => [email, role]), [["op@example.org", "operator"], [
    "mika@example.org",
    "creator",
  ]]);
  const mika = `/admin/people/${items[1]?.id}`;
  const closed = await operator.json(Member, 200, operator.post(mika, { disabled: true }));
  assert(closed.disabledAt !== null);
  await expectProblem(creator.get("/auth/me"), 401, "auth.required");
  const login = (password: string) =>
    new Person(studio).post("/auth/login", { email: "mika@example.org", password });
  await expectProblem(login(PASSWORD), 403, "auth.disabled");
  await expectProblem(login("wrong password"), 401, "auth.wrong");
  const opened = await operator.json(Member, 200, operator.post(mika, { disabled: false }));
  assertEquals(opened.disabledAt, null);
  assertEquals((await login(PASSWORD)).status, 200);
});

Deno.test("an operator limits how many films of a person wait or are under way, and lifts the limit", async () => {
  const studio = makeStudio({ limits: limitsOf(2) });
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  const path = `/admin/people/${studio.kept.accounts[1]?.id}`;
  const limit = (jobsMax: number | null) => operator.json(Member, 200, operator.post(path, { jobsMax }));
  assertEquals((await limit(1)).jobsMax, 1);
  await makeJob(mika);
  await expectProblem(mika.post("/jobs", await animateBody(mika)), 429, "job.queue_full");
  assertEquals((await limit(null)).jobsMax, null);
  await makeJob(mika);
  await expectProblem(mika.post("/jobs", await animateBody(mika)), 429, "job.queue_full");
  assertEquals((await limit(3)).jobsMax, 3);
  await makeJob(mika);
  const wrong = operator.post(path, { jobsMax: -1 });
  assertEquals(await expectProblem(wrong, 422, "request.invalid"), ["jobsMax"]);
});

Deno.test("roles change at once, and the last operator stays one", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio);
  const [first, second] = studio.kept.accounts;
  await expectProblem(creator.get("/admin/people"), 403, "auth.operator_only");
  await expectProblem(
    creator.post(`/admin/people/${second?.id}`, { role: "operator" }),
    403,
    "auth.operator_only",
  );
  await expectProblem(
    operator.post(`/admin/people/${first?.id}`, { role: "creator" }),
    409,
    "account.last_operator",
  );
  await operator.json(Member, 200, operator.post(`/admin/people/${second?.id}`, { role: "operator" }));
  assertEquals((await creator.get("/admin/people")).status, 200);
  await expectProblem(
    operator.post("/admin/people/01990000-0000-7000-8000-00000000ffff", { role: "creator" }),
    404,
    "request.not_found",
  );
  assertEquals(await expectProblem(operator.post(`/admin/people/${first?.id}`, {}), 422, "request.invalid"), [
    "",
  ]);
});

Deno.test("two operators who change one person: the second is told, and nothing is written over", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  await signUpCreator(studio, "mika@example.org");
  const Seen = z.object({
    items: z.array(
      z.looseObject({ id: z.string(), rev: z.int(), jobsMax: z.int().nullable(), open: z.int() }),
    ),
    usual: z.looseObject({ jobsMax: z.int().nullable() }),
  });
  const look = async () => await operator.json(Seen, 200, operator.get("/admin/people"));
  const { items: [, mika], usual } = await look();
  assert(mika && usual.jobsMax !== null);
  const change = (body: unknown) => operator.post(`/admin/people/${mika.id}`, body);
  assertEquals((await change({ jobsMax: 3, rev: mika.rev })).status, 200);
  await expectProblem(change({ jobsMax: 9, rev: mika.rev }), 409, "request.conflict");
  const [, now] = (await look()).items;
  assertEquals([now?.jobsMax, now?.rev], [3, mika.rev + 1]);
  await expectProblem(change({ rev: mika.rev + 1 }), 422, "request.invalid");
});
