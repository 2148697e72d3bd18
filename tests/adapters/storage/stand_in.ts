/** A store that speaks as much S3 as the studio needs and checks every signature by its own sums, and a RunPod that counts. */
import { createHash, createHmac } from "node:crypto";

const KEYS = { id: "AKIATEST", secret: "not/a/real+secret" };
export const ENV = { UPLOAD_KEY_ID: KEYS.id, UPLOAD_SECRET: KEYS.secret, UPLOAD_REGION: "eu-central-1" };

export interface StandIn extends AsyncDisposable {
  url: string;
  objects: Map<string, Uint8Array>;
  /** Method and address of every request, and why it was refused, where it was. */
  asked: string[];
  /** What the store does wrong from now on. */
  fault: "none" | "refuses" | "refuses later parts" | "truncates" | "changes" | "tags anew";
  /** Parts of uploads that nobody ended. */
  open: Map<string, Part[]>;
  /** Nothing but the size and the sum of what comes is kept. */
  forgetful: boolean;
}

interface Part {
  bytes: Uint8Array;
  size: number;
  sum: Uint8Array;
}

export function openStandIn({ forgetful = false } = {}): StandIn {
  const objects = new Map<string, Uint8Array>();
  const open = new Map<string, Part[]>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => answer(request, here),
  );
  const here: StandIn = {
    url: `http://127.0.0.1:${server.addr.port}`,
    objects,
    open,
    forgetful,
    asked: [],
    fault: "none",
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return here;
}

const hex = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest();

async function answer(request: Request, here: StandIn): Promise<Response> {
  const url = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  here.asked.push(`${request.method} ${url.pathname}${url.search}`);
  if (url.pathname.startsWith("/pods/")) return new Response("{}", { status: 200 });
  const refused = faultOf(request, url, body);
  if (refused !== null || here.fault === "refuses") {
    here.asked.push(refused ?? "refused");
    return new Response(`<Error><Code>${refused ?? "AccessDenied"}</Code></Error>`, { status: 403 });
  }
  const [key, id] = [url.pathname, url.searchParams.get("uploadId")];
  if (request.method === "POST" && url.searchParams.has("uploads")) {
    here.open.set("one two", []);
    return new Response("<R><UploadId>one two</UploadId></R>");
  }
  if (id !== null) return answerPart(request, { here, key, id, body });
  if (request.method === "PUT") {
    return put(here, key, [partOf(here, body)], Uint8Array.from(md5(body)).toHex());
  }
  if (url.searchParams.get("list-type") === "2") return list(url, here.objects);
  const found = here.objects.get(key);
  if (request.method === "DELETE") {
    here.objects.delete(key);
    return new Response(null, { status: 204 });
  }
  if (!found) return new Response(null, { status: 404 });
  return serve(request, found);
}

function serve(request: Request, found: Uint8Array): Response {
  const { tag = "", size = found.length, at = Date.now() } = facts.get(found) ?? {};
  const headers = {
    etag: `"${tag}"`,
    "content-length": String(size),
    "last-modified": new Date(at).toUTCString(),
  };
  if (request.method === "HEAD") return new Response(null, { headers });
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(found.slice(), { headers });
  const [start, end] = [Number(range[1]), Math.min(Number(range[2]), found.length - 1)];
  if (start >= found.length) return new Response("<Error><Code>InvalidRange</Code></Error>", { status: 416 });
  const part = found.slice(start, end + 1);
  return new Response(part, {
    status: 206,
    headers: { ...headers, "content-length": String(part.length) },
  });
}

/** Two at a time, so that nobody takes the first answer for all. */
function list(url: URL, objects: Map<string, Uint8Array>): Response {
  const { prefix = "", "continuation-token": from = "0" } = Object.fromEntries(url.searchParams);
  const folder = `${url.pathname}/`;
  const keys = [...objects.keys()].map((key) => key.slice(folder.length)).filter((key) =>
    key.startsWith(prefix)
  );
  const page = keys.sort().slice(Number(from), Number(from) + 2).map((key) => {
    const found = objects.get(folder + key) ?? new Uint8Array();
    const at = new Date(facts.get(found)?.at ?? 0).toISOString().replace(/\.\d+Z/, ".000Z");
    return `<Contents><Key>${key}</Key><LastModified>${at}</LastModified><Size>${found.length}</Size></Contents>`;
  });
  const next = Number(from) + 2;
  const more = next < keys.length ? `<NextContinuationToken>${next}</NextContinuationToken>` : "";
  return new Response(`<ListBucketResult>${page.join("")}${more}</ListBucketResult>`);
}

function partOf({ forgetful }: StandIn, bytes: Uint8Array): Part {
  return { bytes: forgetful ? new Uint8Array() : bytes, size: bytes.length, sum: md5(bytes) };
}

/** What the store knows of an object besides its bytes. */
const facts = new WeakMap<Uint8Array, { tag: string; size: number; at: number }>();

function answerPart(
  request: Request,
  { here, key, id, body }: { here: StandIn; key: string; id: string; body: Uint8Array },
): Response {
  const parts = here.open.get(id);
  if (!parts) return new Response("<Error><Code>NoSuchUpload</Code></Error>", { status: 404 });
  if (request.method === "PUT") {
    const isLater = new URL(request.url).searchParams.get("partNumber") !== "1";
    if (isLater && here.fault === "refuses later parts") return new Response("", { status: 403 });
    parts[Number(new URL(request.url).searchParams.get("partNumber")) - 1] = partOf(here, body);
    return new Response(null, { headers: { etag: `"${md5(body).toString("hex")}"` } });
  }
  here.open.delete(id);
  if (request.method === "DELETE") return new Response(null, { status: 204 });
  const all = createHash("md5");
  for (const { sum } of parts) all.update(sum);
  return put(here, key, parts, `${all.digest("hex")}-${parts.length}`);
}

function put(here: StandIn, key: string, parts: Part[], tag: string): Response {
  const whole = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of parts) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  const { fault } = here;
  if (fault === "changes") whole[0] = (whole[0] ?? 0) ^ 1;
  const kept = fault === "truncates" ? whole.slice(1) : whole;
  const size = here.forgetful ? parts.reduce((sum, part) => sum + part.size, 0) : kept.length;
  facts.set(kept, { tag: fault === "none" ? tag : "of-its-own", size, at: Date.now() });
  here.objects.set(key, kept);
  return new Response("<R/>", { headers: { etag: `"${tag}"` } });
}

/** AWS Signature Version 4, from its description: null where the request is signed as it should be. */
function faultOf(request: Request, url: URL, body: Uint8Array): string | null {
  const given = /Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
    .exec(request.headers.get("authorization") ?? "");
  if (!given) return "MissingSecurityHeader";
  const [, credential = "", names = "", signature = ""] = given;
  const [id, day = "", region = "", service = "", end] = credential.split("/");
  if (id !== KEYS.id || end !== "aws4_request") return "InvalidAccessKeyId";
  const content = request.headers.get("x-amz-content-sha256") ?? "";
  if (content !== hex(body)) return "XAmzContentSHA256Mismatch";
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join("=")).sort().join("&");
  const headers = names.split(";").map((name) =>
    `${name}:${request.headers.get(name)?.trim() ?? url.host}\n`
  );
  const canonical = [request.method, url.pathname, query, headers.join(""), names, content].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const stamp = request.headers.get("x-amz-date") ?? "";
  const text = ["AWS4-HMAC-SHA256", stamp, scope, hex(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Uint8Array>(
    (last, part) => createHmac("sha256", last).update(part).digest(),
    new TextEncoder().encode(`AWS4${KEYS.secret}`),
  );
  const wanted = createHmac("sha256", key).update(text).digest("hex");
  return wanted === signature ? null : "SignatureDoesNotMatch";
}
