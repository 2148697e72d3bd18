/** Telling that a film is ready: a soft sound and a notification, each only after the person asked for it, and remembered. */
import { signal } from "@preact/signals";
import type { ShownJob } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { live } from "@/core/words/live.ts";
import { nameOf } from "../films/view.ts";

export interface Wishes {
  sound: boolean;
  notice: boolean;
}

const KEY = "animatrix.ending";

export const wishes = signal<Wishes>({ sound: false, notice: false });

/** Reads what was wished for in this browser. A wish for notifications counts only while the browser allows them. */
export function recallWishes(): void {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    wishes.value = { sound: kept.sound === true, notice: kept.notice === true && mayNotify() };
  } catch {
    // A browser that keeps nothing: nothing was wished for.
  }
}

/** Called on a click: that is when a browser may be asked. */
export async function wish(change: Partial<Wishes>): Promise<void> {
  if (change.sound) chime();
  if (change.notice && !await askToNotify()) change = { ...change, notice: false };
  wishes.value = { ...wishes.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(wishes.value));
  } catch {
    // Then the wish holds for this page.
  }
}

export function isPromised(): boolean {
  return wishes.value.sound || wishes.value.notice;
}

export function canNotify(): boolean {
  return typeof Notification !== "undefined" && Notification.permission !== "denied";
}

function mayNotify(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "granted";
}

async function askToNotify(): Promise<boolean> {
  return canNotify() && await Notification.requestPermission() === "granted";
}

/** Tells the end of a job that was under way before. */
export function tellEnd(before: ShownJob, now: ShownJob): void {
  if (isTerminal(before.status) || !isTerminal(now.status) || now.status === "cancelled") return;
  if (wishes.value.sound) chime();
  if (wishes.value.notice && mayNotify() && document.visibilityState === "hidden") notify(now);
}

function notify(job: ShownJob): void {
  const icon = job.result?.posterUrl ?? undefined;
  const body = job.status === "completed" ? live.readyText : job.problem?.message ?? "";
  const notice = new Notification(live.ended(nameOf(job), job.status === "completed"), {
    body,
    tag: job.id,
    ...(icon ? { icon } : {}),
  });
  notice.onclick = () => {
    focus();
    notice.close();
  };
}

/** Two soft tones. Browsers without sound, or that refuse it, stay silent. */
function chime(): void {
  try {
    const context = new AudioContext();
    [523.25, 783.99].forEach((pitch, n) => playTone(context, { pitch, at: context.currentTime + n * 0.18 }));
    setTimeout(() => void context.close(), 1500);
  } catch {
    // Nothing is lost but the sound.
  }
}

function playTone(context: AudioContext, { pitch, at }: { pitch: number; at: number }): void {
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  tone.type = "sine";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.9);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 1);
}
