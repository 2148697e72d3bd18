/** A store that speaks as much S3 as uploads need and checks every signature by its own sums, and a RunPod that counts. */
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
  open: Map<string, Uint8Array[]>;
}

export function openStandIn(): StandIn {
  const objects = new Map<string, Uint8Array>();
  const open = new Map<string, Uint8Array[]>();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => answer(request, here),
  );
  const here: StandIn = {
    url: `http://127.0.0.1:${server.addr.port}`,
    objects,
    open,
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
  if (request.method === "PUT") return put(here, key, [body], Uint8Array.from(md5(body)).toHex());
  const found = here.objects.get(key);
  if (!found) return new Response(null, { status: 404 });
  const headers = { etag: `"${tags.get(found) ?? ""}"`, "content-length": String(found.length) };
  return new Response(request.method === "HEAD" ? null : found.slice(), { headers });
}

const tags = new WeakMap<Uint8Array, string>();

function answerPart(
  request: Request,
  { here, key, id, body }: { here: StandIn; key: string; id: string; body: Uint8Array },
): Response {
  const parts = here.open.get(id);
  if (!parts) return new Response("<Error><Code>NoSuchUpload</Code></Error>", { status: 404 });
  if (request.method === "PUT") {
    const isLater = new URL(request.url).searchParams.get("partNumber") !== "1";
    if (isLater && here.fault === "refuses later parts") return new Response("", { status: 403 });
    parts[Number(new URL(request.url).searchParams.get("partNumber")) - 1] = body;
    return new Response(null, { headers: { etag: `"${md5(body).toString("hex")}"` } });
  }
  here.open.delete(id);
  if (request.method === "DELETE") return new Response(null, { status: 204 });
  const all = createHash("md5");
  for (const part of parts) all.update(md5(part));
  return put(here, key, parts, `${all.digest("hex")}-${parts.length}`);
}

function put(here: StandIn, key: string, parts: Uint8Array[], tag: string): Response {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  const { fault } = here;
  if (fault === "changes") whole[0] = (whole[0] ?? 0) ^ 1;
  const kept = fault === "truncates" ? whole.slice(1) : whole;
  tags.set(kept, fault === "none" ? tag : "of-its-own");
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
