/** Reads the files of a ZIP, stored or deflated, each up to a size. */
import { inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const FILES_MAX = 2000;

/** Names with contents; null where a file is larger than `bytesMax` or packed in another way. Throws for what is no ZIP. */
export function unzip(bytes: Uint8Array, bytesMax: number): Map<string, Uint8Array | null> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("This is no whole ZIP file");
  const count = view.getUint16(end + 10, true);
  if (count > FILES_MAX) throw new Error(`This ZIP has ${count} files; ${FILES_MAX} are read at most`);
  const files = new Map<string, Uint8Array | null>();
  let at = view.getUint32(end + 16, true);
  for (let n = 0; n < count; n++) {
    if (view.getUint32(at, true) !== ENTRY) throw new Error("The directory of this ZIP is damaged");
    const [method, packed, size] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 24, true),
    ];
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const content = bytes.subarray(start, start + packed);
    if (!name.endsWith("/")) files.set(name, size > bytesMax ? null : unpack(content, { method, bytesMax }));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

function unpack(content: Uint8Array, of: { method: number; bytesMax: number }): Uint8Array | null {
  if (of.method === 0) return content.slice();
  if (of.method !== 8) return null;
  try {
    return new Uint8Array(inflateRawSync(content, { maxOutputLength: of.bytesMax }));
  } catch {
    return null;
  }
}
