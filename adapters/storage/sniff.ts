/** Tells what an upload is by the bytes it starts with; names and announced types are not believed. */
import { fileTypeFromBuffer } from "file-type";
import { fail } from "@/core/problem.ts";

export type AcceptedExt = keyof typeof ACCEPTED;

/** How many bytes from the start of a file are needed at most. */
export const SNIFF_BYTES = 64 * 1024;

const ACCEPTED = {
  png: { kind: "image", mime: "image/png" },
  jpg: { kind: "image", mime: "image/jpeg" },
  webp: { kind: "image", mime: "image/webp" },
  gif: { kind: "image", mime: "image/gif" },
  mp4: { kind: "video", mime: "video/mp4" },
  mov: { kind: "video", mime: "video/quicktime" },
  webm: { kind: "video", mime: "video/webm" },
  mkv: { kind: "video", mime: "video/matroska" },
  wav: { kind: "audio", mime: "audio/wav" },
  mp3: { kind: "audio", mime: "audio/mpeg" },
  m4a: { kind: "audio", mime: "audio/mp4" },
  flac: { kind: "audio", mime: "audio/flac" },
  ogg: { kind: "audio", mime: "audio/ogg" },
} as const;

/** Other names under which the signature reader knows accepted formats. */
const SAME: Record<string, AcceptedExt> = { apng: "png", m4v: "mp4", oga: "ogg", opus: "ogg", f4v: "mp4" };

/**
 * Type of a file by its first bytes. `kind` is what such files usually hold: only a probe tells whether an MP4 has a picture.
 * Throws asset.empty, asset.heic, asset.type_refused.
 */
export async function sniffType(
  head: Uint8Array,
): Promise<{ ext: AcceptedExt; kind: "image" | "video" | "audio"; mime: string }> {
  if (head.length === 0) throw fail("asset.empty");
  const found = await readSignature(head);
  if (found === null) throw fail("asset.type_refused", { operator: "no known signature" });
  if (found.mime.startsWith("image/hei")) throw fail("asset.heic");
  const ext = isAccepted(found.ext) ? found.ext : SAME[found.ext];
  if (ext === undefined) throw fail("asset.type_refused", { detail: { type: found.mime } });
  return { ext, ...ACCEPTED[ext] };
}

/** A file that ends in the middle of its first box makes the reader throw; that is an unknown type. */
async function readSignature(head: Uint8Array): Promise<{ ext: string; mime: string } | null> {
  try {
    return await fileTypeFromBuffer(head.subarray(0, SNIFF_BYTES)) ?? null;
  } catch {
    return null;
  }
}

function isAccepted(ext: string): ext is AcceptedExt {
  return Object.hasOwn(ACCEPTED, ext);
}
