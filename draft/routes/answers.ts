/** Answers and bodies as ComfyUI's web server gives and takes them. */
import { parseExact, renderExact } from "../exact.ts";
import { isRecord, type Json } from "../python.ts";

const SERVER_ERROR = "500 Internal Server Error\n\nServer got itself in trouble";

/** The body is over the limit. */
export class BodyTooLarge extends Error {
  readonly limit: number;
  constructor(limit: number) {
    super(`body over ${limit} bytes`);
    this.limit = limit;
  }
}

export function answerJson(body: unknown, status = 200): Response {
  return answerText(typeof body === "string" ? body : renderExact(body), {
    status,
    type: "application/json; charset=utf-8",
  });
}

export function answerText(text: string, options: { status: number; type?: string }): Response {
  const headers = { "content-type": options.type ?? "text/plain; charset=utf-8" };
  return new Response(text, { status: options.status, headers });
}

export function answerEmpty(status = 200): Response {
  return new Response(new Uint8Array(0), { status, headers: { "content-type": "application/octet-stream" } });
}

export function answerProblem(problem: unknown): Response {
  if (problem instanceof BodyTooLarge) {
    return answerText(`Maximum request body size ${problem.limit} exceeded.`, { status: 413 });
  }
  return answerText(SERVER_ERROR, { status: 500 });
}

/** Headers that promise a body, then a broken connection: the server cuts it when the body falls short. */
export function answerBroken(): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "application/json", "content-length": "1" } });
}

/** Throws BodyTooLarge as soon as the limit is passed. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) {
    await request.body?.cancel();
    throw new BodyTooLarge(limit);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge(limit);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Throws on text that is no JSON, which ComfyUI answers with 500. The content type is not looked at. */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  return parseExact(new TextDecoder().decode(await readBytes(request, limit)));
}

/** As `readJson`, for bodies that must be objects. */
export async function readObject(request: Request, limit: number): Promise<Json> {
  const body = await readJson(request, limit);
  if (!isRecord(body)) throw new TypeError("the body is no object");
  return body;
}

export function readList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
