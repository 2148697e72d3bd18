/** Beside the film: what it belongs to. */
import type { ShownJobDetail, ShownRelative } from "@/core/shown.ts";
import { kin as words } from "@/core/words/kin.ts";
import { films } from "@/core/words/films.ts";
import { nameOf } from "../films/view.ts";

/** What it belongs to: its batch, its draft, its final films. */
export function Kin({ job: { id, batchId, kin } }: { job: ShownJobDetail }) {
  const final = kin.finals.find(({ status }) => status === "completed");
  const other = kin.draft?.id ?? final?.id ?? null;
  if (batchId === null && kin.draft === null && kin.finals.length === 0) return null;
  const link = (to: ShownRelative, says: string) => <a key={to.id} href={`/jobs/${to.id}`}>{says}</a>;
  return (
    <section>
      <h2>{words.kin}</h2>
      <div class="stack small">
        {batchId !== null && <a href={`/batches/${batchId}`}>{words.inBatch}</a>}
        {kin.draft && link(kin.draft, words.finalOf(nameOf({ ...kin.draft, prompt: "" })))}
        {kin.finals.map((one) => link(one, words.draftOf(films.statuses[one.status])))}
        {other !== null && (
          <a href={`/jobs/${id}/compare?a=film.${kin.draft?.id ?? id}&b=film.${kin.draft ? id : other}`}>
            {words.besides}
          </a>
        )}
      </div>
    </section>
  );
}
