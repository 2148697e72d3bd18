/** Session tokens and one-time codes: random when given out, keyed hashes when stored. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Secret } from "@/core/config.ts";

/** The keyed hash under which a token is stored: a stolen table opens no session. */
export function makeTokenHash(secret: Secret): (token: string) => string {
  return (token) => createHmac("sha256", secret.reveal()).update(token).digest("hex");
}

export function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A code that a person can read off a terminal: no letters that look like digits. */
export function makeStartCode(): string {
  const letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
  const code = Array.from(randomBytes(12), (byte) => letters[byte % letters.length]).join("");
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;
}
