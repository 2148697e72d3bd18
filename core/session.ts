/** Where a browser keeps its session: the cookie's name, and how to read and write it. */

export const SESSION_COOKIE = "animatrix_session";
export const SESSION_DAYS = 30;

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

/** `Set-Cookie` for a token; an empty token takes the cookie away. */
export function sessionCookie(token: string, options: { secure: boolean }): string {
  const life = token === "" ? 0 : SESSION_DAYS * 86_400;
  const parts = [`${SESSION_COOKIE}=${token}`, "Path=/", "HttpOnly", "SameSite=Lax", `Max-Age=${life}`];
  if (options.secure) parts.push("Secure");
  return parts.join("; ");
}
