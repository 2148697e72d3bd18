/** Who is asking: reads the session or the token, and refuses state changes that another site started. */
import type { MiddlewareHandler } from "hono";
import type { By } from "@/core/audit.ts";
import { networkOf } from "@/core/caller.ts";
import { changesNothing, isOwnOrigin } from "@/core/origin.ts";
import { fail } from "@/core/problem.ts";
import { agentOf, bearerOf, SESSION_DAYS, sessionCookie, whoAsks } from "@/core/session.ts";
import { isEnough, needOf, TOKEN_MARK } from "@/core/tokens.ts";
import type { Call, Env, Key } from "./env.ts";
import type { Account, Studio } from "./studio.ts";

/** Tries with tokens that are none, from one place. Good tokens cost nothing, so nobody is locked out by others there. */
const BAD_TOKENS = { size: 20, refillMs: 5000 };

/** Looks the session or the token up once per request. Pages ask as the person they are drawn for. */
export const readSession: MiddlewareHandler<Env> = async (c, next) => {
  const { studio, address, asker } = c.env;
  const { headers } = c.req.raw;
  const token = asker ? null : bearerOf(headers);
  if (token === null) {
    const { user, tokenHash } = asker ?? await whoAsks(studio, { headers, address });
    c.set("user", user);
    c.set("tokenHash", tokenHash);
    c.set("key", null);
  } else {
    const { user, key } = await whoseToken(c, token);
    c.set("user", user);
    c.set("tokenHash", null);
    c.set("key", key);
  }
  await next();
};

async function whoseToken(c: Call, token: string): Promise<{ user: Account; key: Key }> {
  const { studio, address } = c.env;
  const hash = studio.hashToken(token);
  const found = token.startsWith(TOKEN_MARK) ? await findKey(studio, hash) : null;
  if (found === null) {
    const waitMs = studio.limiter.take(`token:${networkOf(address)}`, BAD_TOKENS);
    if (waitMs > 0) throw fail("request.rate_limited", { retryAfterMs: waitMs });
    throw fail("auth.token");
  }
  return found;
}

/** Null for a token that is not good, and for one of an account that is closed. */
async function findKey(studio: Studio, hash: string): Promise<{ user: Account; key: Key } | null> {
  const found = await studio.tokens.use(hash);
  const user = found && await studio.accounts.find(found.userId);
  if (!found || !user || user.disabledAt !== null) return null;
  return { user, key: { id: found.id, hash, scope: found.scope } };
}

/** Whether whoever began this request would still be let in: for answers that go on for long. */
export function isStillIn(c: Call): () => Promise<boolean> {
  const { studio } = c.env;
  const [tokenHash, key] = [c.get("tokenHash"), c.get("key")];
  if (key) return async () => await findKey(studio, key.hash) !== null;
  return async () => tokenHash !== null && await studio.sessions.find(tokenHash) !== null;
}

const FOR_USERS =
  /^\/api\/(account|assets|jobs|library|modes|presets|projects|shares|webhooks|events|auth\/me|auth\/password)(\/|$)/;
const FOR_OPERATORS = /^\/api\/admin(\/|$)/;

/** Strangers learn nothing of a route, not even which fields it wants. */
export const guardRoutes: MiddlewareHandler<Env> = async (c, next) => {
  if (FOR_OPERATORS.test(c.req.path)) requireOperator(c);
  else if (FOR_USERS.test(c.req.path)) requireUser(c);
  const key = c.get("key");
  if (key && !isEnough(key.scope, needOf(c.req.method, c.req.path))) throw fail("auth.scope");
  await next();
};

export function requireUser(c: Call): Account {
  const user = c.get("user");
  if (user === null || user === undefined) throw fail("auth.required");
  return user;
}

export function requireOperator(c: Call): Account {
  const user = requireUser(c);
  if (user.role !== "operator") throw fail("auth.operator_only");
  return user;
}

/** Whoever changes something, for the audit log. */
export function byOf(c: Call): By {
  return { userId: requireUser(c).id, tokenId: c.get("key")?.id ?? null, address: c.env.address };
}

/** Starts a new session and ends the one that the browser came with. Returns the hash of the new token. */
export async function startSession(c: Call, user: Account): Promise<string> {
  const { studio } = c.env;
  const former = c.get("tokenHash");
  if (former) await studio.sessions.remove(former);
  const token = studio.ids.token(32);
  const now = studio.clock.now();
  const tokenHash = studio.hashToken(token);
  await studio.sessions.create({
    tokenHash,
    userId: user.id,
    createdAt: now,
    expiresAt: now + SESSION_DAYS * 86_400_000,
    seenAt: now,
    address: c.env.address,
    agent: agentOf(c.req.raw.headers),
  });
  c.header("set-cookie", sessionCookie(token, { secure: isSecure(c) }));
  return tokenHash;
}

export async function endSession(c: Call): Promise<void> {
  const tokenHash = c.get("tokenHash");
  if (tokenHash) await c.env.studio.sessions.remove(tokenHash);
  forgetSession(c);
}

/** Takes the cookie of a session that has ended. */
export function forgetSession(c: Call): void {
  c.header("set-cookie", sessionCookie("", { secure: isSecure(c) }));
}

function isSecure(c: Call): boolean {
  const url = c.env.studio.settings.publicUrl || c.req.url;
  return url.startsWith("https:");
}

/**
 * Answers for the one other web origin that may call with credentials, and refuses state changes that come from any
 * third one.
 */
export const checkOrigin: MiddlewareHandler<Env> = async (c, next) => {
  const { frontendOrigin } = c.env.studio.settings;
  const origin = c.req.header("origin");
  const isFrontend = frontendOrigin !== "" && origin === new URL(frontendOrigin).origin;
  if (isFrontend && c.req.method === "OPTIONS") {
    return new Response(null, { status: 204, headers: preflight(origin) });
  }
  const isObeyed = changesNothing(c.req.method) || isFrontend ||
    isOwnOrigin(c.req.raw, c.env.studio.settings.publicUrl);
  if (!isObeyed) throw fail("request.cross_site");
  await next();
  if (frontendOrigin !== "") c.header("vary", "origin", { append: true });
  if (isFrontend) { for (const [name, value] of Object.entries(allowed(origin))) c.header(name, value); }
};

function allowed(origin: string): Record<string, string> {
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "content-disposition, content-range, etag, location, retry-after",
  };
}

function preflight(origin: string): Record<string, string> {
  return {
    ...allowed(origin),
    "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
    "access-control-allow-headers": "content-type, idempotency-key, last-event-id, range, if-range",
    "access-control-max-age": "600",
    vary: "origin",
  };
}
