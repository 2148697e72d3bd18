/** Everybody's jobs in a line: whose, where, when, and what an operator may do about it. */
import type { LineName } from "@/core/admin.ts";
import { familyName } from "@/core/mode_names.ts";
import { actsOf } from "@/core/queue.ts";
import type { ShownBackend, ShownLineJob } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";
import { percent, when } from "@/core/words/format.ts";
import { queue } from "@/core/words/queue.ts";
import { Icon } from "../icon.tsx";
import { more } from "../icons.ts";
import { Menu } from "../menu.tsx";
import { serverNames } from "./servers.tsx";

const words = admin.queue;

export interface LineProps {
  name: LineName;
  jobs: ShownLineJob[];
  servers: ShownBackend[];
  now: number;
  /** Path and query of this very list. */
  action: string;
}

export function Line({ name, jobs, servers, now, action }: LineProps) {
  const names = serverNames(servers);
  return (
    <table class="dense num">
      <thead>
        <tr>
          <th scope="col">{words.columns[name]}</th>
          <th scope="col">{words.columns.film}</th>
          <th scope="col">{words.columns.when}</th>
          <th scope="col">
            <span class="unseen">{words.columns.acts}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.id}>
            <td>
              <input
                type="checkbox"
                name={`pick-${job.id}`}
                value="on"
                form={SELECTION}
                aria-label={words.pick(job.title || words.untitled)}
              />{" "}
              {name === "running" ? percent(job.share) : job.place ?? ""}
            </td>
            <td>
              <p class="cut">
                <b>{job.title || words.untitled}</b> <Priority of={job.priority} />
              </p>
              <p class="second">{job.stage}</p>
              <p class="quiet">
                {[job.owner, familyName(job.mode), when(Date.parse(job.createdAt), now)].join(" · ")}
              </p>
            </td>
            <td>
              {timesOf(job, names).map((line) => <p key={line}>{line}</p>)}
            </td>
            <td>
              <Acts job={job} action={action} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The form that the boxes before the jobs belong to. */
const SELECTION = "selection";

/** What may be told to all chosen jobs, where some can be chosen, and to all that are live. */
export function Selection({ action, canChoose }: { action: string; canChoose: boolean }) {
  const acts = canChoose ? [...Object.keys(PRIORITIES), "pause", "resume", "cancel"] : [];
  return (
    <form method="post" action={action} id={SELECTION} class="row">
      {canChoose && <span class="small second">{words.chosen}</span>}
      {acts.map((act) => (
        <button
          key={act}
          type="submit"
          name="many"
          value={act}
          class={act === "cancel" ? "btn slim bad" : "btn slim"}
        >
          {words.acts[act as keyof typeof words.acts]}
        </button>
      ))}
      <button type="submit" name="many" value="pause-all" class="btn slim push">{words.pauseAll}</button>
      <button type="submit" name="many" value="resume-all" class="btn slim">{words.resumeAll}</button>
    </form>
  );
}

function Priority({ of }: { of: number }) {
  if (of === 0) return null;
  const said = of === FIRST ? words.first : of === LAST ? words.last : words.priority(of);
  return <span class="tag">{said}</span>;
}

/** Priorities that the buttons give. */
const FIRST = 50;
const LAST = -50;
export const PRIORITIES: Record<string, number> = { first: FIRST, normal: 0, last: LAST };

function timesOf({ starts, ends, backendId }: ShownLineJob, names: Map<string, string>): string[] {
  const server = (backendId === null ? undefined : names.get(backendId)) ?? "";
  const isThere = starts === null || starts.seconds === 0;
  return [
    ...(starts && !isThere ? [words.starts(queue.about(starts), server)] : []),
    ...(ends ? [words.ends(queue.about(ends))] : []),
    ...(server && isThere ? [words.on(server)] : []),
  ];
}

function Acts({ job, action }: { job: ShownLineJob; action: string }) {
  const may = actsOf(job);
  const orders = Object.keys(PRIORITIES).filter((name) => PRIORITIES[name] !== job.priority);
  const acts = [...orders, ...may.filter((act) => act !== "edit" && act !== "start")];
  if (may.length === 0) return null;
  return (
    <form method="post" action={action}>
      <input type="hidden" name="id" value={job.id} />
      <Menu
        face={<Icon of={more} />}
        label={words.more(job.title || words.untitled)}
        class="far-right"
        buttonClass="btn round slim"
      >
        {acts.map((act) => (
          <button key={act} type="submit" name="act" value={act} class={act === "cancel" ? "bad" : undefined}>
            {words.acts[act as keyof typeof words.acts]}
          </button>
        ))}
      </Menu>
    </form>
  );
}
