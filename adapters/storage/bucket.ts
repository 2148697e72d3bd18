/** Keeps files in a bucket of S3, of Google (by its S3 interface) or of another store that speaks S3, and makes sure they arrived. */
import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import type { Secret } from "@/core/config.ts";
import { OBJECT_STORES } from "@/core/config_stores.ts";
import { fail } from "@/core/problem.ts";
import { hashFile } from "./local.ts";

/** Larger files go in parts of this size; a part is all that is held in memory. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_MAX = 10_000;
const RETRIES = 3;

export interface Delivered {
  url: string;
  bytes: number;
  sha256: string;
}

/** Where a bucket is and who may use it. `place` is `s3://bucket/folder` or `gs://bucket/folder`. */
export interface BucketSettings {
  place: string;
  /** Another store that speaks S3; empty for that of Amazon or Google. */
  endpoint: string;
  region: string;
  keyId: string;
  secret: Secret | null;
  /** Name of the variable with the place, for the person who has to set the others. */
  variable: string;
}

export interface Listed {
  key: string;
  bytes: number;
  modifiedAt: number;
}

/** Keys are relative to the folder. All throw upload.failed where the store does not do it. */
export interface Bucket {
  /** Uploads and verifies size and content, of which a known hash may be given; what is here stays as it is. */
  put(
    path: string,
    key: string,
    options: { mime: string; sha256?: string; signal?: AbortSignal },
  ): Promise<Delivered>;
  /** Null when it does not exist. The time is that of the store, in whole seconds. */
  head(key: string): Promise<Omit<Listed, "key"> | null>;
  /** Null when it does not exist. Throws request.range. */
  get(key: string, range?: { start: number; end: number }): Promise<ReadableStream<Uint8Array> | null>;
  remove(key: string): Promise<void>;
  list(): AsyncGenerator<Listed>;
}

/** Null where no bucket is named. Throws studio.config without a key. */
export function openBucket(settings: BucketSettings, { partBytes = PART_BYTES } = {}): Bucket | null {
  const { endpoint, region, keyId, secret, variable } = settings;
  const [, scheme, bucket, folder = ""] = /^(s3|gs):\/\/([^/]+)\/*(.*?)\/*$/.exec(settings.place) ?? [];
  if (scheme === undefined || bucket === undefined) return null;
  if (keyId === "" || secret === null) {
    const name = variable.replace("_URL", "");
    throw fail("studio.config", { message: `${variable} needs ${name}_KEY_ID and ${name}_SECRET.` });
  }
  const isGoogle = scheme === "gs";
  const usual = OBJECT_STORES[isGoogle ? "gs" : "s3"].replace("REGION", region);
  const client = new AwsClient({
    accessKeyId: keyId,
    secretAccessKey: secret.reveal(),
    service: "s3",
    region: isGoogle ? "auto" : region,
    retries: RETRIES,
  });
  const root = `${(endpoint || usual).replace(/\/+$/, "")}/${bucket}`;
  const prefix = folder === "" ? "" : `${folder}/`;
  const urlOf = (key: string) => `${root}/${prefix}${key.split("/").map(encodeURIComponent).join("/")}`;
  return {
    async put(path, key, { mime, signal, ...known }) {
      const url = urlOf(key);
      const upload = { client, url, path, mime, partBytes, signal };
      const { size } = await Deno.stat(path);
      const tag = size > partBytes ? await putParts(upload, size) : await putWhole(upload);
      const sha256 = known.sha256 ?? await hashFile(path);
      await verify(upload, { size, tag, sha256 });
      return { url, bytes: size, sha256 };
    },
    async head(key) {
      const answer = await ask({ client }, urlOf(key), { method: "HEAD", missing: true });
      if (answer.status === 404) return null;
      return {
        bytes: Number(answer.headers.get("content-length")),
        modifiedAt: Date.parse(answer.headers.get("last-modified") ?? ""),
      };
    },
    async get(key, range) {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : undefined;
      const answer = await ask({ client }, urlOf(key), { method: "GET", headers, missing: true });
      if (answer.status !== 404) return answer.body ?? new ReadableStream();
      await answer.body?.cancel();
      return null;
    },
    async remove(key) {
      const answer = await ask({ client }, urlOf(key), { method: "DELETE", missing: true });
      await answer.body?.cancel();
    },
    list: () => listBucket({ client }, { root, prefix }),
  };
}

/** A thousand at a time, as the store gives them. */
async function* listBucket(
  asker: Asker,
  { root, prefix }: { root: string; prefix: string },
): AsyncGenerator<Listed> {
  let next = "";
  do {
    const query = new URLSearchParams({ "list-type": "2", prefix });
    if (next !== "") query.set("continuation-token", next);
    const text = await (await ask(asker, `${root}?${query}`, { method: "GET" })).text();
    for (const [, entry = ""] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const value = (name: string) =>
        unescapeXml(new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(entry)?.[1]);
      const [key, bytes, at] = [value("Key"), Number(value("Size")), Date.parse(value("LastModified"))];
      yield { key: key.slice(prefix.length), bytes, modifiedAt: at };
    }
    next = unescapeXml(/<NextContinuationToken>(.*?)<\/NextContinuationToken>/s.exec(text)?.[1]);
  } while (next !== "");
}

function unescapeXml(text = ""): string {
  const signs: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => signs[name] ?? "");
}

interface Asker {
  client: AwsClient;
  signal?: AbortSignal;
}

interface Upload extends Asker {
  url: string;
  path: string;
  mime: string;
  partBytes: number;
}

interface Asked {
  method: string;
  body?: Uint8Array<ArrayBuffer> | string;
  headers?: Record<string, string>;
  /** That there is no such object is an answer and no failure. */
  missing?: boolean;
}

async function ask(
  { client, signal }: Asker,
  url: string,
  { missing, ...init }: Asked,
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
  if (answer.ok || missing && answer.status === 404) return answer;
  if (answer.status === 416) {
    await answer.body?.cancel();
    throw fail("request.range");
  }
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
