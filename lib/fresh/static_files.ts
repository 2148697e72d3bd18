/** Serves the files of `static/` with entity tags, byte ranges and, for addresses locked to the build, a year of caching. */
import type { Context } from "./context.ts";
import { buildId } from "./runtime_state.ts";
import type { Middleware } from "./types.ts";

const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  gif: "image/gif",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  wav: "audio/wav",
  webm: "video/webm",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff2: "font/woff2",
};

/** Answers GET and HEAD for existing files and hands everything else on. */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    if (ctx.req.method !== "GET" && ctx.req.method !== "HEAD") return await ctx.next();
    const path = safePath(ctx.url.pathname);
    if (path === null) return await ctx.next();
    const file = await openFile(`${ctx.config.root}/static/${path}`);
    if (file === null) return await ctx.next();
    return serve(ctx, path, file);
  };
}

/** The path below `static/`, or null where it could leave the folder or name a hidden file. */
function safePath(pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname).slice(1);
  } catch {
    return null;
  }
  const parts = path.split("/");
  if (path === "" || /[\\\0:]/.test(path)) return null;
  return parts.some((part) => part === "" || part.startsWith(".")) ? null : path;
}

interface Opened {
  file: Deno.FsFile;
  stat: Deno.FileInfo;
}

async function openFile(path: string): Promise<Opened | null> {
  try {
    const stat = await Deno.stat(path);
    if (!stat.isFile) return null;
    return { file: await Deno.open(path), stat };
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return null;
    // A name that is longer than names can be names no file.
    if (cause instanceof Error && "code" in cause && cause.code === "ENAMETOOLONG") return null;
    throw cause;
  }
}

async function serve<State>(ctx: Context<State>, path: string, { file, stat }: Opened): Promise<Response> {
  const locked = buildId() !== "" && ctx.url.searchParams.get("__frsh_c") === buildId();
  const etag = `W/"${stat.size.toString(36)}-${(stat.mtime?.getTime() ?? 0).toString(36)}"`;
  const headers = new Headers({
    "content-type": TYPES[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream",
    "cache-control": locked ? "public, max-age=31536000, immutable" : "no-cache",
    "accept-ranges": "bytes",
    etag,
  });
  const none = ctx.req.headers.get("if-none-match");
  if (none?.split(",").some((tag) => tag.trim() === etag)) {
    file.close();
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(ctx.req.headers.get("range"), stat.size);
  if (range === "outside") {
    file.close();
    headers.set("content-range", `bytes */${stat.size}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set("content-length", String(range === null ? stat.size : range.end - range.start + 1));
  if (range !== null) headers.set("content-range", `bytes ${range.start}-${range.end}/${stat.size}`);
  const status = range === null ? 200 : 206;
  if (ctx.req.method === "HEAD") {
    file.close();
    return new Response(null, { status, headers });
  }
  if (range === null) return new Response(file.readable, { status, headers });
  await file.seek(range.start, Deno.SeekMode.Start);
  return new Response(file.readable.pipeThrough(takeBytes(range.end - range.start + 1)), { status, headers });
}

/** One range as players ask for it; several ranges or an unknown form get the whole file. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | "outside" | null {
  const parts = header?.match(/^bytes=(\d*)-(\d*)$/);
  if (!parts || (parts[1] === "" && parts[2] === "")) return null;
  const start = parts[1] === "" ? Math.max(0, size - Number(parts[2])) : Number(parts[1]);
  const end = parts[1] === "" || parts[2] === "" ? size - 1 : Math.min(Number(parts[2]), size - 1);
  return start > end ? "outside" : { start, end };
}

function takeBytes(count: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let left = count;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.byteLength <= left ? chunk : chunk.subarray(0, left));
      left -= chunk.byteLength;
      if (left <= 0) controller.terminate();
    },
  });
}
