/** Looks at a file's own words before an engine opens it: which way up it is, how large, and whether all of it is there. */
import { BOX_HEAD_BYTES, isVital, judgePictureSize, readBox } from "@/core/ffmpeg/first_bytes.ts";
import { readOrientation } from "@/core/ffmpeg/orientation.ts";
import { fail, StudioError } from "@/core/problem.ts";

/** Room for EXIF and colour profile, which stand before a photo's size. */
const HEAD_BYTES = 1 << 18;
/** Of a fragmented film the first boxes are looked at; each costs one small read. */
const BOXES_MAX = 5000;

/** Boxes that MP4 and MOV files begin with, old ones included. */
const FILM_STARTS = new Set(["ftyp", "moov", "mdat", "wide", "free", "skip"]);

/** EXIF orientation 1 to 8. Throws asset.too_large for too many pixels, and asset.truncated for a film that is cut. */
export async function lookAt(path: string): Promise<{ orientation: number }> {
  using file = await Deno.open(path).catch(() => null);
  // The engine itself reports a file that cannot be opened.
  if (file === null) return { orientation: 1 };
  const head = await readAt(file, 0, HEAD_BYTES);
  const refused = judgePictureSize(head);
  if (refused) throw new StudioError(refused);
  if (FILM_STARTS.has(readBox(head, 0)?.type ?? "")) await checkWhole(file);
  return { orientation: readOrientation(head) };
}

async function checkWhole(file: Deno.FsFile): Promise<void> {
  const { size } = await file.stat();
  let at = 0;
  for (let n = 0; n < BOXES_MAX && at < size; n++) {
    const box = readBox(await readAt(file, at, BOX_HEAD_BYTES), at);
    if (box === null || box.end === null) return;
    if (box.end > size && isVital(box)) {
      throw fail("asset.truncated", { operator: `${box.type} ends at ${box.end} of ${size} bytes` });
    }
    at = box.end;
  }
}

async function readAt(file: Deno.FsFile, at: number, wanted: number): Promise<Uint8Array> {
  await file.seek(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(wanted);
  let filled = 0;
  while (filled < wanted) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
