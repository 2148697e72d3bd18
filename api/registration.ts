/** How accounts come to be: the first with the start code, later ones freely or by an invitation. */
import { createRoute, z } from "@hono/zod-openapi";
import { networkOf } from "@/core/caller.ts";
import { fail } from "@/core/problem.ts";
import type { ShownRegistration } from "@/core/shown.ts";
import { json, limit, NewPassword, Person, showPerson } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { refusals } from "./problems.ts";
import { iso, Time } from "./schemas.ts";
import { startSession } from "./session.ts";
import type { Account, Entrance, Invitation } from "./studio.ts";

const Email = z.string().trim().max(254).pipe(z.email("must be an e-mail address"));
const Invite = z.string().min(1).max(200).openapi({ description: "The token of an invitation." });

const Register = z.strictObject({
  email: Email,
  password: NewPassword,
  code: z.string().max(100).optional().openapi({
    description:
      "The one-time start code, for the first account of a studio that is reachable from elsewhere.",
  }),
  invite: Invite.optional(),
}).openapi("Register");

const Registration = z.object({
  state: z.enum(["first", "open", "invited", "closed"]).openapi({
    description: "`first`: the account becomes the operator's. `invited`: by the invitation that was named.",
  }),
  codeNeeded: z.boolean(),
  invitation: z.object({ role: z.enum(["creator", "operator"]), expiresAt: Time }).nullable(),
  invitationGone: z.boolean().openapi({ description: "An invitation was named, and it lets nobody in." }),
}).openapi("Registration");

const REGISTRATIONS = { size: 20, refillMs: 60_000 };

export function addRegistration(api: Api): void {
  const stateRoute = createRoute({
    method: "get",
    path: "/auth/registration",
    tags: ["auth"],
    summary: "Whether and how an account can be made now.",
    request: { query: z.strictObject({ invite: Invite.optional() }) },
    responses: {
      200: { description: "The state.", content: { "application/json": { schema: Registration } } },
    },
  });
  api.openapi(stateRoute, async (c) => c.json(await readRegistration(c, c.req.valid("query").invite), 200));

  const registerRoute = createRoute({
    method: "post",
    path: "/auth/register",
    tags: ["auth"],
    summary: "Make an account; the first one becomes operator.",
    request: json(Register),
    responses: {
      201: { description: "The new person.", content: { "application/json": { schema: Person } } },
      ...refusals(409),
    },
  });
  api.openapi(registerRoute, async (c) => {
    const account = await register(c, c.req.valid("json"));
    await startSession(c, account);
    return c.json(showPerson(account), 201);
  });
}

async function readRegistration(c: Call, token: string | undefined): Promise<ShownRegistration> {
  const { studio } = c.env;
  if (await studio.accounts.count() === 0) {
    const codeNeeded = studio.settings.startCode !== null;
    return { state: "first", codeNeeded, invitation: null, invitationGone: false };
  }
  const open = await findOpen(c, token);
  const otherwise = studio.settings.registration;
  return {
    state: open ? "invited" : otherwise,
    codeNeeded: false,
    invitation: open ? { role: open.role, expiresAt: iso(open.expiresAt) } : null,
    invitationGone: token !== undefined && open === null,
  };
}

async function findOpen(c: Call, token: string | undefined): Promise<Invitation | null> {
  if (token === undefined) return null;
  const { studio } = c.env;
  const found = await studio.invitations.find(studio.hashToken(token));
  return found !== null && found.usedAt === null && found.expiresAt > studio.clock.now() ? found : null;
}

async function register(c: Call, asked: z.infer<typeof Register>): Promise<Account> {
  const { studio } = c.env;
  limit(c, `register:${networkOf(c.env.address)}`, REGISTRATIONS);
  const isFirst = await studio.accounts.count() === 0;
  if (isFirst) checkCode(c, asked.code);
  const invitation = isFirst ? null : await findOpen(c, asked.invite);
  if (!isFirst && invitation === null) refuseStrangers(c, asked.invite);
  const account: Account = {
    id: studio.ids.uuid7(),
    email: asked.email,
    passwordHash: await studio.passwords.hash(asked.password),
    role: isFirst ? "operator" : invitation?.role ?? "creator",
    createdAt: studio.clock.now(),
    disabledAt: null,
  };
  const made = await create(c, account, isFirst ? "first" : entranceOf(invitation));
  if (made) return account;
  // Someone else was first meanwhile.
  refuseStrangers(c, asked.invite);
  const later: Account = { ...account, role: "creator" };
  if (await create(c, later, "later")) return later;
  throw fail("request.conflict");
}

function entranceOf(invitation: Invitation | null): Entrance {
  return invitation === null ? "later" : { invitation: invitation.tokenHash };
}

/** False when the account would have been the first, and is not. */
async function create(c: Call, account: Account, as: Entrance): Promise<boolean> {
  const result = await c.env.studio.accounts.create(account, as);
  if (result === "created") return true;
  if (result === "not_first") return false;
  if (result === "invitation_gone") throw fail("auth.invitation_gone");
  throw fail("auth.email_taken", { fields: [{ path: "email", message: "This address has an account." }] });
}

function checkCode(c: Call, code: string | undefined): void {
  const { startCode } = c.env.studio.settings;
  if (startCode === null || code?.trim() === startCode) return;
  throw fail("auth.code_needed", {
    fields: [{ path: "code", message: "The start code is missing or wrong." }],
  });
}

/** A dead link is said to be dead, even where registration is open to everybody. */
function refuseStrangers(c: Call, invite: string | undefined): void {
  if (invite !== undefined) throw fail("auth.invitation_gone");
  if (c.env.studio.settings.registration === "closed") throw fail("auth.closed");
}
