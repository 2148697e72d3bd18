/** Where the person decides: on a take that waits to be approved, and on what follows a new one. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { takePieceOf } from "@/core/pieces.ts";
import { job as words } from "@/core/words/job.ts";
import { Icon } from "../icon.tsx";
import { check, retake } from "../icons.ts";
import { Act, type Doing } from "./act.tsx";
import { partsOf } from "./view.ts";

export function Choice({ job, doing }: { job: ShownJobDetail; doing: Doing }) {
  const parts = partsOf(job);
  return (
    <>
      {job.approvals.map(({ step, take }) => (
        <div key={step} class="note now choice" role="status">
          <p>
            <b>{words.gate.text(titleOf(job, step))}</b> {words.gate.why}
          </p>
          <Act
            {...{ doing }}
            name="approve"
            words={words.gate.go}
            icon={check}
            look="go"
            values={{ step, take: String(take) }}
          />
          {parts.some((part) => part.step === step) && (
            <a class="btn" href={`/jobs/${job.id}?retake=${step}#retake`}>
              <Icon of={retake} />
              {words.gate.again}
            </a>
          )}
        </div>
      ))}
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

function titleOf({ steps }: ShownJobDetail, step: string): string {
  const piece = takePieceOf(step);
  if (piece !== null) return words.gate.firstPass(piece);
  return steps.find(({ id }) => id === step)?.title ?? step;
}
