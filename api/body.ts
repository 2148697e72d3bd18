/** Judges a body before it is parsed: that its length is known, its type, its size, and that it is JSON at all. */
import type { MiddlewareHandler } from "hono";
import { fail, problemOf } from "@/core/problem.ts";
import { QUEUE_FILE_BYTES_MAX } from "@/core/queue.ts";
import type { Call, Env } from "./env.ts";
import { openUpload } from "./upload_body.ts";

/** Above any valid request, so that a field which is too long is refused by its name. */
const JSON_BYTES_MAX = 4 * 1024 * 1024;

/** Only operators come as far as this with it. */
const QUEUE_FILE = "/api/admin/queue/import";

/**
 * Over HTTP/1.1 a body comes with its length or not at all: of one in chunks the server underneath reads more with each
 * read than it hands on, and keeps the rest in memory.
 */
export const checkLength: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.header("transfer-encoding") !== undefined) throw fail("request.length_required");
  await next();
};

/** Every POST and PUT of the API takes JSON, but for the content of a file. The body is read here once, within its limit. */
export const checkBody: MiddlewareHandler<Env> = async (c, next) => {
  if (!["POST", "PUT"].includes(c.req.method) || c.req.path.endsWith("/content")) return await next();
  const bytesMax = c.req.path === QUEUE_FILE ? QUEUE_FILE_BYTES_MAX : JSON_BYTES_MAX;
  if (Number(c.req.header("content-length") ?? 0) > bytesMax) throw fail("request.too_large");
  const bytes = await readBytes(c, bytesMax);
  if (bytes.byteLength > 0) {
    const type = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
    if (type !== "application/json") throw fail("request.content_type");
    try {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      throw fail("request.malformed");
    }
  }
  const { method, headers, url } = c.req.raw;
  c.req.raw = new Request(url, { method, headers, body: bytes.byteLength > 0 ? bytes : null });
  await next();
};

async function readBytes(c: Call, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = c.req.raw.body;
  if (stream === null) return new Uint8Array();
  using body = openUpload(stream, c.env.studio);
  try {
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      length += chunk.byteLength;
      if (length > bytesMax) throw fail("request.too_large");
      chunks.push(chunk.slice());
    }
  } catch (cause) {
    throw problemOf(cause).code === "asset.truncated" ? fail("request.malformed", {}, cause) : cause;
  } finally {
    await body.leave();
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
