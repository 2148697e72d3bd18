/** `/upload/image` and `/upload/mask`: the way in for every kind of file. */
import { dirname, extname, join, normalize, resolve } from "node:path";
import { Hono } from "hono";
import type { Desk } from "../desk.ts";
import { isFile, isFolderType, isInside } from "../folders.ts";
import { isRecord, PythonError } from "../python.ts";
import { answerEmpty, answerJson, readBytes } from "./answers.ts";

export function uploadRoutes(desk: Desk): Hono {
  const routes = new Hono();
  routes.post("/upload/image", async (c) => await keepUpload(await readForm(c.req.raw, desk), desk));
  // The mask is kept with its own picture; a real server copies its alpha channel onto the referenced image.
  routes.post("/upload/mask", async (c) => {
    const form = await readForm(c.req.raw, desk);
    const reference: unknown = JSON.parse(String(form.get("original_ref")));
    if (!isRecord(reference) || typeof reference.filename !== "string") return answerEmpty(400);
    const type = String(reference.type ?? "output");
    if (!isFolderType(type)) return answerEmpty(400);
    const original = resolve(desk.folders[type], String(reference.subfolder ?? ""), reference.filename);
    if (!isInside(desk.folders[type], original)) return answerEmpty(403);
    return await isFile(original) ? await keepUpload(form, desk) : answerEmpty(404);
  });
  return routes;
}

async function readForm(request: Request, desk: Desk): Promise<FormData> {
  const bytes = await readBytes(request, desk.uploadMaxBytes);
  const type = request.headers.get("content-type") ?? "";
  // A body of another type has no fields.
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(type)) return new FormData();
  const headers = { "content-type": type };
  return await new Response(bytes, { headers }).formData();
}

async function keepUpload(form: FormData, desk: Desk): Promise<Response> {
  const file = form.get("image");
  if (file === null) return answerEmpty(400);
  if (typeof file === "string" || file.name === "") {
    throw new PythonError("AttributeError", "image is no file");
  }
  const type = String(form.get("type") ?? "input");
  if (!isFolderType(type)) throw new PythonError("TypeError", "unknown folder type");
  const base = desk.folders[type];
  const subfolder = String(form.get("subfolder") ?? "");
  const folder = resolve(base, normalize(subfolder || "."));
  const path = resolve(folder, file.name);
  if (!isInside(base, path) || path === base) return answerEmpty(400);
  await Deno.mkdir(folder, { recursive: true });
  if (dirname(path) !== folder) throw new PythonError("FileNotFoundError", file.name);
  const overwrite = form.get("overwrite");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isForced = overwrite === "true" || overwrite === "1";
  const name = isForced ? file.name : await findName(folder, file.name, bytes);
  const isThere = !isForced && await isFile(join(folder, name));
  if (!isThere) await Deno.writeFile(join(folder, name), bytes);
  return answerJson({ name, subfolder, type });
}

/** The first name that is free or holds the same bytes: `x.png`, `x (1).png`, `x (2).png`. */
async function findName(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  let candidate = name;
  for (let copy = 1; await isFile(join(folder, candidate)); copy++) {
    if (equalBytes(await Deno.readFile(join(folder, candidate)), bytes)) return candidate;
    candidate = `${stem} (${copy})${ending}`;
  }
  return candidate;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
