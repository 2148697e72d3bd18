/** The contact sheet of a batch: every take as it is now, to keep or reject with one key or one button. */
import type { ShownBatch } from "@/core/shown_batches.ts";
import { batches as words } from "@/core/words/batches.ts";
import { useSheet } from "@/components/batch/desk.ts";
import { TakeCard } from "@/components/batch/take_card.tsx";
import { figuresOf, hrefOf, type SheetLook, visibleTakes } from "@/components/batch/view.ts";
import { LinkLine } from "@/components/live/link_line.tsx";
import { TellMe } from "@/components/live/tell_me.tsx";
import type { Wishes } from "@/components/live/wishes.ts";

export interface SheetProps {
  batch: ShownBatch;
  look: SheetLook;
  /** Why the last request was refused. */
  note: string;
  /** How the account wishes to be told. */
  usual: Wishes;
}

export default function Sheet({ batch: first, look, note: firstNote, usual }: SheetProps) {
  const { batch, note, said, submit, press } = useSheet(first, { look, usual });
  const takes = visibleTakes(batch, look);
  const figures = figuresOf(batch);
  const wrong = note || firstNote;
  return (
    <div onSubmit={submit}>
      <div class="head first">
        <div>
          <h1>{words.title(figures.all)}</h1>
          <p class="second small num">
            {summaryOf(figures)} <LinkLine />
          </p>
        </div>
        <Ways figures={figures} look={look} />
      </div>
      {wrong !== "" && <p class="note bad" role="alert">{wrong}</p>}
      {takes.length === 0
        ? <p class="empty">{words.allRejected}</p>
        : (
          <ol class="grid plain sheet" onKeyDown={press}>
            {takes.map((take) => <TakeCard key={take.job.id} take={take} />)}
          </ol>
        )}
      <p class="tiny quiet needs-script keys">{words.keys}</p>
      <p class="unseen" role="status" aria-live="polite">{said}</p>
    </div>
  );
}

type Figures = ReturnType<typeof figuresOf>;

function summaryOf({ all, done, kept, rejected }: Figures): string {
  const marks = [kept > 0 ? words.kept(kept) : "", rejected > 0 ? words.rejected(rejected) : ""];
  return [words.done(done, all), ...marks].filter((part) => part !== "").join(" · ");
}

/** How to look at it, and the end of what waits. */
function Ways({ figures, look }: { figures: Figures; look: SheetLook }) {
  const { all, done, rejected, waiting, scored } = figures;
  return (
    <div class="row push">
      {scored > 1 && (
        <nav class="filters" aria-label={words.order}>
          {[false, true].map((byScore) => (
            <a
              key={String(byScore)}
              href={hrefOf({ ...look, byScore })}
              aria-current={look.byScore === byScore ? "page" : undefined}
            >
              {byScore ? words.byScore : words.byOrder}
            </a>
          ))}
        </nav>
      )}
      {(rejected > 0 || look.rejects) && (
        <a class="btn" href={hrefOf({ ...look, rejects: !look.rejects })}>
          {look.rejects ? words.hideRejects : words.showRejects(rejected)}
        </a>
      )}
      {waiting > 0 && (
        <form method="post">
          <button type="submit" class="btn bad" name="do" value="cancel">
            {words.cancelWaiting(waiting)}
          </button>
        </form>
      )}
      {done < all && <TellMe />}
    </div>
  );
}
