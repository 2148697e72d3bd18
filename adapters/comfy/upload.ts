/** Sends files to a ComfyUI under content-hash names in a sub-folder of our own, streamed. */
import type { z } from "zod";
import type { ComfyFile } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import type { Http } from "./http.ts";
import type { Limits } from "./limits.ts";
import { tooLarge } from "./problems.ts";
import { UploadReply } from "./schemas.ts";

/** Our folder below the server's input folder. */
export const UPLOAD_FOLDER = "animatrix";

export interface UploadFile {
  name: string;
  bytes: number;
  open: () => Promise<ReadableStream<Uint8Array>>;
}

export interface UploadParts {
  fits: typeof fits;
  loaderValue: typeof loaderValue;
}

export interface UploadOptions {
  http: Http;
  limits: Limits;
  parts: UploadParts;
  /** `max_upload_size` of the server, or null where it does not tell. */
  bytesMax: number | null;
  /** Looks whether the file lies there already, in full. */
  isThere: (file: ComfyFile, bytes: number) => Promise<boolean>;
  /** Text that does not occur in the file: separates the parts of the body. */
  boundary: string;
  signal?: AbortSignal;
}

/** Room for the headers of the multipart body, which count as well. */
const ENVELOPE_BYTES = 4096;

/** Rule 14: too large is said before a byte is sent. */
export function fits(bytes: number, bytesMax: number | null): boolean {
  return bytesMax === null || bytes + ENVELOPE_BYTES <= bytesMax;
}

/** Rule 13: a name may have been taken by other bytes; only the reply knows what the file is called. */
export function loaderValue(reply: z.infer<typeof UploadReply>, _sent: string): string {
  const name = reply.subfolder ? `${reply.subfolder}/${reply.name}` : reply.name;
  return reply.type === "temp" || reply.type === "output" ? `${name} [${reply.type}]` : name;
}

/** Returns what a loader node takes. Throws comfy.too_large, and asset.truncated when the source ends early. */
export async function uploadFile(file: UploadFile, options: UploadOptions): Promise<string> {
  const { http, limits, parts } = options;
  if (!/^[A-Za-z0-9._-]+$/.test(file.name)) {
    throw fail("asset.unreadable", { operator: "An upload must be named by its content hash." });
  }
  if (!parts.fits(file.bytes, options.bytesMax)) {
    throw tooLarge(`size ${options.bytesMax} exceeded`, `${file.name}: ${file.bytes} of ${options.bytesMax}`);
  }
  const place: ComfyFile = { filename: file.name, subfolder: UPLOAD_FOLDER, type: "input" };
  if (await options.isThere(place, file.bytes)) {
    return parts.loaderValue({ name: file.name, subfolder: UPLOAD_FOLDER, type: "input" }, file.name);
  }
  const source = await file.open();
  const sent: Sent = { bytes: 0, failure: null };
  try {
    const reply = await http.json("upload/image", {
      method: "POST",
      schema: UploadReply,
      headers: { "content-type": `multipart/form-data; boundary=${options.boundary}` },
      body: multipart(source, { name: file.name, boundary: options.boundary, sent, bytes: file.bytes }),
      timeoutMs: limits.jsonMs + Math.ceil(file.bytes / 2 ** 20) * limits.uploadMsPerMb,
      signal: options.signal,
    });
    return parts.loaderValue(reply, file.name);
  } catch (thrown) {
    // A source that fails breaks the request, and the network's words for that would mislead.
    throw sent.failure ?? thrown;
  }
}

interface Sent {
  bytes: number;
  /** What the source failed with. */
  failure: unknown;
}

/** The body as a stream: the file is never held in memory. */
function multipart(
  source: ReadableStream<Uint8Array>,
  options: { name: string; boundary: string; bytes: number; sent: Sent },
): ReadableStream<Uint8Array> {
  const { name, boundary, bytes, sent } = options;
  const encoder = new TextEncoder();
  const field = (key: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`;
  const head = field("type", "input") + field("subfolder", UPLOAD_FOLDER) +
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\n` +
    "Content-Type: application/octet-stream\r\n\r\n";
  async function* write() {
    yield encoder.encode(head);
    try {
      for await (const chunk of source) {
        sent.bytes += chunk.byteLength;
        yield chunk;
      }
      if (sent.bytes !== bytes) throw fail("asset.truncated", { operator: name });
    } catch (thrown) {
      sent.failure = thrown;
      throw thrown;
    }
    yield encoder.encode(`\r\n--${boundary}--\r\n`);
  }
  return ReadableStream.from(write());
}
