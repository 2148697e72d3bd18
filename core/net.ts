/** Which network addresses are everybody's: what people name as a receiver must not lead into a private network. */

/** How IPv4 networks begin that are not public, with the length of their prefix (IANA's special-purpose registry). */
const CLOSED = ([
  [[0], 8],
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  [[224], 4],
  [[240], 4],
] satisfies [number[], number][]).map(([begin, bits]) => ({ first: joined(begin), bits }));

/** False for what is no address at all. IPv6 addresses that carry an IPv4 address of their own count as private. */
export function isPublicAddress(text: string): boolean {
  const v4 = numberOf(text);
  if (v4 !== null) return !CLOSED.some(({ first, bits }) => first >>> (32 - bits) === v4 >>> (32 - bits));
  const groups = groupsOf(text);
  if (groups === null) return false;
  const [a = 0, b = 0] = groups;
  // Of 2000::/3, where public addresses are, without Teredo and documentation (2001::/23, 2001:db8::, 3fff::) and 6to4.
  if (a >>> 13 !== 1) return false;
  return !(a === 0x2001 && (b < 0x200 || b === 0xdb8)) && a !== 0x2002 && !(a === 0x3fff && b < 0x1000);
}

/** Whether a host of a URL is an address rather than a name. */
export function isAddress(host: string): boolean {
  return numberOf(host) !== null || groupsOf(bare(host)) !== null;
}

/** The host of a URL without the brackets of IPv6. */
export function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function numberOf(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return joined(parts);
}

/** Parts that are not given are 0. */
function joined(parts: number[]): number {
  return [0, 1, 2, 3].reduce((sum, at) => sum * 256 + (parts[at] ?? 0), 0);
}

function groupsOf(text: string): number[] | null {
  const plain = text.replace(/%.*$/, "");
  if (!/^[0-9a-f:.]*$/i.test(plain) || !plain.includes(":")) return null;
  const [left = "", right, ...more] = plain.split("::");
  if (more.length > 0) return null;
  const parse = (side: string) => side === "" ? [] : side.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [parse(left), parse(right ?? "")];
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 0) return null;
  const groups = [...before, ...Array.from({ length: missing }, () => 0), ...after];
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : null;
}
