/** What the API shows of a batch: the takes of one request, as a sheet to choose from. */
import type { ShownJob } from "./shown.ts";

export interface ShownTake {
  job: ShownJob;
  /** Its place in the batch, from 1; deleted ones keep theirs. */
  n: number;
  /** What it has that not all takes have: by the name of the setting, `prompt` or `negativePrompt`. */
  differs: Record<string, string>;
  /** Of loops: how far the last picture is from the first. The lower, the better; null where it is not known. */
  score: number | null;
}

export interface ShownBatch {
  id: string;
  /** In the order in which they were asked for, without those in the trash. */
  takes: ShownTake[];
}
