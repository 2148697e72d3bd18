/** A change of a job's plan: stored as the next revision together with the mail that tells its actor. */
import type { JobMessage } from "@/actors/job/messages.ts";
import { canonical } from "@/core/canonical.ts";
import type { AuditEntry, By } from "@/core/audit.ts";
import type { Plan } from "@/core/plan.ts";
import { fail } from "@/core/problem.ts";
import type { Revision as StoredRevision } from "@/core/store.ts";
import type { Call } from "./env.ts";
import type { JobDraft, JobRecord } from "./studio.ts";

export interface Asked<Body> {
  job: JobRecord;
  body: Body;
  /** Id that the same request told twice has twice. */
  id: string;
  /** False when this is the same request again. */
  first: boolean;
}

export function refuseUnless(possible: boolean): void {
  if (!possible) throw fail("job.not_possible");
}

export function mailOf(asked: { job: JobRecord; id: string; message: JobMessage }) {
  const { job, id, message } = asked;
  return { id: `${message.type}:${job.id}:${id}`, to: job.id, kind: message.type, body: message };
}

export interface Revision {
  job: JobRecord;
  id: string;
  first: boolean;
  plan: Plan;
  draft?: JobDraft;
  message: (rev: number) => JobMessage;
  /** An operator asks for it: what the audit log tells. */
  told?: { entry: AuditEntry; by: By };
}

/** Stores the next revision with its mail. Told again, a revision that is there already is the one that was meant. */
export async function revise(
  c: Call,
  { job, id, first, plan, draft, message, told }: Revision,
): Promise<void> {
  const { studio } = c.env;
  const newest = await studio.jobs.newestRev(job.id);
  if (!first) {
    for (let rev = newest; rev > 1; rev--) {
      if (canonical(await studio.jobs.plan(job.id, rev)) === canonical(plan)) return;
    }
  }
  const rev = newest + 1;
  const mail = mailOf({ job, id, message: message(rev) });
  const isDone = told
    ? await studio.admin.revise(job.id, { rev, plan, mail, ...rowOf(draft) }, told.entry, told.by)
    : await studio.revise(job.id, { rev, plan, mail, draft });
  if (!isDone) throw fail("request.conflict");
}

function rowOf(draft: JobDraft | undefined): Pick<StoredRevision, "row"> {
  if (!draft) return {};
  const { title, prompt, negativePrompt } = draft;
  return { row: { title, prompt, negativePrompt, settings: { ...draft } } };
}
