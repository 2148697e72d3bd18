/** What runs and waits on a render server: films of this studio by name, and what others sent there. */
import type { ShownServerWork } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { when } from "@/core/words/format.ts";

const words = admin.servers;

export function AtWork({ work, now }: { work: ShownServerWork | undefined; now: number }) {
  if (!work) return null;
  const { slots, running, pending } = work;
  const own = new Set(slots.map(({ promptId }) => promptId));
  const foreign = (ids: string[] | null) => (ids ?? []).filter((id) => !own.has(id)).length;
  const [theyRun, theyWait] = [foreign(running), foreign(pending)];
  if (slots.length === 0 && theyRun + theyWait === 0) return null;
  return (
    <ul class="plain small">
      {slots.map((slot) => (
        <li key={slot.promptId}>
          <a href={`/admin/actors/${slot.jobId}`}>{slot.title || words.untitled}</a>{" "}
          <span class="second">
            {slot.stepId} · {running?.includes(slot.promptId) ? words.runs : words.sent} ·{" "}
            {when(Date.parse(slot.since), now)}
          </span>
        </li>
      ))}
      {theyRun + theyWait > 0 && <li class="second">{words.foreign(theyRun, theyWait)}</li>}
    </ul>
  );
}
