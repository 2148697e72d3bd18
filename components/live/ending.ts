/** Telling that a film is ready: a soft sound and a notification. Loaded when somebody wishes for it. */
import type { ShownJob } from "@/core/shown.ts";
import { live } from "@/core/words/live.ts";
import { nameOf } from "../films/view.ts";
import { keepWishes, wishes } from "./wishes.ts";

/** Called on a click: that is when a browser may be asked. */
export async function wish(change: { sound?: boolean; notice?: boolean }): Promise<void> {
  if (change.sound) chime();
  const notice = change.notice ? await askToNotify() : change.notice ?? wishes.value.notice;
  keepWishes({ ...wishes.value, ...change, notice });
}

export function canNotify(): boolean {
  return typeof Notification !== "undefined" && Notification.permission !== "denied";
}

async function askToNotify(): Promise<boolean> {
  return canNotify() && await Notification.requestPermission() === "granted";
}

export function tell(job: ShownJob): void {
  if (wishes.value.sound) chime();
  if (wishes.value.notice && document.visibilityState === "hidden") notify(job);
}

function notify(job: ShownJob): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
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
