/** Signatures by Standard Webhooks: HMAC-SHA256 over id, time and the very bytes of the body. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { SECRET_MARK } from "@/core/webhooks.ts";

/** One signature for each secret, the newest first. */
export function signedHeaders(
  { id, body, secrets, now }: { id: string; body: string; secrets: string[]; now: number },
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_MARK.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
