/** What the sheet of a batch shows, in which order, and what its buttons ask for. Pure. */
import type { Mark } from "@/core/library.ts";
import type { ShownBatch, ShownTake } from "@/core/shown_batches.ts";
import type { ShownJob } from "@/core/shown.ts";
import { batches as words } from "@/core/words/batches.ts";
import { clock } from "@/core/words/format.ts";
import { stateOf } from "../films/view.ts";

/** How somebody looks at a sheet; it stands in the address. */
export interface SheetLook {
  rejects: boolean;
  byScore: boolean;
}

export function lookOf(query: URLSearchParams): SheetLook {
  return { rejects: query.has("rejects"), byScore: query.get("sort") === "score" };
}

export function hrefOf(look: SheetLook): string {
  const query = new URLSearchParams();
  if (look.rejects) query.set("rejects", "1");
  if (look.byScore) query.set("sort", "score");
  return `?${query}`;
}

/** The best score first, then what has none; rejected takes only where they are asked for. */
export function visibleTakes({ takes }: ShownBatch, { rejects, byScore }: SheetLook): ShownTake[] {
  const seen = takes.filter(({ job }) => rejects || job.mark !== "rejected");
  const rank = ({ score }: ShownTake) => score ?? Infinity;
  return byScore ? seen.toSorted((a, b) => rank(a) - rank(b) || a.n - b.n) : seen;
}

export interface SheetFigures {
  all: number;
  done: number;
  kept: number;
  rejected: number;
  /** Nothing has begun with them: they can be cancelled at once. */
  waiting: number;
  scored: number;
}

export function figuresOf({ takes }: ShownBatch): SheetFigures {
  const count = (holds: (job: ShownJob) => boolean) => takes.filter(({ job }) => holds(job)).length;
  return {
    all: takes.length,
    done: count(({ status }) => status === "completed"),
    kept: count(({ mark }) => mark === "starred"),
    rejected: count(({ mark }) => mark === "rejected"),
    waiting: count(({ status, cancelling }) =>
      !cancelling && ["created", "validating", "uploading_assets", "queued"].includes(status)
    ),
    scored: takes.filter(({ score }) => score !== null).length,
  };
}

/** What sets a take apart, in words; its number where nothing does. */
export function labelOf({ differs, n }: ShownTake): string {
  const parts = Object.entries(differs).map(([name, value]) => {
    const say = words.facts[name];
    return say ? say(value) : words.fact(name, value);
  });
  return parts.filter((part) => part !== "").join(" · ") || words.take(n);
}

/** `3 · 0:12`, and what it is at while it is not ready. */
export function lineOf({ job, n }: ShownTake): string {
  const seconds = job.result?.seconds ?? null;
  const stands = job.status !== "completed" ? stateOf(job) : seconds === null ? null : clock(seconds);
  return [String(n), stands].filter((part) => part !== null).join(" · ");
}

/** Pressing what is on takes it away again. */
export function actOf(mark: Mark | null, wanted: Mark): "star" | "reject" | "clear" {
  if (mark === wanted) return "clear";
  return wanted === "starred" ? "star" : "reject";
}

export const MARK_OF = { star: "starred", reject: "rejected", clear: null } as const;

/** The call of a button: `star`, `reject` or `clear` with the id of a job, or `cancel`. Null for what no button says. */
export function callOf(
  batchId: string,
  said: string,
): { path: string; body: Record<string, unknown> } | null {
  if (said === "cancel") return { path: `/api/batches/${batchId}/cancel`, body: {} };
  const [action, id] = said.split(" ");
  if (!action || !Object.hasOwn(MARK_OF, action) || !/^[0-9a-f-]{36}$/.test(id ?? "")) return null;
  return { path: "/api/library/mark", body: { action, films: [id] } };
}

/** The place that an arrow key leads to; `columns` are those of the grid. Beyond the ends nothing moves. */
export function placeAfter(
  at: number,
  key: string,
  { columns, length }: { columns: number; length: number },
): number {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  };
  const to = at + (steps[key] ?? 0);
  return to < 0 || to >= length ? at : to;
}
