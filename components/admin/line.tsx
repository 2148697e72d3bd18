/** Everybody's jobs in a line: whose, where, when, and what an operator may do about it. */
import type { LineName } from "@/core/admin.ts";
import { familyName } from "@/core/mode_names.ts";
import { actsOf } from "@/core/queue.ts";
import type { ShownBackend, ShownLineJob } from "@/core/shown_admin.ts";
import { percent, when } from "@/core/words/format.ts";
import { line as words } from "@/core/words/line.ts";
import { queue } from "@/core/words/queue.ts";
import { Icon } from "../icon.tsx";
import { more } from "../icons.ts";
import { Menu } from "../menu.tsx";
import { serverNames } from "./servers.tsx";

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
                <b>{job.title || words.untitled}</b> <Marks of={job} />
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
              <Acts job={job} isInLine={name === "waiting"} action={action} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The form that the boxes before the jobs belong to. */
const SELECTION = "selection";

const MANY = ["next", "turn", "prefer", "normal", "later", "pause", "resume", "cancel"] as const;

/** What may be told to all chosen jobs, or to all that fit the filter; another page asks again before many are told. */
export function Selection({ action, total }: { action: string; total: number }) {
  return (
    <form method="post" action={action} id={SELECTION} class="row">
      <span class="small second">{words.chosen}</span>
      <label class="check small">
        <input type="checkbox" name="all" value="on" /> {words.all(total)}
      </label>
      {MANY.map((act) => (
        <button
          key={act}
          type="submit"
          name="many"
          value={act}
          class={act === "cancel" ? "btn slim bad" : "btn slim"}
        >
          {words.acts[act]}
        </button>
      ))}
    </form>
  );
}

export interface SureProps {
  act: string;
  /** How many are meant. */
  films: number;
  /** Whose, where only one person's are meant. */
  owner: string;
  /** Those that were chosen; none where all that fit are meant. */
  ids: string[];
  /** Path and query of the list. */
  action: string;
}

/** Asks once more, with the number, before something is told to many. */
export function Sure({ act, films, owner, ids, action }: SureProps) {
  const said = words.acts[act as keyof typeof words.acts];
  return (
    <form method="post" action={action} class="panel stack">
      <h2>{words.sure.title(said, films)}</h2>
      <p class="second small">{owner && words.sure.of(owner)} {words.sure.acts[act]}</p>
      <input type="hidden" name="sure" value="on" />
      {ids.length === 0
        ? <input type="hidden" name="all" value="on" />
        : ids.map((id) => <input key={id} type="hidden" name={`pick-${id}`} value="on" />)}
      <div class="row">
        <button type="submit" name="many" value={act} class={act === "cancel" ? "btn bad" : "btn go"}>
          {words.sure.yes(films)}
        </button>
        <a class="btn" href={action}>{words.sure.no}</a>
      </div>
    </form>
  );
}

/** What an operator or its owner gave it. */
function Marks({ of: { front, priority, paused, byOperator } }: { of: ShownLineJob }) {
  const said = priority === PREFERRED
    ? words.prefer
    : priority === PUT_OFF
    ? words.putOff
    : words.priority(priority);
  const marks = [
    ...(front ? [words.front] : []),
    ...(priority === 0 ? [] : [said]),
    ...(paused ? [byOperator ? words.byOperator : words.byOwner] : []),
  ];
  return <>{marks.map((mark) => <span key={mark} class="tag">{mark}</span>)}</>;
}

/** Priorities that the buttons give. */
const PREFERRED = 50;
const PUT_OFF = -50;
export const PRIORITIES: Record<string, number> = { prefer: PREFERRED, normal: 0, later: PUT_OFF };

function timesOf({ starts, ends, backendId }: ShownLineJob, names: Map<string, string>): string[] {
  const server = (backendId === null ? undefined : names.get(backendId)) ?? "";
  const isThere = starts === null || starts.seconds === 0;
  return [
    ...(starts && !isThere ? [words.starts(queue.about(starts), server)] : []),
    ...(ends ? [words.ends(queue.about(ends))] : []),
    ...(server && isThere ? [words.on(server)] : []),
  ];
}

function Acts({ job, isInLine, action }: { job: ShownLineJob; isInLine: boolean; action: string }) {
  const may = actsOf(job);
  if (may.length === 0) return null;
  const moves = ["next", ...(isInLine ? ["up", "down"] : []), ...(job.front ? ["turn"] : [])];
  const orders = Object.keys(PRIORITIES).filter((name) => PRIORITIES[name] !== job.priority);
  const acts = [...moves, ...orders, ...may.filter((act) => act !== "edit" && act !== "start")];
  return (
    <form method="post" action={action}>
      <input type="hidden" name="id" value={job.id} />
      <Menu
        face={<Icon of={more} />}
        label={words.more(job.title || words.untitled)}
        class="far-right"
        buttonClass="btn round slim"
      >
        {may.includes("edit") && <a href={`/admin/queue/${job.id}`}>{words.acts.edit}</a>}
        {acts.map((act) => (
          <button key={act} type="submit" name="act" value={act} class={act === "cancel" ? "bad" : undefined}>
            {words.acts[act as keyof typeof words.acts]}
          </button>
        ))}
      </Menu>
    </form>
  );
}
