/** SHA-256 of bytes as lower-case hex, synchronous. */
import { createHash } from "node:crypto";
import type { Hash } from "@/core/ports.ts";

export const sha256: Hash = (bytes) => createHash("sha256").update(bytes).digest("hex");
