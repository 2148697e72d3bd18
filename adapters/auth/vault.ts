/** Secrets that the studio must be able to read again: sealed with AES-256-GCM under a key that is not in the database. */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { Secret } from "@/core/config.ts";

export interface Vault {
  seal(text: string): string;
  /** Null for what was sealed under another key, or changed since. */
  open(sealed: string): string | null;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = "v1.";

/** `purpose` keeps what was sealed for one use from being opened as another. */
export function makeVault(secret: Secret, purpose: string): Vault {
  const key = Buffer.from(hkdfSync("sha256", secret.reveal(), "", `animatrix ${purpose}`, 32));
  return {
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return FORM + sealed.toString("base64url");
    },
    open(sealed) {
      if (!sealed.startsWith(FORM)) return null;
      const bytes = Buffer.from(sealed.slice(FORM.length), "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8") +
          decipher.final("utf8");
      } catch {
        return null;
      }
    },
  };
}
