/** ComfyUI's protection against pages of other sites: it answers 403 with nothing. */
import type { Traits } from "./versions.ts";

export function isCrossSite(headers: Headers, traits: Pick<Traits, "fetchSite">): boolean {
  if (traits.fetchSite && headers.get("sec-fetch-site") === "cross-site") return true;
  const origin = headers.get("origin");
  const host = headers.get("host");
  if (origin === null || host === null) return false;
  const from = parseAuthority(origin);
  const to = parseAuthority(`http://${host}`);
  if (from === null || to === null || !isLoopback(to.hostname)) return false;
  // A side without a port is compared by name alone.
  const isBare = from.port === "" || to.port === "";
  return isBare ? from.hostname !== to.hostname : from.host !== to.host;
}

function parseAuthority(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
