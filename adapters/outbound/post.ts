/** Calls addresses outside: the name is resolved once, each address checked, and the checked one is called. */
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
  judge(url: string): "scheme" | "not_public" | "port" | null;
  /** Never follows a redirect and reads no further than the headers. Rejects only when the signal aborts. */
  post(
    url: string,
    message: { headers: Record<string, string>; body: string; signal: AbortSignal },
  ): Promise<Answer>;
  /** A question and the beginning of its answer, under the same rules. */
  ask(
    url: string,
    question: { method: "GET" | "POST"; headers: Record<string, string>; body?: string; signal: AbortSignal },
  ): Promise<Said>;
}

/** `text` is the body as far as it was read. */
export interface Said {
  end: Answer["end"];
  status: number | null;
  text: string;
}

const SAID_BYTES_MAX = 8 * 1024;
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
    if (!isOpenPort(Number(url.port || 443))) return "port";
    return null;
  };
  const reach = async (text: string, question: Question): Promise<Heard> => {
    if (judge(text) !== null) return unheard("not_public");
    const { signal } = question;
    const url = new URL(text);
    const host = bare(url.hostname);
    const found = isAddress(host) ? [host] : await before(signal, resolve(host)).catch(rethrow(signal, []));
    const [address] = found;
    if (address === undefined) return unheard("unreachable");
    // One private address among public ones is refused as well: the next lookup might hand out that one.
    if (!isAllowed(url) && !found.every(isPublicAddress)) return unheard("not_public");
    return await call({ ...question, url, address, caCerts }).catch(rethrow(signal, unheard("unreachable")));
  };
  return {
    judge,
    async post(url, { headers, ...message }) {
      const all = { "content-type": "application/json", ...headers };
      return (await reach(url, { ...message, headers: all, method: "POST", bodyMax: 0 })).answer;
    },
    async ask(url, question) {
      const { answer, text } = await reach(url, { body: "", ...question, bodyMax: SAID_BYTES_MAX });
      return { end: answer.end, status: answer.status, text };
    },
  };
}

/** Those of the web, and those that any program may have: below them are mail, shells and the like. */
function isOpenPort(port: number): boolean {
  return port === 443 || port === 80 || port >= 1024;
}

interface Question {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: string;
  /** How much of the answer's body is read. */
  bodyMax: number;
  signal: AbortSignal;
}

interface CallOptions extends Question {
  url: URL;
  address: string;
  caCerts: string[];
}

interface Heard {
  answer: Answer;
  text: string;
}

/** One connection to that very address, in the name of the URL; it is closed whatever happens. */
async function call({ url, address, caCerts, signal, ...question }: CallOptions): Promise<Heard> {
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
    await writeAll(conn, requestOf(url, question));
    return await readAnswer(conn, question.bodyMax);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

function requestOf(
  url: URL,
  { method, headers, body }: Pick<Question, "method" | "headers" | "body">,
): Uint8Array {
  const bytes = new TextEncoder().encode(body);
  const all = {
    host: url.host,
    "user-agent": "Animatrix",
    ...(method === "POST" ? { "content-length": String(bytes.byteLength) } : {}),
    connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`,
  );
  const request = new Uint8Array(head.byteLength + bytes.byteLength);
  request.set(head);
  request.set(bytes, head.byteLength);
  return request;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += await conn.write(bytes.subarray(at));
}

async function readAnswer(conn: Deno.Conn, bodyMax: number): Promise<Heard> {
  const chunk = new Uint8Array(4096);
  const decoder = new TextDecoder("latin1");
  let text = "";
  while (text.length < HEAD_BYTES_MAX) {
    const end = text.indexOf("\r\n\r\n");
    const [, code] = /^HTTP\/1\.[01] (\d{3})/.exec(text) ?? [];
    // 100 Continue and the like come before the answer.
    if (end >= 0 && code?.startsWith("1")) text = text.slice(end + 4);
    else if (end >= 0) {
      if (code === undefined) return unheard("unreachable");
      const answer = answerOf(Number(code), text.slice(0, end));
      return { answer, text: await readBody(conn, text.slice(end + 4), bodyMax) };
    } else {
      const read = await conn.read(chunk);
      if (read === null) break;
      text += decoder.decode(chunk.subarray(0, read));
    }
  }
  return unheard("unreachable");
}

/** As much as came before the far side closed, which it was asked to do. A body that breaks off is what came of it. */
async function readBody(conn: Deno.Conn, begun: string, bodyMax: number): Promise<string> {
  const chunk = new Uint8Array(4096);
  const decoder = new TextDecoder("latin1");
  let text = begun;
  while (text.length < bodyMax) {
    const read = await conn.read(chunk).catch(() => null);
    if (read === null) break;
    text += decoder.decode(chunk.subarray(0, read));
  }
  return text.slice(0, bodyMax);
}

function answerOf(status: number, head: string): Answer {
  if (status >= 200 && status < 300) return { end: "delivered", status, retryAfterMs: null };
  const [, said] = /\r\nretry-after:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)/i.exec(head) ?? [];
  return { end: "answered", status, retryAfterMs: said === undefined ? null : Number(said) * 1000 };
}

function unheard(end: Answer["end"]): Heard {
  return { answer: { end, status: null, retryAfterMs: null }, text: "" };
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
