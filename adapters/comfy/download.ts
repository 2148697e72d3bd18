/** Fetches outputs of a ComfyUI as streams that survive a cut connection. */
import type { ComfyFile } from "@/core/ports.ts";
import { fail, StudioError } from "@/core/problem.ts";
import { headOf, type Http } from "./http.ts";
import type { Limits } from "./limits.ts";
import { replyProblem, unreachable } from "./problems.ts";

export interface DownloadParts {
  resumeHeaders: typeof resumeHeaders;
  isThere: typeof isThere;
}

export interface DownloadOptions {
  http: Http;
  limits: Limits;
  parts: DownloadParts;
  signal?: AbortSignal;
}

/** Rule 12: goes on where the connection was cut, and only if the file is still the same. */
export function resumeHeaders(offset: number, etag: string | null): Record<string, string> {
  if (offset === 0) return {};
  return { range: `bytes=${offset}-`, ...(etag === null ? {} : { "if-range": etag }) };
}

/** Rule 9: history may name files that were deleted since; only `/view` knows. */
export function isThere(status: number): boolean {
  return status !== 404;
}

export function placeQuery(file: ComfyFile): Record<string, string> {
  return { filename: file.filename, subfolder: file.subfolder, type: file.type };
}

/** Length of a file on the server, `-1` where it does not tell, or null when it has no such file. */
export async function sizeOf(file: ComfyFile, options: DownloadOptions): Promise<number | null> {
  const { http, limits, parts, signal } = options;
  return await http.within(limits.jsonMs, { signal }, async (signal) => {
    const response = await http.open("view", { method: "HEAD", query: placeQuery(file), signal });
    await response.body?.cancel();
    if (!parts.isThere(response.status)) return null;
    if (response.ok) return lengthOf(response) ?? -1;
    // Some proxies refuse HEAD.
    if (response.status === 405) return await sizeByRange(file, { ...options, signal });
    throw replyProblem({ ...headOf(response), text: "", path: "view" });
  });
}

async function sizeByRange(
  file: ComfyFile,
  options: DownloadOptions & { signal: AbortSignal },
): Promise<number | null> {
  const headers = { range: "bytes=0-0" };
  const response = await options.http.open("view", {
    query: placeQuery(file),
    headers,
    signal: options.signal,
  });
  await response.body?.cancel();
  if (!options.parts.isThere(response.status)) return null;
  if (!response.ok) throw replyProblem({ ...headOf(response), text: "", path: "view" });
  const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  return total === undefined ? lengthOf(response) ?? -1 : Number(total);
}

/** One file while it is read. */
interface Reading {
  file: ComfyFile;
  options: DownloadOptions;
  /** Ends the exchange under way. */
  stop: AbortController;
  reader: ReadableStreamDefaultReader<Uint8Array> | null;
  offset: number;
  /** Bytes to drop when the server sends the whole file again. */
  skip: number;
  total: number | null;
  etag: string | null;
  resumes: number;
}

/** Throws comfy.output_missing at once; later cuts are resumed, and the length is checked at the end. */
export async function downloadFile(
  file: ComfyFile,
  options: DownloadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const reading: Reading = {
    file,
    options,
    stop: new AbortController(),
    reader: null,
    offset: 0,
    skip: 0,
    total: null,
    etag: null,
    resumes: 0,
  };
  await request(reading);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await readOn(reading);
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    cancel(reason) {
      reading.stop.abort(reason);
    },
  }, { highWaterMark: 0 });
}

/** The next bytes, resuming as often as there is progress in between; null at the end. */
async function readOn(reading: Reading): Promise<Uint8Array | null> {
  for (;;) {
    try {
      const chunk = await readChunk(reading);
      if (chunk === null) {
        if (reading.total === null || reading.offset === reading.total) return null;
        throw unreachable(`The download ended at ${reading.offset} of ${reading.total} bytes.`);
      }
      reading.resumes = 0;
      return chunk;
    } catch (thrown) {
      reading.options.signal?.throwIfAborted();
      const resumable = thrown instanceof StudioError &&
        ["comfy.unreachable", "comfy.proxy"].includes(thrown.problem.code);
      if (!resumable || ++reading.resumes > reading.options.limits.resumesMax) throw thrown;
      await reading.options.http.pause(100 * 2 ** reading.resumes, reading.options.signal);
      reading.reader = null;
    }
  }
}

async function readChunk(reading: Reading): Promise<Uint8Array | null> {
  if (reading.reader === null) await request(reading);
  for (;;) {
    const { done, value } = await inTime(reading, () => reading.reader?.read());
    if (done || value === undefined) return null;
    const drop = Math.min(reading.skip, value.byteLength);
    reading.skip -= drop;
    const chunk = value.subarray(drop);
    reading.offset += chunk.byteLength;
    if (chunk.byteLength > 0) return chunk;
  }
}

/** The time limit is per chunk: a large file may take as long as it flows. */
async function inTime(
  reading: Reading,
  read: () => Promise<ReadableStreamReadResult<Uint8Array>> | undefined,
): Promise<{ done: boolean; value?: Uint8Array }> {
  const { http, limits, signal } = reading.options;
  const { stop } = reading;
  return await http.within(limits.chunkMs, { signal }, (deadline) => {
    const { promise, reject } = Promise.withResolvers<never>();
    const end = () => {
      reject(deadline.reason);
      stop.abort(deadline.reason);
    };
    deadline.addEventListener("abort", end, { once: true });
    return Promise.race([read() ?? Promise.resolve({ done: true }), promise])
      .finally(() => deadline.removeEventListener("abort", end));
  });
}

async function request(reading: Reading): Promise<void> {
  const { file, options, offset } = reading;
  reading.stop.abort();
  const stop = reading.stop = new AbortController();
  const headers = options.parts.resumeHeaders(offset, reading.etag);
  const response = await options.http.within(
    options.limits.jsonMs,
    { signal: options.signal },
    (deadline) => {
      const end = () => stop.abort(deadline.reason);
      deadline.addEventListener("abort", end, { once: true });
      return options.http.open("view", { query: placeQuery(file), headers, signal: stop.signal })
        .finally(() => deadline.removeEventListener("abort", end));
    },
  );
  const broken = problemOfResponse(reading, response);
  if (broken !== null) {
    await response.body?.cancel();
    throw broken;
  }
  reading.skip = response.status === 206 ? 0 : offset;
  const length = lengthOf(response);
  if (offset === 0) {
    reading.total = length;
    reading.etag = response.headers.get("etag");
  }
  reading.reader = (response.body ?? ReadableStream.from<Uint8Array>([])).getReader();
}

function problemOfResponse(reading: Reading, response: Response): StudioError | null {
  const { file, offset } = reading;
  const name = `${file.type}/${file.subfolder}/${file.filename}`;
  if (response.status === 404) return fail("comfy.output_missing", { operator: name });
  if (!response.ok) return replyProblem({ ...headOf(response), text: "", path: "view" });
  if (headOf(response).type === "text/html" && !/\.html?$/i.test(file.filename)) {
    return replyProblem({ ...headOf(response), status: 502, text: "", path: "view" });
  }
  const etag = response.headers.get("etag");
  if (offset > 0 && etag !== reading.etag) {
    return fail("comfy.output_missing", { operator: `${name} was replaced while it was read.` });
  }
  return null;
}

/** Null where a coding or a chunked body hides the length. */
function lengthOf(response: Response): number | null {
  const text = response.headers.get("content-length");
  if (text === null || !/^\d+$/.test(text) || response.headers.has("content-encoding")) return null;
  return Number(text);
}
