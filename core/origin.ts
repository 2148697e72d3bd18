/** Whether a request is meant for this studio, and whether one that changes something was started by its own pages. */
import { bare, isAddress } from "./net.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export function changesNothing(method: string): boolean {
  return SAFE.has(method);
}

/** Programs that are no browsers send neither header; they hold no cookie that a page could misuse. */
export function isOwnOrigin({ headers, url }: Pick<Request, "headers" | "url">, publicUrl: string): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  const origin = headers.get("origin");
  if (origin === null) return true;
  if (publicUrl !== "" && origin === new URL(publicUrl).origin) return true;
  if (!URL.canParse(origin) || new URL(origin).host !== new URL(url).host) return false;
  return publicUrl === "" || isThisMachine(new URL(url).hostname);
}

/**
 * Whether the studio answers to this name. Any page can make a name of its own lead to any address, also to this machine,
 * and would then count as the studio's own page: so only names count that nobody else can have. With a public address
 * that is its name, and those of this machine for who works on it; without one also addresses in figures, which need no
 * name, and what this machine calls itself.
 */
export function isKnownHost(hostname: string, { publicUrl, names }: KnownHosts): boolean {
  const host = hostname.replace(/\.$/, "").toLowerCase();
  if (isThisMachine(host)) return true;
  if (publicUrl !== "") return host === new URL(publicUrl).hostname;
  return isAddress(host) || names.some((name) => host === name || host === `${name}.local`);
}

export interface KnownHosts {
  publicUrl: string;
  /** What this machine calls itself, in small letters. */
  names: string[];
}

/** Browsers ask no name server for these. */
function isThisMachine(hostname: string): boolean {
  const host = bare(hostname);
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" ||
    (isAddress(host) && host.startsWith("127."));
}
