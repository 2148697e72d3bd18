/** Accounts and sessions: register, log in, log out, who am I, change the password. */
import { createRoute, z } from "@hono/zod-openapi";
import { networkOf } from "@/core/caller.ts";
import { fail } from "@/core/problem.ts";
import type { Api, Call } from "./env.ts";
import { REFUSALS } from "./problems.ts";
import { iso, Time } from "./schemas.ts";
import { endSession, requireUser, startSession } from "./session.ts";
import type { Account } from "./studio.ts";

const Email = z.string().trim().max(254).pipe(z.email("must be an e-mail address"));
const NewPassword = z.string().min(10, "must have at least 10 characters").max(
  200,
  "must have at most 200 characters",
);
/** Any text may be tried; whether it is right is all that is said. */
const TriedPassword = z.string().min(1, "must not be empty").max(1000);

const Person = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(["creator", "operator"]),
  createdAt: Time,
}).openapi("Person");

const Register = z.strictObject({
  email: Email,
  password: NewPassword,
  code: z.string().max(100).optional().openapi({
    description:
      "The one-time start code, for the first account of a studio that is reachable from elsewhere.",
  }),
}).openapi("Register");
const Login = z.strictObject({ email: z.string().min(1).max(1000), password: TriedPassword }).openapi(
  "Login",
);
const NewPasswordBody = z.strictObject({ current: TriedPassword, next: NewPassword }).openapi(
  "ChangePassword",
);

/**
 * Tries for one account from one place; for all accounts from one place, where many people may sit; and for one account
 * from all places that never got in. One place runs out of its own tries long before it uses up those of the account, and
 * who got in from a place before needs neither of the latter two: nobody is locked out by others elsewhere.
 */
const PER_ACCOUNT_AND_PLACE = { size: 10, refillMs: 60_000 };
const PER_PLACE = { size: 60, refillMs: 10_000 };
const PER_ACCOUNT = { size: 100, refillMs: 20_000 };
const REGISTRATIONS = { size: 20, refillMs: 60_000 };

const person = { 200: { description: "The person.", content: { "application/json": { schema: Person } } } };
const json = <S extends z.ZodType>(schema: S) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

export function addAuth(api: Api): void {
  const registerRoute = createRoute({
    method: "post",
    path: "/auth/register",
    tags: ["auth"],
    summary: "Make an account; the first one becomes operator.",
    request: json(Register),
    responses: {
      201: { description: "The new person.", content: { "application/json": { schema: Person } } },
      ...REFUSALS,
    },
  });
  api.openapi(registerRoute, async (c) => {
    const account = await register(c, c.req.valid("json"));
    await startSession(c, account);
    return c.json(showPerson(account), 201);
  });

  const loginRoute = createRoute({
    method: "post",
    path: "/auth/login",
    tags: ["auth"],
    summary: "Start a session.",
    request: json(Login),
    responses: { ...person, ...REFUSALS },
  });
  api.openapi(loginRoute, async (c) => {
    const { email, password } = c.req.valid("json");
    const account = await checkLogin(c, email.trim().toLowerCase(), password);
    await startSession(c, account);
    return c.json(showPerson(account), 200);
  });

  const logoutRoute = createRoute({
    method: "post",
    path: "/auth/logout",
    tags: ["auth"],
    summary: "End the session.",
    responses: { 204: { description: "Done." }, ...REFUSALS },
  });
  api.openapi(logoutRoute, async (c) => {
    await endSession(c);
    return c.body(null, 204);
  });

  const meRoute = createRoute({
    method: "get",
    path: "/auth/me",
    tags: ["auth"],
    summary: "Who is signed in.",
    responses: { ...person, ...REFUSALS },
  });
  api.openapi(meRoute, (c) => c.json(showPerson(requireUser(c)), 200));

  addPassword(api);
}

function addPassword(api: Api): void {
  const passwordRoute = createRoute({
    method: "post",
    path: "/auth/password",
    tags: ["auth"],
    summary: "Change the password; every other session ends.",
    request: json(NewPasswordBody),
    responses: { 204: { description: "Changed." }, ...REFUSALS },
  });
  api.openapi(passwordRoute, async (c) => {
    const user = requireUser(c);
    const { current, next } = c.req.valid("json");
    await checkLogin(c, user.email.toLowerCase(), current);
    const { studio } = c.env;
    await studio.accounts.setPassword(user.id, await studio.passwords.hash(next));
    await studio.sessions.removeOthers(user.id, await startSession(c, user));
    return c.body(null, 204);
  });
}

async function register(c: Call, asked: z.infer<typeof Register>): Promise<Account> {
  const { studio } = c.env;
  const { registration, startCode } = studio.settings;
  limit(c, `register:${networkOf(c.env.address)}`, REGISTRATIONS);
  const isFirst = await studio.accounts.count() === 0;
  if (isFirst && startCode !== null && asked.code !== startCode) {
    throw fail("auth.code_needed", {
      fields: [{ path: "code", message: "The start code is missing or wrong." }],
    });
  }
  if (!isFirst && registration === "closed") throw fail("auth.closed");
  const account: Account = {
    id: studio.ids.uuid7(),
    email: asked.email,
    passwordHash: await studio.passwords.hash(asked.password),
    role: isFirst ? "operator" : "creator",
    createdAt: studio.clock.now(),
  };
  const result = await studio.accounts.create(account, isFirst ? "first" : "later");
  if (result === "created") return account;
  if (result === "email_taken") {
    throw fail("auth.email_taken", { fields: [{ path: "email", message: "This address has an account." }] });
  }
  // Someone else was first meanwhile.
  if (registration === "closed") throw fail("auth.closed");
  const later: Account = { ...account, role: "creator" };
  const again = await studio.accounts.create(later, "later");
  if (again === "created") return later;
  throw fail("auth.email_taken", { fields: [{ path: "email", message: "This address has an account." }] });
}

/** One answer for an unknown address and a wrong password, after the same work. */
async function checkLogin(c: Call, email: string, password: string): Promise<Account> {
  const { studio } = c.env;
  const place = networkOf(c.env.address);
  const here = `${studio.hashText(email)} ${place}`;
  if (!studio.limiter.isTrusted(here)) limit(c, `place:${place}`, PER_PLACE);
  limit(c, `here:${here}`, PER_ACCOUNT_AND_PLACE);
  if (!studio.limiter.isTrusted(here)) limit(c, `account:${studio.hashText(email)}`, PER_ACCOUNT);
  const account = await studio.accounts.findByEmail(email);
  const right = account === null
    ? await studio.passwords.refuse(password)
    : await studio.passwords.verify(password, account.passwordHash);
  if (account === null || !right) throw fail("auth.wrong");
  studio.limiter.clear(`here:${here}`);
  studio.limiter.trust(here);
  return account;
}

function limit(c: Call, key: string, bucket: { size: number; refillMs: number }): void {
  const waitMs = c.env.studio.limiter.take(key, bucket);
  if (waitMs > 0) throw fail("request.rate_limited", { retryAfterMs: waitMs });
}

function showPerson(account: Account): z.infer<typeof Person> {
  const { id, email, role, createdAt } = account;
  return { id, email, role, createdAt: iso(createdAt) };
}
