/** Argument lists that make pictures from files: posters, thumbnails, single frames. */
import { fileInput, fitEdge, secondsText } from "./inputs.ts";

/** JPEG of the frame at `atS`. */
export function posterArgs(input: { path: string; atS: number; edge: number; output: string }): string[] {
  const seek = input.atS > 0 ? ["-ss", secondsText(input.atS)] : [];
  return [
    ...fileInput(input.path, seek),
    ...["-map", "0:v:0", "-frames:v", "1", "-vf", `${fitEdge(input.edge)},format=yuvj420p`],
    // The search for the best Huffman tables hangs or crashes in the wasm core; the standard tables cost a few percent.
    ...["-q:v", "3", "-huffman", "default", "-update", "1", "-f", "image2", input.output],
  ];
}

/**
 * WebP thumbnail. Of a video the most typical of the first frames is taken, which skips black leaders.
 * `turn`: filter that puts a photo upright by its EXIF orientation, or null.
 */
export function thumbnailArgs(
  input: { path: string; edge: number; still: boolean; turn: string | null; output: string },
): string[] {
  const filters = [
    ...(input.still ? [] : ["thumbnail=n=24"]),
    ...(input.turn === null ? [] : [input.turn]),
    fitEdge(input.edge),
  ];
  return [
    ...fileInput(input.path, input.turn === null ? [] : ["-noautorotate"]),
    ...["-map", "0:v:0", "-frames:v", "1", "-vf", filters.join(",")],
    ...["-c:v", "libwebp", "-quality", "80", "-update", "1", "-f", "image2", input.output],
  ];
}

/** The frame with this index as PNG; decodes from the start, so that the index is exact whatever the time stamps say. */
export function frameArgs(input: { path: string; index: number; output: string }): string[] {
  return [
    ...fileInput(input.path),
    ...["-map", "0:v:0", "-vf", `select=eq(n\\,${input.index})`, "-frames:v", "1"],
    ...["-c:v", "png", "-update", "1", "-f", "image2", input.output],
  ];
}
