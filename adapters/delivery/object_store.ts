/** Puts files into a bucket of S3, of Google (by its S3 interface) or of another store that speaks S3, and makes sure they arrived. */
import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { type Config, OBJECT_STORES } from "@/core/config.ts";
import { fail } from "@/core/problem.ts";

/** Larger files go in parts of this size; a part is all that is held in memory. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_MAX = 10_000;
const RETRIES = 3;

export interface Delivered {
  url: string;
  bytes: number;
  sha256: string;
}

export interface ObjectStore {
  /** Uploads and verifies size and content. Throws upload.failed; what is here stays as it is. */
  put(path: string, name: string, options: { mime: string; signal?: AbortSignal }): Promise<Delivered>;
}

type Settings = Pick<
  Config,
  "UPLOAD_URL" | "UPLOAD_ENDPOINT" | "UPLOAD_REGION" | "UPLOAD_KEY_ID" | "UPLOAD_SECRET"
>;

/** Null where no bucket is named. */
export function openObjectStore(settings: Settings, { partBytes = PART_BYTES } = {}): ObjectStore | null {
  const { UPLOAD_URL, UPLOAD_ENDPOINT, UPLOAD_REGION, UPLOAD_KEY_ID, UPLOAD_SECRET } = settings;
  const [, scheme, place] = /^(s3|gs):\/\/(.+?)\/*$/.exec(UPLOAD_URL) ?? [];
  if (scheme === undefined || place === undefined) return null;
  if (UPLOAD_KEY_ID === "" || UPLOAD_SECRET === null) {
    throw fail("studio.config", { message: "UPLOAD_URL needs UPLOAD_KEY_ID and UPLOAD_SECRET." });
  }
  const isGoogle = scheme === "gs";
  const usual = OBJECT_STORES[isGoogle ? "gs" : "s3"].replace("REGION", UPLOAD_REGION);
  const client = new AwsClient({
    accessKeyId: UPLOAD_KEY_ID,
    secretAccessKey: UPLOAD_SECRET.reveal(),
    service: "s3",
    region: isGoogle ? "auto" : UPLOAD_REGION,
    retries: RETRIES,
  });
  const base = `${(UPLOAD_ENDPOINT || usual).replace(/\/+$/, "")}/${place}`;
  return {
    async put(path, name, { mime, signal }) {
      const url = `${base}/${encodeURIComponent(name)}`;
      const upload = { client, url, path, mime, partBytes, signal };
      const { size } = await Deno.stat(path);
      const tag = size > partBytes ? await putParts(upload, size) : await putWhole(upload);
      const sha256 = await hashOf(path);
      await verify(upload, { size, tag, sha256 });
      return { url, bytes: size, sha256 };
    },
  };
}

interface Upload {
  client: AwsClient;
  url: string;
  path: string;
  mime: string;
  partBytes: number;
  signal?: AbortSignal;
}

async function ask(
  { client, signal }: Upload,
  url: string,
  init: { method: string; body?: Uint8Array<ArrayBuffer> | string; headers?: Record<string, string> },
): Promise<Response> {
  // Signed with the content's hash, the store refuses what changed on the way.
  const content = createHash("sha256").update(init.body ?? "").digest("hex");
  const headers = { ...init.headers, "x-amz-content-sha256": content };
  let answer: Response;
  try {
    answer = await client.fetch(url, { ...init, headers, signal });
  } catch (thrown) {
    throw fail("upload.failed", { operator: `${init.method}: ${Deno.inspect(thrown)}` }, thrown);
  }
  if (answer.ok) return answer;
  const said = /<Code>([^<]*)<\/Code>/.exec(await answer.text())?.[1] ?? "";
  throw fail("upload.failed", { operator: `${init.method} answered ${answer.status} ${said}` });
}

async function putWhole(upload: Upload): Promise<string> {
  const body = await Deno.readFile(upload.path);
  const headers = { "content-type": upload.mime };
  await (await ask(upload, upload.url, { method: "PUT", body, headers })).body?.cancel();
  return createHash("md5").update(body).digest("hex");
}

/** Returns the tag that the store will give to a file that came in these parts. */
async function putParts(upload: Upload, size: number): Promise<string> {
  if (size > upload.partBytes * PARTS_MAX) {
    throw fail("upload.failed", { retry: "never", operator: `${size} bytes are too many parts` });
  }
  const { url, path, mime, partBytes } = upload;
  const begun = await ask(upload, `${url}?uploads`, { method: "POST", headers: { "content-type": mime } });
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await begun.text())?.[1];
  if (id === undefined) throw fail("upload.failed", { operator: "no UploadId in the answer" });
  const query = `uploadId=${encodeURIComponent(id)}`;
  try {
    const tags: string[] = [];
    const all = createHash("md5");
    using file = await Deno.open(path);
    for (let part = 1; (part - 1) * partBytes < size; part++) {
      const body = await readPart(file, Math.min(partBytes, size - (part - 1) * partBytes));
      const answer = await ask(upload, `${url}?partNumber=${part}&${query}`, { method: "PUT", body });
      await answer.body?.cancel();
      tags.push(answer.headers.get("etag") ?? "");
      all.update(createHash("md5").update(body).digest());
    }
    const list = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const body = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
    const answer = await (await ask(upload, `${url}?${query}`, { method: "POST", body })).text();
    // The store may find only now that it cannot, after it answered 200.
    if (answer.includes("<Error>")) throw fail("upload.failed", { operator: answer.slice(0, 300) });
    return `${all.digest("hex")}-${tags.length}`;
  } catch (thrown) {
    await ask({ ...upload, signal: undefined }, `${url}?${query}`, { method: "DELETE" })
      .then((answer) => answer.body?.cancel()).catch(() => undefined);
    throw thrown;
  }
}

async function readPart(file: Deno.FsFile, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const part = new Uint8Array(bytes);
  let at = 0;
  while (at < bytes) {
    const read = await file.read(part.subarray(at));
    if (read === null) throw fail("upload.failed", { operator: "the file became shorter" });
    at += read;
  }
  return part;
}

/** The size, and the content by the store's own tag; where that is no hash of it, the file is read back. */
async function verify(
  upload: Upload,
  { size, tag, sha256 }: { size: number; tag: string; sha256: string },
): Promise<void> {
  const head = await ask(upload, upload.url, { method: "HEAD" });
  const found = Number(head.headers.get("content-length"));
  if (found !== size) throw fail("upload.failed", { operator: `${found} of ${size} bytes arrived` });
  if (head.headers.get("etag")?.replaceAll('"', "") === tag) return;
  const { body } = await ask(upload, upload.url, { method: "GET" });
  const hash = createHash("sha256");
  for await (const chunk of body ?? []) hash.update(chunk);
  if (hash.digest("hex") !== sha256) throw fail("upload.failed", { operator: "other content arrived" });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of (await Deno.open(path)).readable) hash.update(chunk);
  return hash.digest("hex");
}
