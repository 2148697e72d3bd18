/** What a person sees of files that the studio let go: when and how much, and no file that is not there. */
import { EVENT_BODIES } from "@/core/history.ts";
import type { ShownJobDetail } from "@/core/shown.ts";
import type { StepRow } from "@/core/store.ts";
import { iso } from "./schemas.ts";
import type { EventRecord, Studio } from "./studio.ts";

/** Rows without the files that are gone. Only a job that lost some by age is asked for those that are there. */
export async function withoutGone(
  { jobs }: Pick<Studio, "jobs">,
  jobId: string,
  all: StepRow[],
): Promise<{ rows: StepRow[]; letGo: ShownJobDetail["letGo"] }> {
  const [event] = await jobs.events(jobId, { after: null, limit: 1, kind: "pieces.dropped" });
  if (!event) return { rows: all, letGo: null };
  const there = await jobs.files(jobId);
  const rows = all.map((row) => ({
    ...row,
    outputs: row.outputs.filter(({ sha256, ext }) => there.has(`${sha256}.${ext}`)),
  }));
  const isWhole = rows.every((row, at) => row.outputs.length === all[at]?.outputs.length);
  return { rows, letGo: isWhole ? null : showLetGo(event) };
}

function showLetGo({ at, body }: EventRecord): ShownJobDetail["letGo"] {
  const { files = 0, bytes = 0, seconds = 0 } = EVENT_BODIES["pieces.dropped"].parse(body);
  return { at: iso(at), files, bytes, seconds };
}
