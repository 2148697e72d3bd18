/** What can be done with a selection. It shows as soon as something is ticked, and counts it, without a script. */
import type { ShownProject } from "@/core/shown.ts";
import { library } from "@/core/words/library.ts";
import { Icon } from "../icon.tsx";
import { download, folder, reject, star, trash, undo, x } from "../icons.ts";
import type { Show } from "./query.ts";

const { acts } = library;
const MARKS = [
  { act: "star", icon: star, words: acts.star },
  { act: "reject", icon: reject, words: acts.reject },
  { act: "clear", icon: x, words: acts.clear },
];
const REST = [
  { act: "zip", icon: download, words: acts.zip },
  { act: "trash", icon: trash, words: acts.trash },
];
const TRASHED = [
  { act: "restore", icon: undo, words: acts.restore },
  { act: "purge", icon: trash, words: acts.purge },
];

export function Bar({ show, projects }: { show: Show; projects: ShownProject[] }) {
  return (
    <div class={show === "trash" ? "bulk full" : "bulk"} role="group" aria-label={library.bar}>
      <p class="num">{library.picked}</p>
      {show === "trash" ? <Acts acts={TRASHED} /> : (
        <>
          <Acts acts={MARKS} />
          <Move projects={projects} />
          <Acts acts={REST} />
        </>
      )}
    </div>
  );
}

function Acts({ acts }: { acts: typeof MARKS }) {
  return (
    <>
      {acts.map(({ act, icon, words }) => (
        <button
          type="submit"
          class={act === "purge" ? "btn slim bad" : "btn slim"}
          name="do"
          value={act}
          title={words}
        >
          <Icon of={icon} />
          <span>{words}</span>
        </button>
      ))}
    </>
  );
}

function Move({ projects }: { projects: ShownProject[] }) {
  if (projects.length === 0) {
    return (
      <span class="move">
        <a class="btn slim" href="/projects">
          <Icon of={folder} />
          {library.makeProject}
        </a>
      </span>
    );
  }
  return (
    <span class="move">
      <select class="input" name="to" aria-label={library.moveTo}>
        {projects.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        <option value="">{library.noProject}</option>
      </select>
      <button type="submit" class="btn slim" name="do" value="move" title={acts.move}>
        <Icon of={folder} />
        <span>{acts.move}</span>
      </button>
    </span>
  );
}
