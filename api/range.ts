/** Files with byte ranges, so that players can seek: one range, suffix, If-Range, HEAD and 416. */
import { fail } from "@/core/problem.ts";
import type { Call } from "./env.ts";

export interface Served {
  /** Storage name: names its content, so it serves as entity tag. */
  name: string;
  mime: string;
  /** Name to save it under; null shows it in place. */
  saveAs: string | null;
}

export interface ByteRange {
  start: number;
  /** Inclusive. */
  end: number;
}

/** What a Range header asks of `size` bytes. Several ranges and unknown forms are ignored, as the standard allows. */
export function parseRange(header: string | undefined, size: number): ByteRange | "outside" | null {
  const parts = header?.match(/^bytes=(\d*)-(\d*)$/);
  if (!parts || (parts[1] === "" && parts[2] === "")) return null;
  if (parts[1] === "") {
    const count = Number(parts[2]);
    return count === 0 || size === 0 ? "outside" : { start: Math.max(0, size - count), end: size - 1 };
  }
  const start = Number(parts[1]);
  const end = parts[2] === "" ? size - 1 : Math.min(Number(parts[2]), size - 1);
  if (parts[2] !== "" && Number(parts[2]) < start) return null;
  return start >= size ? "outside" : { start, end };
}

/** Answers GET and HEAD for a stored file. */
export async function serveFile(c: Call, served: Served): Promise<Response> {
  const stat = await c.env.studio.files.stat(served.name);
  if (stat === null) throw fail("storage.missing");
  const etag = `"${served.name}"`;
  const headers = new Headers({
    "content-type": served.mime,
    "accept-ranges": "bytes",
    "cache-control": "private, max-age=0, must-revalidate",
    "content-disposition": disposition(served.saveAs),
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    etag,
  });
  if (matches(c.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const ifRange = c.req.header("if-range");
  const asked = ifRange === undefined || ifRange === etag ? c.req.header("range") : undefined;
  const range = parseRange(asked, stat.bytes);
  if (range === "outside") {
    headers.set("content-range", `bytes */${stat.bytes}`);
    headers.delete("content-disposition");
    return new Response(null, { status: 416, headers });
  }
  const bytes = range === null ? stat.bytes : range.end - range.start + 1;
  headers.set("content-length", String(bytes));
  if (range !== null) headers.set("content-range", `bytes ${range.start}-${range.end}/${stat.bytes}`);
  const status = range === null ? 200 : 206;
  if (c.req.raw.method === "HEAD") return new Response(null, { status, headers });
  const body = await c.env.studio.files.read(served.name, range ?? undefined);
  return new Response(body, { status, headers });
}

function matches(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*") ??
    false;
}

/** RFC 6266: an ASCII name for old programs and the true one in UTF-8 after RFC 8187. */
export function disposition(saveAs: string | null): string {
  if (saveAs === null) return "inline";
  const ascii = saveAs.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(saveAs.toWellFormed())
    .replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
