/** `/view`: files of the three folders, with ranges and previews. */
import { join, resolve } from "node:path";
import { Hono } from "hono";
import type { Desk } from "../desk.ts";
import { baseName, guessType, isFile, isFolderType, isInside, splitAnnotation } from "../folders.ts";
import { answerEmpty } from "./answers.ts";

const CHUNK_BYTES = 256 * 1024;

export function viewRoutes(desk: Desk): Hono {
  const routes = new Hono();
  routes.get("/view", async (c) => {
    const found = await findFile(desk, (name) => c.req.query(name));
    if (typeof found === "number") return answerEmpty(found);
    const preview = c.req.query("preview");
    if (preview !== undefined) return await answerPreview(desk, found, preview);
    const isRecoded = c.req.query("channel") === "rgb" && guessType(found).startsWith("image/");
    if (isRecoded) return await answerRecoded(desk, found);
    return await answerFile(c.req.raw, found, desk.faults.settings.cutViewBytes);
  });
  return routes;
}

/** The path, or the status that refuses it. */
async function findFile(desk: Desk, query: (name: string) => string | undefined): Promise<string | number> {
  const asked = query("filename");
  if (asked === undefined) return 404;
  const { name, type } = splitAnnotation(asked);
  if (name === "" || name.startsWith("/") || name.includes("..")) return 400;
  const folderType = type ?? query("type") ?? "output";
  if (!isFolderType(folderType)) return 400;
  const base = desk.folders[folderType];
  const folder = resolve(base, query("subfolder") ?? "");
  if (!isInside(base, folder)) return 403;
  const path = join(folder, baseName(name));
  return await isFile(path) ? path : 404;
}

/** A still in another format and at its own size. The quality in `webp;90` is the engine's own. */
async function answerPreview(desk: Desk, path: string, preview: string): Promise<Response> {
  const isWebp = preview.startsWith("webp");
  const output = join(desk.folders.temp, `preview_${desk.ids.uuid4()}.${isWebp ? "webp" : "jpg"}`);
  const { video } = await desk.media.probe(path);
  const edge = Math.max(video?.width ?? 512, video?.height ?? 512);
  if (isWebp) await desk.media.thumbnail({ path, edge, output });
  else await desk.media.poster({ path, atS: 0, edge, output });
  return await answerOnce(output, path);
}

/** The picture without its alpha channel, as PNG. */
async function answerRecoded(desk: Desk, path: string): Promise<Response> {
  const output = join(desk.folders.temp, `channel_${desk.ids.uuid4()}.png`);
  await desk.media.frame({ path, index: 0, output });
  return await answerOnce(output, path);
}

async function answerOnce(output: string, original: string): Promise<Response> {
  const bytes = await Deno.readFile(output);
  await Deno.remove(output);
  return new Response(bytes, {
    headers: { "content-type": guessType(output), "content-disposition": nameHeader(original) },
  });
}

async function answerFile(request: Request, path: string, cutAfter: number | null): Promise<Response> {
  const stat = await Deno.stat(path);
  const modified = stat.mtime ?? new Date(0);
  const tag = `"${modified.getTime().toString(16)}-${stat.size.toString(16)}"`;
  const headers = new Headers({
    "content-type": guessType(path),
    "content-disposition": nameHeader(path),
    "accept-ranges": "bytes",
    "etag": tag,
    "last-modified": modified.toUTCString(),
  });
  if ([tag, "*"].includes(request.headers.get("if-none-match") ?? "")) {
    return new Response(null, { status: 304, headers });
  }
  // A tag in `If-Range` is not looked at: the part comes whether or not the file is still the same.
  const asked = request.headers.get("range");
  const range = asked === null ? "all" : readRange(asked, stat.size);
  if (range === "none") {
    headers.set("content-range", `bytes */${stat.size}`);
    for (const name of ["etag", "accept-ranges"]) headers.delete(name);
    return new Response(new Uint8Array(0), { status: 416, headers });
  }
  const span = range === "all" ? { start: 0, end: stat.size - 1 } : range;
  headers.set("content-length", String(span.end - span.start + 1));
  if (range !== "all") headers.set("content-range", `bytes ${span.start}-${span.end}/${stat.size}`);
  const status = range === "all" ? 200 : 206;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  return new Response(await streamSpan(path, span, cutAfter), { status, headers });
}

function readRange(text: string, size: number): { start: number; end: number } | "none" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text.trim());
  const [, from = "", to = ""] = match ?? [];
  if (match === null || (from === "" && to === "")) return "none";
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start <= end ? { start, end } : "none";
}

/** The bytes of `[start, end]`; with a cut the stream breaks after that many. */
async function streamSpan(
  path: string,
  span: { start: number; end: number },
  cutAfter: number | null,
): Promise<ReadableStream<Uint8Array>> {
  const file = await Deno.open(path);
  await file.seek(span.start, Deno.SeekMode.Start);
  let left = Math.min(span.end - span.start + 1, cutAfter ?? Infinity);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, left));
      const count = buffer.length === 0 ? null : await file.read(buffer);
      if (count !== null) {
        controller.enqueue(buffer.subarray(0, count));
        left -= count;
        return;
      }
      file.close();
      // Fewer bytes than promised make the server cut the connection.
      controller.close();
    },
    cancel() {
      file.close();
    },
  });
}

function nameHeader(path: string): string {
  const name = baseName(path);
  // A real server sends any name as it is; here headers carry Latin letters only.
  return `filename="${/^[\x20-\x7e]*$/.test(name) ? name : encodeURIComponent(name)}"`;
}
