/** What is shown of a long take: its pieces, the figures of its joins, and the film before correction. */
import { z } from "@hono/zod-openapi";

const Url = z.string().nullable();
const Count = z.int().min(0);

const Quality = z.object({
  frames: z.int().positive(),
  width: z.int().positive(),
  height: z.int().positive(),
  codec: z.string(),
  pixelFormat: z.string(),
  sizeBytes: Count,
}).openapi("PieceQuality");

const Figures = z.object({
  sharpness: z.number().openapi({ description: "Mean strength of edges, in shares of white." }),
  toAnchor: z.number().nullable().openapi({
    description: "CIEDE2000 of the mean colour to that of the anchor, as delivered.",
  }),
  toAnchorJoined: z.number().nullable().openapi({ description: "The same in the film." }),
  step: z.number().nullable().openapi({
    description: "CIEDE2000 at the join with the piece before, as delivered.",
  }),
  stepJoined: z.number().nullable().openapi({ description: "The same in the film." }),
  frozen: Count.openapi({ description: "Frames at the join that stand still." }),
  repeated: z.boolean().nullable().openapi({ description: "The join shows one frame twice." }),
  corrected: z.boolean().nullable(),
}).openapi("PieceFigures");

const Chunk = z.object({
  number: z.int().positive(),
  steps: z.object({ high: z.string(), low: z.string(), look: z.string() }),
  start: Count,
  frames: z.int().positive().openapi({ description: "Frames that it adds to the film." }),
  repeats: Count.openapi({ description: "Frames before those that the piece before it shows already." }),
  anchor: z.int().positive().openapi({ description: "Number of the piece whose colours it keeps to." }),
  state: z.enum(["todo", "now", "done", "failed"]),
  stale: z.boolean(),
  prompt: z.string(),
  ownPrompt: z.string().nullable().openapi({ description: "What it has besides the words of the take." }),
  takes: z.object({ high: Count, low: Count }),
  quality: Quality.nullable().openapi({ description: "The file as the render server delivered it." }),
  figures: Figures.nullable(),
  clipUrl: Url,
  previewUrl: Url.openapi({ description: "Small, without sound: exactly the frames that it adds." }),
  referenceUrl: Url.openapi({ description: "The frame that leads to the next piece." }),
  firstLookUrl: Url.openapi({ description: "What the high pass alone shows, where it is approved first." }),
}).openapi("TakePiece");

export const ShownTake = z.object({
  chunk: z.int().positive(),
  overlap: Count,
  seams: z.enum(["keep", "blend"]),
  joins: z.enum(["studio", "server"]),
  correct: z.boolean(),
  keep: z.boolean().openapi({ description: "Pieces and latents stay after the film is there." }),
  approvesHigh: z.boolean(),
  rate: z.number(),
  prompt: z.string().openapi({ description: "What the whole take shows, without directions." }),
  chunks: z.array(Chunk),
  ends: z.array(Count).openapi({
    description: "The pieces after which the take may end earlier, with what is there of it.",
  }),
  beforeUrl: Url.openapi({
    description: "The pieces as they came, one after the other, in small; null where nothing was corrected.",
  }),
}).openapi("LongTake");
