/** The body of an upload, read piece by piece into one piece of memory, however long it is. */
import { fail } from "@/core/problem.ts";

const PIECE_BYTES = 65_536;

export interface UploadBody extends Disposable {
  /** The next piece, which holds only until the one after it is asked for; null at the end. */
  next(): Promise<Uint8Array | null>;
  /** Reads no more of it. One that broke has nothing more anyway. */
  leave(): Promise<void>;
}

/** Reads a body up to its end, or until it breaks off, or until the studio cuts it. */
export function openUpload(stream: ReadableStream<Uint8Array>, cut: AbortSignal): UploadBody {
  const source = readInto(stream) ?? readPlain(stream);
  const leave = () => source.cancel().catch(() => {});
  const giveUp = () => void leave();
  cut.addEventListener("abort", giveUp, { once: true });
  return {
    async next() {
      const piece = await source.read().catch((cause) => Promise.reject(brokenOff(cause)));
      if (cut.aborted) throw fail("studio.busy");
      return piece;
    },
    leave,
    [Symbol.dispose]: () => cut.removeEventListener("abort", giveUp),
  };
}

interface Source {
  read(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

/** Null for a stream that hands out memory of its own. */
function readInto(stream: ReadableStream<Uint8Array>): Source | null {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
  let memory = new ArrayBuffer(PIECE_BYTES);
  return {
    async read() {
      const { value, done } = await reader.read(new Uint8Array(memory));
      if (value) memory = value.buffer;
      return done ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}

function readPlain(stream: ReadableStream<Uint8Array>): Source {
  const reader = stream.getReader();
  return {
    async read() {
      const { value, done } = await reader.read();
      return done ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}

/** The first bytes of a body, and the pieces as if nothing had been read. */
export async function peek(
  body: UploadBody,
  wanted: number,
): Promise<{ head: Uint8Array; pieces: AsyncGenerator<Uint8Array> }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < wanted) {
    const piece = await body.next();
    if (piece === null) break;
    parts.push(piece.slice());
    length += piece.byteLength;
  }
  const head = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    head.set(part, at);
    at += part.byteLength;
  }
  async function* pieces() {
    if (head.byteLength > 0) yield head;
    for (let piece = await body.next(); piece !== null; piece = await body.next()) yield piece;
  }
  return { head, pieces: pieces() };
}

/** The sender hung up, or its connection broke: the file is cut, and nothing here is wrong. */
function brokenOff(cause: unknown) {
  const fields = [{ path: "content", message: "The connection ended before the file did." }];
  return fail("asset.truncated", { fields }, cause);
}
