/** The queue in the browser: kept up to date by news and by looking again, and told what the buttons say. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ShownQueue } from "@/core/shown.ts";
import { callOf } from "@/core/queue.ts";
import { queue as words } from "@/core/words/queue.ts";
import { applyToRow, type News, withProgress } from "../live/news.ts";
import { listen } from "../live/tab.ts";
import { recallWishes, tellEnds, type Wishes } from "../live/wishes.ts";

/** Places move with other people's jobs, of which no news comes. */
const LOOK_MS = 5000;
/** News that come together are one reason to look. */
const SETTLE_MS = 200;

export interface Desk {
  queue: ShownQueue;
  /** What went wrong with the last request. */
  note: string;
  submit(event: SubmitEvent): void;
  /** Puts the waiting jobs into this order, at once on the page. */
  arrange(ids: string[]): void;
  /** While true nothing changes under the hand. */
  hold(isHeld: boolean): void;
}

/** `usual` is how the account wishes to be told of what is ready. */
export function useDesk(first: ShownQueue, usual: Wishes): Desk {
  const [queue, setQueue] = useState(first);
  const [note, setNote] = useState("");
  const hands = useRef({ isHeld: false, asked: 0, jobs: jobsOf(first) }).current;

  const show = (next: ShownQueue, asked: number) => {
    if (!hands.isHeld && asked === hands.asked) setQueue(next);
  };
  const look = async () => {
    const asked = hands.asked;
    const answer = await call(`/api/queue${pageOf(queue)}`);
    if (answer.ok) show(answer.body, asked);
  };
  const tell = async (path: string, body: unknown) => {
    const asked = ++hands.asked;
    const answer = await call(path, body);
    setNote(answer.ok ? "" : answer.note);
    if (answer.ok && "waiting" in answer.body) show(answer.body, asked);
    else await look();
  };
  const hear = (news: News) => {
    if (news.kind === "progress") setQueue((now) => withNews(now, news));
    else {
      const before = hands.jobs;
      hands.jobs = applyToRow(before, news);
      tellEnds(before, hands.jobs);
    }
    return news.kind !== "progress";
  };
  useEffect(() => recallWishes(usual), []);
  useWatch({ look, hear, isWanted: () => queue.running.length + queue.waiting.length > 0 && !hands.isHeld });

  return {
    queue,
    note,
    submit(event) {
      const { submitter, target } = event;
      if (!(submitter instanceof HTMLButtonElement) || !(target instanceof HTMLFormElement)) return;
      const id = String(new FormData(target).get("id") ?? "");
      const asked = callOf({ act: submitter.value, id }, idsOf(queue));
      if (asked === null) return;
      event.preventDefault();
      void tell(asked.path, asked.body);
    },
    arrange(ids) {
      const places = new Map(ids.map((id, at) => [id, at]));
      const waiting = queue.waiting.toSorted((a, b) =>
        (places.get(a.job.id) ?? 0) - (places.get(b.job.id) ?? 0)
      );
      setQueue({ ...queue, waiting });
      void tell(`/api/queue/order${pageOf(queue)}`, { ids });
    },
    hold: (isHeld) => void (hands.isHeld = isHeld),
  };
}

export const PAGE = 100;
/** The same page again. */
const pageOf = ({ from }: ShownQueue) => `?size=${PAGE}&from=${from}`;

/** As they were last heard of, those that have ended since included. */
const jobsOf = ({ running, waiting }: ShownQueue) => [...running, ...waiting].map(({ job }) => job);

export function idsOf({ waiting }: ShownQueue): string[] {
  return waiting.map(({ job }) => job.id);
}

type Answer = { ok: true; body: ShownQueue } | { ok: false; note: string };

/** Asks the API. Whoever is not signed in any more gets the page anew, which leads to the door. */
async function call(path: string, body?: unknown): Promise<Answer> {
  const init = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    const answer = await fetch(path, init);
    if (answer.status === 401) location.reload();
    const read = await answer.json();
    return answer.ok ? { ok: true, body: read } : { ok: false, note: read.title };
  } catch {
    return { ok: false, note: words.failed };
  }
}

/** The newest figures of a job, wherever it stands. */
function withNews(queue: ShownQueue, { progress }: Extract<News, { kind: "progress" }>): ShownQueue {
  const apply = (entries: ShownQueue["running"]) =>
    entries.map((entry) => ({ ...entry, job: withProgress(entry.job, progress) }));
  return { ...queue, running: apply(queue.running), waiting: apply(queue.waiting) };
}

interface Watch {
  look(): Promise<void>;
  /** True where the news is a reason to look. */
  hear(news: News): boolean;
  isWanted(): boolean;
}

/** Looks again when something happened to a job of one's own, and now and then while the page is seen. */
function useWatch(watch: Watch): void {
  const latest = useRef(watch);
  latest.current = watch;
  useEffect(() => {
    let settling: ReturnType<typeof setTimeout> | undefined;
    const unlisten = listen(null, (news) => {
      if (!latest.current.hear(news)) return;
      clearTimeout(settling);
      settling = setTimeout(() => void latest.current.look(), SETTLE_MS);
    });
    const lookIfSeen = () => {
      if (document.visibilityState === "visible" && latest.current.isWanted()) void latest.current.look();
    };
    const timer = setInterval(lookIfSeen, LOOK_MS);
    document.addEventListener("visibilitychange", lookIfSeen);
    return () => {
      unlisten();
      clearTimeout(settling);
      clearInterval(timer);
      document.removeEventListener("visibilitychange", lookIfSeen);
    };
  }, []);
}
