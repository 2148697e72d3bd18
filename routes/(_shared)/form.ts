/** Reads a form with files: each file flows on while it arrives, so that no upload is ever in memory as a whole. */
import { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { HttpError } from "fresh";

export interface FormFile {
  field: string;
  name: string;
  content: ReadableStream<Uint8Array>;
  /** Counts the files of the form, from 0. */
  nth: number;
}

/** The values of each name. */
export type Fields = Map<string, string[]>;

const LIMITS = { fieldNameSize: 100, fieldSize: 40_000, fields: 100, files: 20, parts: 120, headerPairs: 50 };

/**
 * Gives the fields, and hands each chosen file on as it arrives, with the fields that stand before it in the form. What
 * `take` leaves unread is thrown away.
 */
export async function readForm(
  req: Request,
  take: (file: FormFile, before: Fields) => Promise<void>,
  limits: Partial<typeof LIMITS> = {},
): Promise<Fields> {
  const type = req.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data") || req.body === null) throw new HttpError(415);
  const fields: Fields = new Map();
  const taken: Promise<void>[] = [];
  await new Promise<void>((resolve, reject) => {
    const form = new Busboy({ headers: { "content-type": type }, limits: { ...LIMITS, ...limits } });
    form.on("field", (name, value) => void fields.set(name, [...fields.get(name) ?? [], value]));
    form.on("file", (field, stream, name) => {
      if (!name) return void stream.resume();
      const content: ReadableStream<Uint8Array> = Readable.toWeb(stream) as ReadableStream<Uint8Array>;
      const done = take({ field, name, content, nth: taken.length }, fields).finally(() => stream.resume());
      done.catch(reject);
      taken.push(done);
    });
    form.on("finish", resolve);
    form.on("error", () => reject(new HttpError(400)));
    const body = Readable.fromWeb(req.body as Parameters<typeof Readable.fromWeb>[0]);
    body.on("error", () => reject(new HttpError(400)));
    body.pipe(form);
  });
  await Promise.all(taken);
  return fields;
}
