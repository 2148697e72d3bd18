/** What the API shows of a long take beside what it shows of every job: its pieces, and how well they meet. */
import type { PieceState } from "./shown.ts";

/** The file of a piece as the render server delivered it. */
export interface ShownQuality {
  frames: number;
  width: number;
  height: number;
  codec: string;
  pixelFormat: string;
  sizeBytes: number;
}

/** How a piece looks, from its own frames, and how it stands to others once they are joined. */
export interface ShownFigures {
  /** Mean strength of edges, in shares of white. */
  sharpness: number;
  /** CIEDE2000 of its mean colour to that of its anchor, as delivered; null while the anchor is not there. */
  toAnchor: number | null;
  /** The same in the film. */
  toAnchorJoined: number | null;
  /** CIEDE2000 at the join with the piece before it, as delivered and in the film; null for the first piece. */
  step: number | null;
  stepJoined: number | null;
  /** Frames at the join that stand still. */
  frozen: number;
  /** The join shows one frame twice; null before the join. */
  repeated: boolean | null;
  corrected: boolean | null;
}

export interface ShownChunk {
  /** Counts from 1. */
  number: number;
  /** Ids of its steps. The look at it has its preview, reference and figures. */
  steps: { high: string; low: string; look: string };
  /** First frame of the take that it shows newly, and how many it adds. */
  start: number;
  frames: number;
  /** Frames at its beginning that the piece before it shows already; they are rendered besides. */
  repeats: number;
  /** Number of the piece whose colours it keeps to. */
  anchor: number;
  state: PieceState;
  /** Made from a take of an earlier piece that is not used any more. */
  stale: boolean;
  /** Words of the whole take, and what this piece has besides or instead; null where nothing. */
  prompt: string;
  ownPrompt: string | null;
  /** Which take of each pass is used. */
  takes: { high: number; low: number };
  quality: ShownQuality | null;
  figures: ShownFigures | null;
  /** As delivered; null where it was not to be kept. */
  clipUrl: string | null;
  /** Small, without sound, for the film so far; exactly the frames that it adds. */
  previewUrl: string | null;
  /** The frame that leads to the next piece. */
  referenceUrl: string | null;
  /** What the high pass alone shows, where the person wished to approve it. */
  firstLookUrl: string | null;
}

export interface ShownTake {
  /** As asked for. */
  chunk: number;
  overlap: number;
  seams: "keep" | "blend";
  joins: "studio" | "server";
  correct: boolean;
  /** Pieces and latents stay after the film is there. */
  keep: boolean;
  approvesHigh: boolean;
  /** Frames per second. */
  rate: number;
  /** What the whole take shows, without directions. */
  prompt: string;
  chunks: ShownChunk[];
  /** The pieces after which it may end earlier: all that such a film is made from is there or still to be made. */
  ends: number[];
  /**
   * The pieces as they came, one after the other, in small: what the film would look like without correction. Null where
   * nothing was corrected.
   */
  beforeUrl: string | null;
}
