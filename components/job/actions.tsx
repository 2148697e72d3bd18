/** Only what makes sense now. What changes while the job goes on stands at one side, what stays at the other, so that no button moves away. */
import type { ShownJobDetail } from "@/core/shown.ts";
import { kin } from "@/core/words/kin.ts";
import { job as words } from "@/core/words/job.ts";
import { Icon } from "../icon.tsx";
import {
  compare,
  copy,
  download,
  link,
  more,
  pause,
  play,
  plus,
  retry,
  stop,
  trash,
  undo,
  wand,
  x,
} from "../icons.ts";
import { Act, type Doing } from "./act.tsx";
import { possibleWith } from "./view.ts";

export interface ActionsProps {
  job: ShownJobDetail;
  doing: Doing;
  /** The stage offers to try again already. */
  hasEnded: boolean;
}

export function Actions(props: ActionsProps) {
  return (
    <div class="under">
      <Now {...props} />
      {/* New elements where the download joins them: what stands at the right would else move. */}
      <Always key={props.job.result === null ? "before" : "after"} {...props} />
    </div>
  );
}

function Now({ job, doing, hasEnded }: ActionsProps) {
  const can = possibleWith(job);
  return (
    <div class="row">
      {can.cancel && <Act {...{ doing }} name="cancel" words={words.do.cancel} icon={x} />}
      {job.cancelling && <button class="btn" type="button" disabled>{words.do.cancelling}</button>}
      {can.pause && <Act {...{ doing }} name="pause" words={words.do.pauseAfter} icon={pause} />}
      {can.pause && <Act {...{ doing }} name="pause_now" words={words.do.pauseNow} icon={stop} />}
      {can.resume && <Act {...{ doing }} name="resume" words={words.do.resume} icon={play} look="go" />}
      {can.start && <Act {...{ doing }} name="start" words={words.do.start} icon={play} look="go" />}
      {can.restore && <Act {...{ doing }} name="restore" words={words.do.restore} icon={undo} />}
      {can.retry && !hasEnded && <Act {...{ doing }} name="retry" words={words.do.retry} icon={retry} />}
      {job.promotable && (
        <Act
          {...{ doing }}
          name="promote"
          words={kin.promote}
          icon={wand}
          look={job.kin.finals.length === 0 ? "go" : undefined}
        />
      )}
      {can.compare && (
        <a class="btn" href={`/jobs/${job.id}/compare`}>
          <Icon of={compare} />
          {words.do.compare}
        </a>
      )}
    </div>
  );
}

function Always({ job, doing }: ActionsProps) {
  const can = possibleWith(job);
  const look = job.status === "completed" && !job.promotable ? "btn go" : "btn";
  return (
    <div class="row push">
      {job.result !== null && job.trashedAt === null && (
        <a class={look} href={job.result.downloadUrl} download>
          <Icon of={download} />
          {words.do.download}
        </a>
      )}
      <a class="btn" href={`/dashboard?from=${job.id}`}>
        <Icon of={copy} />
        {words.do.settings}
      </a>
      {job.trashedAt === null && (
        <details class="pop">
          <summary class="btn round" aria-label={words.do.more} title={words.do.more}>
            <Icon of={more} />
          </summary>
          <div>
            {job.result !== null && job.trashedAt === null && (
              <a class="btn" href={`/jobs/${job.id}/share`}>
                <Icon of={link} />
                {words.do.share}
              </a>
            )}
            <Act {...{ doing }} name="duplicate" words={words.do.duplicate} icon={plus} />
            {can.remove && (
              <Act {...{ doing }} name="delete" words={words.do.delete} icon={trash} look="bad" />
            )}
          </div>
        </details>
      )}
    </div>
  );
}
