/** Whom a request comes from, as far as limits on tries care. */

/**
 * The caller's network address. Behind that many proxies it stands as many places from the end of X-Forwarded-For; what
 * is written further to the left is anybody's word.
 */
export function callerAddress(peer: string, forwardedFor: string | null, proxies: number): string {
  if (proxies === 0) return peer;
  const said = (forwardedFor ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  return said.at(-proxies) ?? said[0] ?? peer;
}

/** What one subscriber has to himself: an IPv4 address, or the first half of an IPv6 address. */
export function networkOf(address: string): string {
  const bare = address.toLowerCase().replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/%.*$/, "");
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(bare)?.[1];
  if (v4 !== undefined) return v4;
  if (!bare.includes(":")) return bare;
  const [left = "", right] = bare.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const zeros = right === undefined ? 0 : Math.max(0, 8 - groups(left).length - groups(right).length);
  const all = [...groups(left), ...Array.from({ length: zeros }, () => "0"), ...groups(right ?? "")];
  return all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
