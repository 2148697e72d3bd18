/** Reads the fields of a form that a browser sent without script. */
import { HttpError } from "fresh";

const BYTES_MAX = 256 * 1024;

/** Text fields by name, a later one of a name wins. Anything that is no small form is refused. */
export async function readFields(req: Request): Promise<Record<string, string>> {
  const type = (req.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") throw new HttpError(400);
  if (Number(req.headers.get("content-length") ?? 0) > BYTES_MAX) throw new HttpError(413);
  const text = await readText(req.body);
  return Object.fromEntries(new URLSearchParams(text));
}

async function readText(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BYTES_MAX) throw new HttpError(413);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
