/** What files say of themselves in their first bytes, read before any decoder opens them. */
import { PIXELS_MAX } from "../media.ts";
import { type Problem, problem } from "../problem.ts";

export interface Sides {
  width: number;
  height: number;
}

/** The sides of a PNG, JPEG or WebP picture as its head gives them; null where it does not tell. */
export function readPictureSize(head: Uint8Array): Sides | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < 30) return null;
  if (view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (view.getUint16(0) === 0xffd8) return readJpeg(view);
  if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return readWebp(view);
  return null;
}

/** Null where the picture is small enough to be decoded here. */
export function judgePictureSize(head: Uint8Array): Problem | null {
  const size = readPictureSize(head);
  if (size === null || size.width * size.height <= PIXELS_MAX) return null;
  const megapixels = Math.ceil(size.width * size.height / 1e6);
  const megapixelsMax = PIXELS_MAX / 1e6;
  return problem("asset.too_large", {
    message:
      `This picture has ${megapixels} megapixels; at most ${megapixelsMax} are accepted. Make it smaller and add it again.`,
    detail: { megapixels, megapixelsMax },
  });
}

/** The frame header stands behind all other segments; it may lie further back than the head reaches. */
function readJpeg(view: DataView): Sides | null {
  for (let at = 2; at + 9 <= view.byteLength;) {
    const marker = view.getUint16(at);
    if (marker >> 8 !== 0xff) return null;
    const kind = marker & 0xff;
    // C4, C8 and CC are tables; every other C is a frame.
    const isFrame = kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc;
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // FF fills; markers from D0 to D9 have no length.
    if (kind === 0xff) at += 1;
    else if (kind >= 0xd0 && kind <= 0xd9) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function readWebp(view: DataView): Sides | null {
  const form = view.getUint32(12);
  // "VP8X", "VP8L", "VP8 ".
  if (form === 0x56503858) return { width: 1 + readUint24(view, 24), height: 1 + readUint24(view, 27) };
  if (form === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + (bits >> 14 & 0x3fff) };
  }
  if (form === 0x56503820) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  return null;
}

function readUint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
}

/** How many bytes the head of a box of an MP4 or MOV file takes at most. */
export const BOX_HEAD_BYTES = 16;

export interface Box {
  type: string;
  /** Where it ends; null for one that goes on to the end of the file. */
  end: number | null;
}

/** The box whose head these bytes are; null where none begins. */
export function readBox(head: Uint8Array, at: number): Box | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < 8) return null;
  const type = String.fromCharCode(...head.subarray(4, 8));
  const size = view.getUint32(0);
  if (size === 0) return { type, end: null };
  if (size !== 1) return size < 8 ? null : { type, end: at + size };
  if (view.byteLength < 16) return null;
  const large = Number(view.getBigUint64(8));
  return large < 16 ? null : { type, end: at + large };
}

/** Boxes without which, or with half of which, a film is cut. What trails behind them may be anything. */
export function isVital({ type }: Box): boolean {
  return type === "moov" || type === "mdat" || type === "moof";
}
