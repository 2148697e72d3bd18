/** Argument lists for pieces of a long take: a small copy for the page, and the one encode that joins them all. */
import type { SmallCopy } from "../media.ts";
import { EVEN_SIZE, fileInput, fitEdge, rateText, timescaleOf, videoCodec } from "./inputs.ts";
import { type FilmParts, joinArgs } from "./clips.ts";

const PREVIEW_CRF = 30;

/** A small copy that every browser plays, of some frames. */
export function previewArgs(input: SmallCopy): string[] {
  const filters = [
    `trim=start_frame=${input.start}:end_frame=${input.start + input.frames}`,
    `settb=${input.rate.den}/${input.rate.num}`,
    "setpts=N",
    fitEdge(input.edge),
    EVEN_SIZE,
    "format=yuv420p",
  ];
  return [
    ...fileInput(input.path),
    ...["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", filters.join(","), "-r", rateText(input.rate)],
    ...videoCodec({ crf: PREVIEW_CRF, timescale: timescaleOf(input.rate) }),
    ...["-movflags", "+faststart", "-f", "mp4", input.output],
  ];
}

/** Frames of the pieces laid end to end, counted before and after cutting; `lut` is a path or null. */
export interface PieceCut {
  first: number;
  last: number;
  lut: string | null;
}

/** Cuts, corrects and joins in one run: each piece's table works on its own frames only. */
export function joinPiecesArgs(
  { cuts, selects, is709, ...film }: Omit<FilmParts, "keep" | "colours"> & {
    cuts: PieceCut[];
    /** Whether any frame of the list is left out. */
    selects: boolean;
    /** The files say that their colours are BT.709; otherwise they say nothing. */
    is709: boolean;
  },
): string[] {
  return joinArgs({ ...film, keep: selects ? cuts : [], colours: lutFilters(cuts, is709) });
}

/** Neighbouring pieces with one table share a filter. */
function lutFilters(cuts: PieceCut[], is709: boolean): string[] {
  const filters: string[] = [];
  let [at, from] = [0, 0];
  for (const [index, { first, last, lut }] of cuts.entries()) {
    if (index === 0 || cuts[index - 1]?.lut !== lut) from = at;
    at += last - first + 1;
    if (lut !== null && cuts[index + 1]?.lut !== lut) {
      filters.push(`${lutFilter(lut)}:enable=between(n\\,${from}\\,${at - 1})`);
    }
  }
  return filters.length === 0 ? [] : inRgb(filters, is709);
}

/**
 * One matrix both ways, the one that the file is read with, so that what is not changed stays the same. What the file says
 * of its colours is lost in RGB and said again.
 */
export function inRgb(filters: string[], is709: boolean): string[] {
  const matrix = is709 ? "bt709" : "bt601";
  return [
    `scale=in_color_matrix=${matrix}`,
    // Tables work twice as fast on 16 bits as on 8, and lose nothing between two of them.
    "format=gbrp16",
    ...filters,
    `scale=out_color_matrix=${matrix}`,
    "format=yuv420p",
    ...(is709 ? ["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"] : []),
  ];
}

export function lutFilter(path: string): string {
  return `lut3d=file='${
    path.replaceAll(/[\\':]/g, "\\$&").replaceAll(/[,;[\]]/g, "\\$&")
  }':interp=tetrahedral`;
}
