/** The body of an upload, read piece by piece into one piece of memory, however long it is. */
import { fail } from "@/core/problem.ts";
import type { Studio } from "./studio.ts";

const PIECE_BYTES = 65_536;

export interface UploadBody extends Disposable {
  /** The next piece, which holds only until the one after it is asked for; null at the end. */
  next(): Promise<Uint8Array | null>;
  /** Reads no more of it. One that broke has nothing more anyway. */
  leave(): Promise<void>;
}

/** Who brings less than this in the time is given up: a thousand such senders would hold a thousand connections. */
const PACE_BYTES = 16 * 1024;
export const PACE_MS = 60_000;

/** Reads a body up to its end, or until it breaks off or dawdles, or until the studio cuts it. */
export function openUpload(
  stream: ReadableStream<Uint8Array>,
  { clock, cut }: Pick<Studio, "clock" | "cut">,
): UploadBody {
  const source = readInto(stream) ?? readPlain(stream);
  const leave = () => source.cancel().catch(() => {});
  const giveUp = () => void leave();
  cut.addEventListener("abort", giveUp, { once: true });
  // Only waiting counts: a disk that is slow is no fault of the sender.
  let [waitedMs, bytes] = [0, 0];
  return {
    async next() {
      const over = new AbortController();
      let isLate = false;
      const since = clock.monotonic();
      clock.sleep(Math.max(0, PACE_MS - waitedMs), over.signal).then(() => {
        isLate = true;
        giveUp();
      }, () => {});
      const piece = await source.read().catch((cause) => Promise.reject(brokenOff(cause)))
        .finally(() => over.abort());
      if (cut.aborted) throw fail("studio.busy");
      if (isLate) throw brokenOff(new Error("less than 16 KB came in a minute"));
      waitedMs += clock.monotonic() - since;
      bytes += piece?.byteLength ?? 0;
      if (bytes >= PACE_BYTES) [waitedMs, bytes] = [0, 0];
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
