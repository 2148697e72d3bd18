/** A new take is there, and what follows was made from the old one: the person decides. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { job as words } from "@/core/words/job.ts";
import { Act, type Doing } from "./act.tsx";
import { partsOf } from "./view.ts";

export function Choice({ job, doing }: { job: ShownJobDetail; doing: Doing }) {
  const parts = partsOf(job);
  return (
    <>
      {job.retakes.map((step) => (
        <div key={step} class="note now choice" role="status">
          <p>
            <b>{words.choice.text(parts.findIndex((part) => part.step === step) + 1)}</b> {words.choice.why}
          </p>
          <Act {...{ doing }} name="follow" words={words.choice.rerun} values={{ step, choice: "rerun" }} />
          <Act {...{ doing }} name="follow" words={words.choice.keep} values={{ step, choice: "keep" }} />
        </div>
      ))}
    </>
  );
}
