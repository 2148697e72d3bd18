/** The films that are being made: cards that move by themselves. New ones join at the end; ready ones stay until the page is left. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LiveCard } from "@/components/films/live_card.tsx";
import { LinkLine } from "@/components/live/link_line.tsx";
import { applyToRow, startRow } from "@/components/live/news.ts";
import { listen } from "@/components/live/tab.ts";
import { TellMe } from "@/components/live/tell_me.tsx";
import { recallWishes, tellEnds, type Wishes } from "@/components/live/wishes.ts";
import type { ShownJob } from "@/core/shown.ts";
import { live } from "@/core/words/live.ts";

/** Cards that a wide screen shows without scrolling. */
const SHOWN = 3;

export interface RenderingNowProps {
  /** The jobs that have not ended. */
  jobs: ShownJob[];
  /** There are more than these. */
  hasMore: boolean;
  /** How the account wishes to be told. */
  usual: Wishes;
  /** Stands here until the first film is being made, in a studio that has none yet. */
  children?: ComponentChildren;
}

export function RenderingNow({ jobs, hasMore, usual, children }: RenderingNowProps) {
  const row = useSignal(startRow(jobs));
  useEffect(() => {
    recallWishes(usual);
    return listen(null, (news) => {
      const before = row.peek();
      row.value = applyToRow(before, news);
      tellEnds(before, row.peek());
    });
  }, []);
  if (children && row.value.length === 0) return <>{children}</>;
  return (
    <section aria-label={live.rendering}>
      <div class="head">
        <h2>{live.rendering}</h2>
        <LinkLine />
        <span class="push row">
          {(hasMore || row.value.length > SHOWN) && <a class="small second" href="/queue">{live.queue}</a>}
          <TellMe />
        </span>
      </div>
      {row.value.length === 0
        ? <p class="rolling none quiet">{live.nothing}</p>
        : <div class="rolling">{row.value.map((job) => <LiveCard key={job.id} job={job} />)}</div>}
    </section>
  );
}
