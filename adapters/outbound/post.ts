/** Posts to addresses that people named: the name is resolved once, each address checked, and the checked one is called. */
import { lookup } from "node:dns/promises";
import { bare, isAddress, isPublicAddress } from "@/core/net.ts";
import type { Answer } from "@/core/webhooks.ts";

export interface OutboundOptions {
  /** Hosts of the operator's own, as `name` or `name:port`: they may be private and speak plain http. */
  allow: string[];
  /** Every address of a name. */
  resolve?: (host: string) => Promise<string[]>;
  /** Authorities that are trusted besides the usual ones, PEM. */
  caCerts?: string[];
}

export interface Outbound {
  /** Why an address cannot be a receiver; null where it can, as far as its text tells. */
  judge(url: string): "scheme" | "not_public" | null;
  /** Never follows a redirect and reads no further than the headers. Rejects only when the signal aborts. */
  post(
    url: string,
    message: { headers: Record<string, string>; body: string; signal: AbortSignal },
  ): Promise<Answer>;
}

const HEAD_BYTES_MAX = 16 * 1024;
const LOCAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa)\.?$/;

export function openOutbound({ allow, resolve = resolveAll, caCerts = [] }: OutboundOptions): Outbound {
  const allowed = new Set(allow.map((host) => host.toLowerCase()));
  const isAllowed = (url: URL) => allowed.has(url.host) || allowed.has(url.hostname);
  const judge: Outbound["judge"] = (text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || url.username !== "" || url.password !== "") return "scheme";
    if (isAllowed(url)) return ["http:", "https:"].includes(url.protocol) ? null : "scheme";
    if (url.protocol !== "https:") return "scheme";
    const host = bare(url.hostname);
    if (isAddress(host) ? !isPublicAddress(host) : LOCAL_NAME.test(host)) return "not_public";
    return null;
  };
  return {
    judge,
    async post(text, { headers, body, signal }) {
      if (judge(text) !== null) return failed("not_public");
      const url = new URL(text);
      const host = bare(url.hostname);
      const found = isAddress(host) ? [host] : await before(signal, resolve(host)).catch(rethrow(signal, []));
      const [address] = found;
      if (address === undefined) return failed("unreachable");
      // One private address among public ones is refused as well: the next lookup might hand out that one.
      if (!isAllowed(url) && !found.every(isPublicAddress)) return failed("not_public");
      return await call({ url, address, headers, body, caCerts, signal }).catch(
        rethrow(signal, failed("unreachable")),
      );
    },
  };
}

interface CallOptions {
  url: URL;
  address: string;
  headers: Record<string, string>;
  body: string;
  caCerts: string[];
  signal: AbortSignal;
}

/** One connection to that very address, in the name of the URL; it is closed whatever happens. */
async function call({ url, address, headers, body, caCerts, signal }: CallOptions): Promise<Answer> {
  const isTls = url.protocol === "https:";
  const port = Number(url.port || (isTls ? 443 : 80));
  const opening = Deno.connect({ hostname: address, port });
  let conn: Deno.Conn | null = null;
  const close = () => {
    try {
      conn?.close();
    } catch {
      // Closed already.
    }
  };
  signal.addEventListener("abort", close);
  try {
    const plain = await before(signal, opening, (late) => late.close());
    conn = plain;
    if (isTls) conn = await before(signal, Deno.startTls(plain, { hostname: bare(url.hostname), caCerts }));
    await writeAll(conn, requestOf(url, headers, body));
    return await readAnswer(conn);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

function requestOf(url: URL, headers: Record<string, string>, body: string): Uint8Array {
  const bytes = new TextEncoder().encode(body);
  const all = {
    host: url.host,
    "user-agent": "Animatrix-Webhooks",
    "content-type": "application/json",
    "content-length": String(bytes.byteLength),
    connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(
    `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`,
  );
  const request = new Uint8Array(head.byteLength + bytes.byteLength);
  request.set(head);
  request.set(bytes, head.byteLength);
  return request;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += await conn.write(bytes.subarray(at));
}

async function readAnswer(conn: Deno.Conn): Promise<Answer> {
  const chunk = new Uint8Array(4096);
  const decoder = new TextDecoder("latin1");
  let text = "";
  while (text.length < HEAD_BYTES_MAX) {
    const end = text.indexOf("\r\n\r\n");
    const [, code] = /^HTTP\/1\.[01] (\d{3})/.exec(text) ?? [];
    // 100 Continue and the like come before the answer.
    if (end >= 0 && code?.startsWith("1")) text = text.slice(end + 4);
    else if (end >= 0) {
      return code === undefined ? failed("unreachable") : answerOf(Number(code), text.slice(0, end));
    } else {
      const read = await conn.read(chunk);
      if (read === null) break;
      text += decoder.decode(chunk.subarray(0, read));
    }
  }
  return failed("unreachable");
}

function answerOf(status: number, head: string): Answer {
  if (status >= 200 && status < 300) return { end: "delivered", status, retryAfterMs: null };
  const [, said] = /\r\nretry-after:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)/i.exec(head) ?? [];
  return { end: "answered", status, retryAfterMs: said === undefined ? null : Number(said) * 1000 };
}

function failed(end: Answer["end"]): Answer {
  return { end, status: null, retryAfterMs: null };
}

async function resolveAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Whatever comes too late is handed to `drop`. */
async function before<T>(signal: AbortSignal, work: Promise<T>, drop?: (late: T) => void): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => {
    reject(signal.reason);
    work.then((late) => drop?.(late), () => {});
  };
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** An abort stays one; everything else is `instead`. */
function rethrow<T>(signal: AbortSignal, instead: T): (thrown: unknown) => T {
  return (thrown) => {
    if (signal.aborted) throw thrown;
    return instead;
  };
}
