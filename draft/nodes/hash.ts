/** Digests of the draft renderer: equal inputs give equal pictures, so every choice comes from a hash. */
import { createHash } from "node:crypto";
import { canonical } from "@/core/canonical.ts";

/** Lower-case hex SHA-256. */
export function hashBytes(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Digest of any plain value, independent of the order of its keys. */
export function digest(value: unknown): string {
  return hashBytes(new TextEncoder().encode(canonical(value)));
}

/** The first 32 bits of a digest as an unsigned number. */
export function word(hex: string): number {
  return Number.parseInt(hex.slice(0, 8), 16);
}

/** Digest of a file's content, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}
