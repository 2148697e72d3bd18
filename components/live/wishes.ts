/** Whether this browser is to tell that a film is ready: asked for by the person, and remembered. How it is told comes when it is needed. */
import { signal } from "@preact/signals";
import type { ShownJob } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";

export interface Wishes {
  sound: boolean;
  notice: boolean;
}

const KEY = "animatrix.ending";

export const wishes = signal<Wishes>({ sound: false, notice: false });

export function isPromised(): boolean {
  return wishes.value.sound || wishes.value.notice;
}

/** `usual` is what the account wishes for, where nobody has said otherwise in this browser and it may be done unasked. */
export function recallWishes(usual: Wishes): void {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    const { sound, notice } = kept ??
      { ...usual, notice: usual.notice && Notification.permission === "granted" };
    wishes.value = { sound: sound === true, notice: notice === true };
  } catch {
    // A browser that keeps nothing: nothing was wished for.
  }
}

export function keepWishes(next: Wishes): void {
  wishes.value = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Then the wish holds for this page.
  }
}

/** Tells which of these jobs have ended since, if that was wished for. */
export function tellEnds(before: readonly ShownJob[], after: readonly ShownJob[]): void {
  if (!isPromised()) return;
  const known = new Map(before.map((job) => [job.id, job]));
  for (const job of after) void tellEnd(known.get(job.id) ?? job, job);
}

/** Tells the end of a job that was under way before, if that was wished for. */
export async function tellEnd(before: ShownJob, now: ShownJob): Promise<void> {
  if (!isPromised() || isTerminal(before.status) || !isTerminal(now.status) || now.status === "cancelled") {
    return;
  }
  const { tell } = await import("./ending.ts");
  tell(now);
}
