/** What can be laid side by side: the takes of each part, and the whole films of jobs that belong together. Pure. */
import type { ShownJob, ShownJobDetail } from "@/core/shown.ts";
import { kin } from "@/core/words/kin.ts";
import { compare as words } from "@/core/words/player.ts";
import { job as jobWords } from "@/core/words/job.ts";
import { nameOf } from "../films/view.ts";
import { clipOf, partsOf, takeNumber } from "../job/view.ts";

export interface Choice {
  /** As it stands in the address: `chunk-002.1`, or `film.` with a job's id. */
  key: string;
  name: string;
  url: string;
}

/** Takes part by part, then the film of this job and of its relatives. */
export function choicesOf(job: ShownJobDetail, relatives: readonly ShownJob[]): Choice[] {
  const takes = partsOf(job).filter((part) => part.takes.length > 1).flatMap((part) =>
    part.takes.flatMap((take) => {
      const url = clipOf(take);
      const name = words.ofPart(jobWords.part(part.number), takeNumber(take));
      return url === null ? [] : [{ key: `${part.step}.${take.take}`, name, url }];
    })
  );
  const films = [job, ...relatives].flatMap((one) =>
    one.result?.type !== "film" ? [] : [{
      key: `film.${one.id}`,
      name: nameFor(one, { job, relatives }),
      url: one.result.url,
    }]
  );
  return [...takes, ...(films.length > 1 ? films : [])];
}

/** Draft and final have one name, so that each says which it is. */
function nameFor(
  one: ShownJob,
  { job, relatives }: { job: ShownJob; relatives: readonly ShownJob[] },
): string {
  const all = [job, ...relatives];
  if (all.some(({ draftId }) => draftId === one.id)) return kin.asDraft(nameOf(one));
  if (all.some(({ id }) => id === one.draftId)) return kin.asFinal(nameOf(one));
  return one.id === job.id ? words.whole : nameOf(one);
}

/** The two that are asked for; else the two newest takes of one part, the older one first. */
export function pickPair(
  choices: readonly Choice[],
  asked: { a: string | null; b: string | null },
): { a: Choice; b: Choice } | null {
  const find = (key: string | null) => choices.find((choice) => choice.key === key);
  const parts = Map.groupBy(choices, ({ key }) => key.slice(0, key.lastIndexOf(".")));
  const newest = [...parts.values()].find((takes) => takes.length > 1)?.slice(-2) ?? choices.slice(0, 2);
  const a = find(asked.a) ?? newest[0];
  const b = find(asked.b) ?? newest[1];
  return a && b ? { a, b } : null;
}
