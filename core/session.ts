/** Where a browser keeps its session: the cookie's name, how to read and write it, and whose it is. */
import type { Account, Studio } from "./studio.ts";

export const SESSION_COOKIE = "animatrix_session";
export const SESSION_DAYS = 30;
/** The cookie outlives its session, so that who comes late is told that it has ended. */
const COOKIE_DAYS = SESSION_DAYS + 15;
/** How exactly the last sight of a session is known: one write in this time. */
const SEEN_EVERY_MS = 5 * 60_000;
const AGENT_MAX = 300;

export interface Asker {
  /** Null for strangers, and for people who are kept out. */
  user: Account | null;
  /** Of a session that is good. */
  tokenHash: string | null;
}

/** Whose session a request carries. Notes now and then from where it was last seen. */
export async function whoAsks(
  studio: Pick<Studio, "accounts" | "sessions" | "clock" | "hashToken">,
  { headers, address }: { headers: Headers; address: string },
): Promise<Asker> {
  const nobody: Asker = { user: null, tokenHash: null };
  const token = sessionToken(headers);
  if (token === null) return nobody;
  const tokenHash = studio.hashToken(token);
  const session = await studio.sessions.find(tokenHash);
  const now = studio.clock.now();
  if (session === null || session.expiresAt <= now) return nobody;
  const user = await studio.accounts.find(session.userId);
  if (user === null || user.disabledAt !== null) return nobody;
  if (now - session.seenAt >= SEEN_EVERY_MS) {
    await studio.sessions.touch(tokenHash, { address, agent: agentOf(headers) });
  }
  return { user, tokenHash };
}

/** What a browser calls itself, cut to a length that may be kept. */
export function agentOf(headers: Headers): string {
  return (headers.get("user-agent") ?? "").slice(0, AGENT_MAX);
}

/** The session token of a request, or null. Anything that is not one of our tokens counts as none. */
export function sessionToken(headers: Headers): string | null {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const cut = part.indexOf("=");
    if (part.slice(0, cut).trim() !== SESSION_COOKIE) continue;
    const token = part.slice(cut + 1).trim();
    return /^[A-Za-z0-9_-]{20,200}$/.test(token) ? token : null;
  }
  return null;
}

/** What a program shows in `Authorization: Bearer …`; null without that header. */
export function bearerOf(headers: Headers): string | null {
  const [, token] = /^Bearer ([\w.~+/=-]{1,300})$/i.exec(headers.get("authorization") ?? "") ?? [];
  return token ?? null;
}

/** `Set-Cookie` for a token; an empty token takes the cookie away. */
export function sessionCookie(token: string, options: { secure: boolean }): string {
  const life = token === "" ? 0 : COOKIE_DAYS * 86_400;
  const parts = [`${SESSION_COOKIE}=${token}`, "Path=/", "HttpOnly", "SameSite=Lax", `Max-Age=${life}`];
  if (options.secure) parts.push("Secure");
  return parts.join("; ");
}
