/** A way back in for who forgot the password: a link from an operator, good for a day and for one new password. */
import { createRoute, z } from "@hono/zod-openapi";
import { networkOf } from "@/core/caller.ts";
import { newPasswordPath, sealedText } from "@/core/new_password.ts";
import { fail } from "@/core/problem.ts";
import type { PasswordLink } from "@/core/shown.ts";
import { json, limit, NewPassword, Person, showPerson } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { refusals } from "./problems.ts";
import { idOf, iso, Time } from "./schemas.ts";
import { byOf, requireOperator, startSession } from "./session.ts";
import type { Account } from "./studio.ts";

const Link = z.object({
  url: z.string().openapi({ description: "Shown this once and never again." }),
  email: z.string(),
  expiresAt: Time,
}).openapi("PasswordLink");
const Token = z.string().max(300).openapi({ description: "The token of a link." });
const Choose = z.strictObject({ token: Token, password: NewPassword }).openapi("NewPassword");

const TRIES = { size: 20, refillMs: 60_000 };

export function addNewPassword(api: Api): void {
  const make = createRoute({
    method: "post",
    path: "/admin/people/{id}/password-link",
    tags: ["admin"],
    summary: "A link with which a person chooses a new password. It ends with the next password.",
    request: { params: z.strictObject({ id: z.string().max(100) }) },
    responses: {
      201: { description: "The link.", content: { "application/json": { schema: Link } } },
    },
  });
  api.openapi(make, async (c) => {
    requireOperator(c);
    const account = await c.env.studio.accounts.find(idOf(c.req.valid("param").id));
    if (account === null || account.disabledAt !== null) throw fail("request.not_found");
    const link = makeLink(c, account);
    const after = { expiresAt: link.expiresAt };
    const entry = { action: "person.password_link", subject: account.id, before: null, after } as const;
    await c.env.studio.audit.note(entry, byOf(c));
    return c.json(link, 201);
  });

  const whose = createRoute({
    method: "get",
    path: "/auth/new-password",
    tags: ["auth"],
    summary: "Whose password a link changes.",
    request: { query: z.strictObject({ token: Token.default("") }) },
    responses: {
      200: {
        description: "The address.",
        content: { "application/json": { schema: z.object({ email: z.string() }) } },
      },
      ...refusals(403),
    },
  });
  api.openapi(whose, async (c) => {
    const { email } = await accountOf(c, c.req.valid("query").token);
    return c.json({ email }, 200);
  });

  const choose = createRoute({
    method: "post",
    path: "/auth/new-password",
    tags: ["auth"],
    summary: "Choose a new password by a link. Every other session ends, and one starts here.",
    request: json(Choose),
    responses: {
      200: { description: "The person.", content: { "application/json": { schema: Person } } },
    },
  });
  api.openapi(choose, async (c) => {
    const { token, password } = c.req.valid("json");
    const account = await accountOf(c, token);
    const { studio } = c.env;
    await studio.accounts.setPassword(account.id, await studio.passwords.hash(password));
    await studio.sessions.removeOthers(account.id, await startSession(c, account));
    return c.json(showPerson(account), 200);
  });
}

function makeLink(c: Call, account: Account): PasswordLink {
  const { clock, hashToken, settings } = c.env.studio;
  const { path, expiresAt } = newPasswordPath(account, { now: clock.now(), hashToken });
  const { href } = new URL(path, settings.publicUrl || c.req.url);
  return { url: href, email: account.email, expiresAt: iso(expiresAt) };
}

async function accountOf(c: Call, token: string): Promise<Account> {
  const { studio } = c.env;
  limit(c, `new-password:${networkOf(c.env.address)}`, TRIES);
  const [id = "", end = "", seal = ""] = token.split(".");
  const account = await studio.accounts.find(id);
  const isOpen = account !== null && account.disabledAt === null && Number(end) > studio.clock.now();
  // Hashes are compared, so that the time it takes tells nothing of the seal.
  if (
    !isOpen || studio.hashText(seal) !== studio.hashText(studio.hashToken(sealedText(account, Number(end))))
  ) {
    throw fail("auth.link_gone");
  }
  return account;
}
