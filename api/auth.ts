/** Sessions by password: log in, log out, who am I, change the password. */
import { createRoute, z } from "@hono/zod-openapi";
import { networkOf } from "@/core/caller.ts";
import { fail } from "@/core/problem.ts";
import type { ShownPerson } from "@/core/shown.ts";
import type { Api, Call } from "./env.ts";
import { failField } from "./problems.ts";
import { iso, Time } from "./schemas.ts";
import { endSession, requireUser, startSession } from "./session.ts";
import type { Account } from "./studio.ts";

export const NewPassword = z.string().min(10, "must have at least 10 characters").max(
  200,
  "must have at most 200 characters",
);
/** Any text may be tried; whether it is right is all that is said. */
export const TriedPassword = z.string().min(1, "must not be empty").max(1000);

export const Person = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(["creator", "operator"]),
  createdAt: Time,
}).openapi("Person");

const Login = z.strictObject({
  email: z.string().min(1, "must not be empty").max(1000),
  password: TriedPassword,
})
  .openapi("Login");
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

const person = { 200: { description: "The person.", content: { "application/json": { schema: Person } } } };
export const json = <S extends z.ZodType>(schema: S) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

export function addAuth(api: Api): void {
  const loginRoute = createRoute({
    method: "post",
    path: "/auth/login",
    tags: ["auth"],
    summary: "Start a session.",
    request: json(Login),
    responses: { ...person },
  });
  api.openapi(loginRoute, async (c) => {
    const { email, password } = c.req.valid("json");
    const account = await checkPassword(c, email, password);
    if (account === null) throw fail("auth.wrong");
    if (account.disabledAt !== null) throw fail("auth.disabled");
    await startSession(c, account);
    return c.json(showPerson(account), 200);
  });

  const logoutRoute = createRoute({
    method: "post",
    path: "/auth/logout",
    tags: ["auth"],
    summary: "End the session.",
    responses: { 204: { description: "Done." } },
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
    responses: { ...person },
  });
  api.openapi(meRoute, (c) => c.json(showPerson(requireUser(c)), 200));

  const passwordRoute = createRoute({
    method: "post",
    path: "/auth/password",
    tags: ["auth"],
    summary: "Change the password; every other session ends.",
    request: json(NewPasswordBody),
    responses: { 204: { description: "Changed." } },
  });
  api.openapi(passwordRoute, async (c) => {
    const user = requireUser(c);
    const { current, next } = c.req.valid("json");
    await requirePassword(c, "current", current);
    const { studio } = c.env;
    await studio.accounts.setPassword(user.id, await studio.passwords.hash(next));
    await studio.sessions.removeOthers(user.id, await startSession(c, user));
    return c.body(null, 204);
  });
}

/** For what only the person themself may do: the password again, in this field of the request. */
export async function requirePassword(c: Call, field: string, password: string): Promise<void> {
  if (await checkPassword(c, requireUser(c).email, password) === null) {
    throw failField(field, "This is not your password.");
  }
}

/** Null for an unknown address and a wrong password alike, after the same work. */
async function checkPassword(c: Call, typed: string, password: string): Promise<Account | null> {
  const { studio } = c.env;
  const email = typed.trim().toLowerCase();
  const place = networkOf(c.env.address);
  const here = `${studio.hashText(email)} ${place}`;
  if (!studio.limiter.isTrusted(here)) limit(c, `place:${place}`, PER_PLACE);
  limit(c, `here:${here}`, PER_ACCOUNT_AND_PLACE);
  if (!studio.limiter.isTrusted(here)) limit(c, `account:${studio.hashText(email)}`, PER_ACCOUNT);
  const account = await studio.accounts.findByEmail(email);
  const right = account === null
    ? await studio.passwords.refuse(password)
    : await studio.passwords.verify(password, account.passwordHash);
  if (account === null || !right) return null;
  studio.limiter.clear(`here:${here}`);
  studio.limiter.trust(here);
  return account;
}

export function limit(c: Call, key: string, bucket: { size: number; refillMs: number }): void {
  const waitMs = c.env.studio.limiter.take(key, bucket);
  if (waitMs > 0) throw fail("request.rate_limited", { retryAfterMs: waitMs });
}

export function showPerson(account: Account): ShownPerson {
  const { id, email, role, createdAt } = account;
  return { id, email, role, createdAt: iso(createdAt) };
}
