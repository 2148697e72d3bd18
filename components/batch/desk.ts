/** The sheet in the browser: kept up to date by news, judged with one key, and told what its buttons say. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ShownBatch, ShownTake } from "@/core/shown_batches.ts";
import { batches as words } from "@/core/words/batches.ts";
import { applyToRow, type News } from "../live/news.ts";
import { listen } from "../live/tab.ts";
import { recallWishes, tellEnds, type Wishes } from "../live/wishes.ts";
import { actOf, callOf, MARK_OF, placeAfter, type SheetLook, visibleTakes } from "./view.ts";

export interface SheetDesk {
  batch: ShownBatch;
  /** What went wrong last. */
  note: string;
  /** For those who hear the page. */
  said: string;
  submit(event: SubmitEvent): void;
  press(event: KeyboardEvent): void;
}

/** `usual` is how the account wishes to be told of what is ready. */
export function useSheet(
  first: ShownBatch,
  { look, usual }: { look: SheetLook; usual: Wishes },
): SheetDesk {
  const [batch, setBatch] = useState(first);
  const [note, setNote] = useState("");
  const [said, setSaid] = useState("");
  /** Takes whose mark is being stored: news of before say nothing of it. */
  const marking = useRef(new Set<string>()).current;

  const latest = useRef(batch);
  latest.current = batch;

  useEffect(() => {
    recallWishes(usual);
    return listen(first.takes.map(({ job }) => job.id), (news) => {
      const before = latest.current;
      latest.current = withNews(before, news, marking);
      tellEnds(jobsOf(before), jobsOf(latest.current));
      setBatch((now) => withNews(now, news, marking));
    });
  }, []);

  const mark = async (take: ShownTake, action: keyof typeof MARK_OF) => {
    const before = take.job.mark;
    const show = (to: typeof before) => setBatch((now) => withMark(now, take.job.id, to));
    const call = callOf(batch.id, `${action} ${take.job.id}`);
    if (call === null) return;
    show(MARK_OF[action]);
    const said = MARK_OF[action];
    setSaid(`${words.take(take.n)}: ${said === null ? words.unmarked : words.marked[said]}`);
    marking.add(take.job.id);
    const isStored = await tell(call);
    marking.delete(take.job.id);
    if (!isStored) show(before);
    setNote(isStored ? "" : words.refused);
  };

  return {
    batch,
    note,
    said,
    submit(event) {
      if (!(event.submitter instanceof HTMLButtonElement)) return;
      const [action = "", id] = event.submitter.value.split(" ");
      const take = batch.takes.find(({ job }) => job.id === id);
      if (!take || !isMarking(action)) return;
      event.preventDefault();
      void mark(take, action);
    },
    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
      const place = event.target.closest("li");
      const seen = visibleTakes(batch, look);
      const at = seen.findIndex(({ job }) => place?.id === `take-${job.id}`);
      const take = seen[at];
      if (!take) return;
      const wanted = KEYS[event.key.toLowerCase()];
      if (wanted === undefined && !event.key.startsWith("Arrow")) return;
      event.preventDefault();
      if (wanted === undefined) {
        focus(seen[placeAfter(at, event.key, { columns: columnsOf(place), length: seen.length })]);
        return;
      }
      const action = actOf(take.job.mark, wanted);
      // What leaves the sheet hands the focus on.
      if (action === "reject" && !look.rejects) focus(seen[at + 1] ?? seen[at - 1]);
      void mark(take, action);
    },
  };
}

const jobsOf = ({ takes }: ShownBatch) => takes.map(({ job }) => job);

const KEYS: Record<string, "starred" | "rejected" | undefined> = { k: "starred", r: "rejected" };

function isMarking(action: string): action is keyof typeof MARK_OF {
  return Object.hasOwn(MARK_OF, action);
}

function focus(take: ShownTake | undefined): void {
  if (take) document.querySelector<HTMLElement>(`#take-${take.job.id} a`)?.focus();
}

/** How many stand in a row now. */
function columnsOf(place: Element | null): number {
  const items = [...place?.parentElement?.children ?? []];
  const top = items[0]?.getBoundingClientRect().top;
  const next = items.findIndex((item) => item.getBoundingClientRect().top !== top);
  return next === -1 ? items.length : next;
}

async function tell({ path, body }: { path: string; body: unknown }): Promise<boolean> {
  try {
    const headers = { "content-type": "application/json" };
    return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).ok;
  } catch {
    return false;
  }
}

function withMark(batch: ShownBatch, id: string, mark: ShownTake["job"]["mark"]): ShownBatch {
  return {
    ...batch,
    takes: batch.takes.map((take) => take.job.id === id ? { ...take, job: { ...take.job, mark } } : take),
  };
}

/** Only the takes of this sheet; one that is thrown away leaves it. */
export function withNews(batch: ShownBatch, news: News, marking: ReadonlySet<string>): ShownBatch {
  const known = new Map(batch.takes.map(({ job }) => [job.id, job]));
  const own: News = news.kind === "snapshot"
    ? { ...news, jobs: news.jobs.filter(({ id }) => known.has(id)) }
    : news;
  if (own.kind === "job" && !known.has(own.event.jobId)) return batch;
  const rows = new Map(applyToRow([...known.values()], own).map((job) => [job.id, job]));
  return {
    ...batch,
    takes: batch.takes.flatMap((take) => {
      const job = rows.get(take.job.id);
      if (!job) return news.kind === "snapshot" ? [take] : [];
      return [{ ...take, job: marking.has(job.id) ? { ...job, mark: take.job.mark } : job }];
    }),
  };
}
