/** Whether a request that changes something was started by the studio's own pages. */

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
  return URL.canParse(origin) && new URL(origin).host === new URL(url).host;
}
