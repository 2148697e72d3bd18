/** Serves `static/` and the built scripts with entity tags, byte ranges, compressed forms and, for locked addresses, a year of caching. */
import { Context } from "./context.ts";
import { BUILD_PATH, LOCK } from "./payload.ts";
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
/** Tells pages in development apart which studio answers; another process is another one. */
const ALIVE = "/_fresh/alive";
const PROCESS = crypto.randomUUID();

/** Answers GET and HEAD for existing files and hands everything else on. */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    if (ctx.req.method !== "GET" && ctx.req.method !== "HEAD") return await ctx.next();
    const path = safePath(ctx.url.pathname);
    if (path === null) return await ctx.next();
    if (ctx.config.mode === "development" && ctx.url.pathname === ALIVE) return ctx.text(PROCESS);
    const place = placeOf(ctx, path);
    if (place === null) return await ctx.next();
    const file = await openFile(place, ctx.req.headers.get("accept-encoding") ?? "");
    return file === null ? await ctx.next() : await serve(ctx, file, place.isForever);
  };
}

/** The path without its first slash, or null where it could leave the folder or name a hidden file. */
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

interface Place {
  file: string;
  /** Compressed forms lie beside it. */
  isBuilt: boolean;
  /** The address changes with the content. */
  isForever: boolean;
}

/** Null where the build knows that there is no such file: pages should not wait for the disk to say so. */
function placeOf<State>(ctx: Context<State>, path: string): Place | null {
  const built = Context.builtOf(ctx);
  if (built !== null && `/${path}`.startsWith(BUILD_PATH)) {
    return {
      file: `${built.folder}/js/${path.slice(BUILD_PATH.length - 1)}`,
      isBuilt: true,
      isForever: true,
    };
  }
  const isForever = buildId() !== "" && ctx.url.searchParams.get(LOCK) === buildId();
  const asset = built?.manifest.assets[`/${path}`];
  if (built && asset !== undefined) {
    return { file: `${built.folder}/assets/${asset}`, isBuilt: true, isForever };
  }
  if (built && built.manifest.inputs[`static/${path}`] === undefined) return null;
  return { file: `${ctx.config.root}/static/${path}`, isBuilt: false, isForever };
}

interface Opened {
  file: Deno.FsFile;
  stat: Deno.FileInfo;
  type: string;
  encoding: "br" | "gzip" | null;
  isBuilt: boolean;
}

/** The smallest form that the reader takes. */
async function openFile({ file, isBuilt }: Place, accepted: string): Promise<Opened | null> {
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream";
  const forms = isBuilt ? [["br", ".br"], ["gzip", ".gz"], [null, ""]] as const : [[null, ""]] as const;
  for (const [encoding, ending] of forms) {
    if (encoding !== null && !takes(accepted, encoding)) continue;
    const path = file + ending;
    try {
      const stat = await Deno.stat(path);
      if (stat.isFile) return { file: await Deno.open(path), stat, type, encoding, isBuilt };
    } catch (cause) {
      if (!isAbsent(cause)) throw cause;
    }
  }
  return null;
}

function takes(accepted: string, encoding: string): boolean {
  return accepted.split(",").some((entry) => {
    const [name = "", weight = ""] = entry.trim().split(/\s*;\s*/);
    return name === encoding && !/^q=0(\.0*)?$/.test(weight);
  });
}

function isAbsent(cause: unknown): boolean {
  if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return true;
  // A name that is longer than names can be names no file.
  return cause instanceof Error && "code" in cause && cause.code === "ENAMETOOLONG";
}

async function serve<State>(ctx: Context<State>, opened: Opened, isForever: boolean): Promise<Response> {
  const { file, stat, type, encoding, isBuilt } = opened;
  const modified = (stat.mtime?.getTime() ?? 0).toString(36);
  const etag = `W/"${stat.size.toString(36)}-${modified}${encoding ? `-${encoding}` : ""}"`;
  const headers = new Headers({
    "content-type": type,
    "cache-control": isForever ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
  });
  if (isBuilt) headers.set("vary", "accept-encoding");
  if (encoding === null) headers.set("accept-ranges", "bytes");
  else headers.set("content-encoding", encoding);
  const none = ctx.req.headers.get("if-none-match");
  if (none?.split(",").some((tag) => tag.trim() === etag)) {
    file.close();
    return new Response(null, { status: 304, headers });
  }
  const range = encoding === null ? rangeOf(ctx.req.headers.get("range"), stat.size) : null;
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
