/** A person's own account: where it is signed in, what new films start from, and its end. */
import { createRoute, z } from "@hono/zod-openapi";
import { DEFAULTS } from "@/core/account.ts";
import { fail } from "@/core/problem.ts";
import type { ShownSession } from "@/core/shown.ts";
import { json, requirePassword, TriedPassword } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { FrameRate, NegativePrompt, Side } from "./job_schemas.ts";
import { failField, refusals } from "./problems.ts";
import { iso, Time } from "./schemas.ts";
import { forgetSession, requireUser } from "./session.ts";
import type { Session } from "./studio.ts";

const SessionItem = z.object({
  id: z.string(),
  current: z.boolean().openapi({ description: "The session that asks." }),
  address: z.string(),
  agent: z.string().openapi({ description: "What the browser calls itself." }),
  createdAt: Time,
  seenAt: Time,
  expiresAt: Time,
}).openapi("Session");

const Defaults = z.strictObject({
  engine: z.enum(["auto", "draft"], "must be auto or draft").default("auto"),
  preset: z.string().min(1).max(64).nullable().default(null),
  size: z.strictObject({ width: Side, height: Side }).nullable().default(null),
  frameRate: FrameRate.default("template"),
  negativePrompt: NegativePrompt.default(""),
  notify: z.boolean().default(false),
  sound: z.boolean().default(false),
}).openapi("Defaults");

const Leave = z.strictObject({
  password: TriedPassword,
  confirm: z.string().max(300).openapi({ description: "The e-mail address of the account." }),
}).openapi("LeaveStudio");

const done = { 204: { description: "Done." } };

export function addAccount(api: Api): void {
  addSessions(api);
  addDefaults(api);
  const leave = createRoute({
    method: "post",
    path: "/account/delete",
    tags: ["account"],
    summary: "Delete the account and everything in it. Running jobs are cancelled. There is no way back.",
    request: json(Leave),
    responses: { ...done, ...refusals(409) },
  });
  api.openapi(leave, async (c) => {
    const user = requireUser(c);
    const { password, confirm } = c.req.valid("json");
    if (confirm.trim().toLowerCase() !== user.email.toLowerCase()) {
      throw failField("confirm", "This is not the e-mail address of this account.");
    }
    await requirePassword(c, "password", password);
    if (await c.env.studio.accounts.leave(user.id) === "last_operator") throw fail("account.last_operator");
    forgetSession(c);
    return c.body(null, 204);
  });
}

function addSessions(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/account/sessions",
    tags: ["account"],
    summary: "Where this account is signed in, newest sight first.",
    responses: {
      200: {
        description: "The sessions.",
        content: { "application/json": { schema: z.object({ items: z.array(SessionItem) }) } },
      },
    },
  });
  api.openapi(list, async (c) => c.json({ items: await listSessions(c) }, 200));

  const endOne = createRoute({
    method: "delete",
    path: "/account/sessions/{id}",
    tags: ["account"],
    summary: "End one session.",
    request: { params: z.strictObject({ id: z.string().max(100) }) },
    responses: done,
  });
  api.openapi(endOne, async (c) => {
    const { id } = c.req.valid("param");
    const sessions = await c.env.studio.sessions.list(requireUser(c).id);
    const found = sessions.find((session) => idOfSession(c, session) === id);
    if (found === undefined) throw fail("request.not_found");
    await c.env.studio.sessions.remove(found.tokenHash);
    if (found.tokenHash === c.get("tokenHash")) forgetSession(c);
    return c.body(null, 204);
  });

  const endOthers = createRoute({
    method: "delete",
    path: "/account/sessions",
    tags: ["account"],
    summary: "End every session but this one.",
    responses: done,
  });
  api.openapi(endOthers, async (c) => {
    await c.env.studio.sessions.removeOthers(requireUser(c).id, c.get("tokenHash") ?? "");
    return c.body(null, 204);
  });
}

function addDefaults(api: Api): void {
  const answer = {
    200: { description: "The defaults.", content: { "application/json": { schema: Defaults } } },
  };
  const read = createRoute({
    method: "get",
    path: "/account/defaults",
    tags: ["account"],
    summary: "What a new film starts from.",
    responses: answer,
  });
  api.openapi(
    read,
    async (c) => c.json(await c.env.studio.accounts.defaults(requireUser(c).id) ?? DEFAULTS, 200),
  );
  const save = createRoute({
    method: "post",
    path: "/account/defaults",
    tags: ["account"],
    summary: "Save what a new film starts from; what is left out goes back to how it was made.",
    request: json(Defaults),
    responses: answer,
  });
  api.openapi(save, async (c) => {
    const defaults = c.req.valid("json");
    await c.env.studio.accounts.saveDefaults(requireUser(c).id, defaults);
    return c.json(defaults, 200);
  });
}

export async function listSessions(c: Call): Promise<ShownSession[]> {
  const sessions = await c.env.studio.sessions.list(requireUser(c).id);
  return sessions.map((session) => showSession(c, session));
}

/** A name for a session that opens nothing. */
function idOfSession(c: Call, session: Session): string {
  return c.env.studio.hashText(session.tokenHash).slice(0, 32);
}

function showSession(c: Call, session: Session): ShownSession {
  const { address, agent, createdAt, seenAt, expiresAt } = session;
  return {
    id: idOfSession(c, session),
    current: session.tokenHash === c.get("tokenHash"),
    address,
    agent,
    createdAt: iso(createdAt),
    seenAt: iso(seenAt),
    expiresAt: iso(expiresAt),
  };
}
