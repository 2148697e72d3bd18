/** Films and files as a grid to choose from: one plain form of ticked boxes and buttons, which needs no script. */
import type { ComponentChildren } from "preact";
import type { ShownProject, ShownThing } from "@/core/shown.ts";
import { library } from "@/core/words/library.ts";
import { FilmCard } from "../films/card.tsx";
import { nameOf } from "../films/view.ts";
import { Icon } from "../icon.tsx";
import { star } from "../icons.ts";
import { Bar } from "./bar.tsx";
import { FileCard } from "./file_card.tsx";
import type { Show } from "./query.ts";

const DAY_MS = 86_400_000;

export interface ThingsProps {
  things: ShownThing[];
  show: Show;
  projects: ShownProject[];
  /** Every box is ticked. */
  all: boolean;
  now: number;
  trashDays: number;
}

export function Things({ things, show, projects, all, now, trashDays }: ThingsProps) {
  return (
    <form method="post" class="things">
      <ul class="grid plain">
        {things.map((thing) => (
          <Choice thing={thing} ticked={all} inTrash={show === "trash"}>
            {thing.type === "film"
              ? <FilmCard job={thing.film} now={now} />
              : <FileCard file={thing.file} now={now} />}
            {show === "trash" && (
              <small class="left num">{library.left(daysLeft(thing, { now, trashDays }))}</small>
            )}
          </Choice>
        ))}
      </ul>
      <Bar show={show} projects={projects} />
    </form>
  );
}

interface ChoiceProps {
  thing: ShownThing;
  ticked: boolean;
  inTrash: boolean;
  children: ComponentChildren;
}

function Choice({ thing, ticked, inTrash, children }: ChoiceProps) {
  const { id, mark } = thing.type === "film" ? thing.film : thing.file;
  const name = thing.type === "film" ? nameOf(thing.film) : thing.file.name;
  const item = `${thing.type}:${id}`;
  return (
    <li class={mark === null ? "thing" : `thing ${mark}`}>
      <label class="tick">
        <input type="checkbox" name="item" value={item} checked={ticked} aria-label={library.pick(name)} />
      </label>
      {children}
      {mark === "rejected" && <span class="tag no">{library.rejected}</span>}
      {!inTrash && (
        <button
          type="submit"
          class="starry"
          name="do"
          value={`${mark === "starred" ? "clear" : "star"} ${item}`}
          aria-label={mark === "starred" ? library.unstar(name) : library.star(name)}
        >
          <Icon of={star} />
        </button>
      )}
    </li>
  );
}

function daysLeft(thing: ShownThing, { now, trashDays }: { now: number; trashDays: number }): number {
  const { trashedAt } = thing.type === "film" ? thing.film : thing.file;
  return Math.ceil((Date.parse(trashedAt ?? "") + trashDays * DAY_MS - now) / DAY_MS);
}
