/** The words inside a PNG file: what a renderer wrote there is taken out, and a comment is put in. No pixel changes. */
import { crc32 } from "node:zlib";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Renderers lay whole graphs in here, and cameras places. */
const WORDS = ["tEXt", "zTXt", "iTXt", "eXIf", "tIME"];

/** The same picture with one comment for all words; null where this is no PNG file. */
export function rewriteWords(png: Uint8Array, comment: string): Uint8Array | null {
  if (!SIGNATURE.every((byte, at) => png[at] === byte)) return null;
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [png.subarray(0, 8)];
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + view.getUint32(at);
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (end > png.length) return null;
    if (name === "IEND" && comment !== "") parts.push(commentChunk(comment));
    if (!WORDS.includes(name)) parts.push(png.subarray(at, end));
    at = end;
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `iTXt`, which holds any script: keyword, no compression, no language, no translated keyword, text. */
function commentChunk(comment: string): Uint8Array {
  const body = new TextEncoder().encode(`iTXtComment\0\0\0\0\0${comment}`);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return chunk;
}
