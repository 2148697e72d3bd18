/** Sends a form of the job's page to the API without leaving the page. Only for browsers. */
import type { ShownJob, ShownJobDetail } from "@/core/shown.ts";
import { job as words } from "@/core/words/job.ts";
import { commandOf } from "./commands.ts";
import { refusalOf } from "./refusal.ts";

export type Sent =
  /** The job as the answer shows it, where the answer is one. */
  | { ok: true; job: ShownJob | null }
  | { ok: false; text: string; faults: Record<string, string> };

/** Null for a form that asks for nothing known. */
export async function send(job: ShownJobDetail, form: FormData): Promise<Sent | null> {
  const command = commandOf(job, form, drawSeed);
  if (command === null) return null;
  try {
    const answer = await fetch(command.path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(command.body),
    });
    const body = await answer.json();
    if (answer.ok) return { ok: true, job: "run" in body ? body : null };
    return { ok: false, ...refusalOf(body) };
  } catch {
    return { ok: false, text: words.noAnswer, faults: {} };
  }
}

/** 64 bits, decimal. */
function drawSeed(): string {
  return String(crypto.getRandomValues(new BigUint64Array(1))[0]);
}
