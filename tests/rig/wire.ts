/** Requests written to the wire by hand, so that a test decides their framing and when each byte goes. */
import { z } from "zod";
import type { Person } from "./person.ts";

export interface WireRequest {
  method: string;
  /** Path and query. */
  path: string;
  cookie?: string;
  type?: string;
  /** The length that the head announces; null sends chunks without one. */
  bytes: number | null;
}

export interface WireAnswer {
  status: number;
  headers: Headers;
  text: string;
}

const WithId = z.looseObject({ id: z.string() });

/** Sends one request and reads its answer, which may come before the body has gone. Throws when there is none. */
export async function sendByWire(
  url: string,
  request: WireRequest,
  content: AsyncIterable<Uint8Array>,
): Promise<WireAnswer> {
  const { hostname, port, host } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const answer = readAnswer(conn);
  const sent = sendAll(conn, { host, request, content });
  // An early answer is the end of it: closing the connection ends the sending.
  sent.catch(() => {});
  return parseAnswer(await answer);
}

/** An upload with its length, as browsers send it, while `content` decides when the bytes come. Returns the asset's id. */
export async function uploadByWire(
  person: Person,
  { url, name, bytes }: { url: string; name: string; bytes: number },
  content: AsyncIterable<Uint8Array>,
): Promise<string> {
  const { id } = await person.json(WithId, "POST", "/assets", { name });
  const request = { method: "PUT", path: `/api/assets/${id}/content`, cookie: person.cookie, bytes };
  const { status, text } = await sendByWire(url, request, content);
  if (status !== 200) throw new Error(`Cannot upload ${name}: ${status} ${text}`);
  return id;
}

async function sendAll(
  conn: Deno.Conn,
  { host, request, content }: { host: string; request: WireRequest; content: AsyncIterable<Uint8Array> },
): Promise<void> {
  const { method, path, cookie, type = "application/octet-stream", bytes } = request;
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    "connection: close",
    `content-type: ${type}`,
    bytes === null ? "transfer-encoding: chunked" : `content-length: ${bytes}`,
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
  ];
  const write = async (part: Uint8Array) => {
    for (let done = 0; done < part.length;) done += await conn.write(part.subarray(done));
  };
  const say = (text: string) => write(new TextEncoder().encode(text));
  await say(`${head.join("\r\n")}\r\n\r\n`);
  for await (const part of content) {
    if (bytes !== null) await write(part);
    else {
      await say(`${part.length.toString(16)}\r\n`);
      await write(part);
      await say("\r\n");
    }
  }
  if (bytes === null) await say("0\r\n\r\n");
}

/** Up to the end that the answer's own length says, or to that of the connection. */
async function readAnswer(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    while (!isWhole(text)) {
      const count = await conn.read(buffer);
      if (count === null) break;
      text += decoder.decode(buffer.subarray(0, count));
    }
  } catch (thrown) {
    // Whoever answers before it has read everything may break the connection afterwards.
    if (text === "") throw thrown;
  }
  return text;
}

function isWhole(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  return length !== undefined && text.length >= headEnd + 4 + Number(length);
}

function parseAnswer(text: string): WireAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const status = Number(first.split(" ")[1]);
  if (!Number.isInteger(status)) throw new Error("The connection ended without an answer");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return { status, headers, text: rest.join("\r\n\r\n") };
}
