/** Reads the fields of a form that a browser sent without script. */
import { HttpError } from "fresh";

const BYTES_MAX = 256 * 1024;

/** The fields of a form with what was ticked, several of a name included. One that is too long is refused while it comes. */
export async function readTicks(req: Request): Promise<FormData> {
  const bytes = await readBytes(req);
  const headers = { "content-type": req.headers.get("content-type") ?? "" };
  return await new Response(bytes, { headers }).formData().catch(() => Promise.reject(new HttpError(400)));
}

/** Text fields by name, a later one of a name wins. Anything that is no small form is refused. */
export async function readFields(req: Request): Promise<Record<string, string>> {
  const type = (req.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") throw new HttpError(400);
  return Object.fromEntries(new URLSearchParams(new TextDecoder().decode(await readBytes(req))));
}

async function readBytes(req: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(req.headers.get("content-length") ?? 0) > BYTES_MAX) throw new HttpError(413);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of req.body ?? []) {
    length += piece.byteLength;
    if (length > BYTES_MAX) throw new HttpError(413);
    pieces.push(piece.slice());
  }
  return await new Blob(pieces).bytes();
}
