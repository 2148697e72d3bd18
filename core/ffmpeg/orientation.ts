/** Reads which way up a photo is (EXIF orientation in JPEG files), since FFmpeg 5 ignores it for stills. */

/** EXIF orientation 1 to 8; 1 (upright) where there is none. The EXIF block comes first and is at most 64 KB long. */
export function readOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 1;
  for (let at = 2; at + 10 <= view.byteLength;) {
    const marker = view.getUint16(at);
    // 0xFFDA starts the picture itself.
    if (marker >> 8 !== 0xff || marker === 0xffda) return 1;
    const length = view.getUint16(at + 2);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) {
      const from = at + 10;
      return readTag(
        new DataView(view.buffer, view.byteOffset + from, Math.min(length, view.byteLength - from)),
      );
    }
    at += 2 + length;
  }
  return 1;
}

/** Finds tag 0x0112 in the first directory of the TIFF block. */
function readTag(tiff: DataView): number {
  if (tiff.byteLength < 8) return 1;
  const little = tiff.getUint16(0) === 0x4949;
  const directory = tiff.getUint32(4, little);
  if (directory + 2 > tiff.byteLength) return 1;
  const count = tiff.getUint16(directory, little);
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > tiff.byteLength) return 1;
    if (tiff.getUint16(entry, little) !== 0x0112) continue;
    const value = tiff.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

const TURNS = [
  null,
  "hflip",
  "hflip,vflip",
  "vflip",
  "transpose=0",
  "transpose=1",
  "transpose=3",
  "transpose=2",
];

/** The filter that puts such a photo upright, or null when it is. */
export function turnFilter(orientation: number): string | null {
  return TURNS[orientation - 1] ?? null;
}

/** Whether the photo's sides change places. */
export function swapsSides(orientation: number): boolean {
  return orientation >= 5;
}
