/** Everything between the head and the end of a page of the library: what was done, search, things, and what to do where there are none. */
import type { ProblemAnswer, ShownPage, ShownProject, ShownThing } from "@/core/shown.ts";
import { asSentence } from "@/core/words/format.ts";
import { library } from "@/core/words/library.ts";
import { Icon } from "../icon.tsx";
import { film, folder, image, search, trash } from "../icons.ts";
import { Finder } from "./finder.tsx";
import { hrefOf, isNarrowed, type LibraryQuery } from "./query.ts";
import { Things } from "./things.tsx";

export interface LibraryView {
  query: LibraryQuery;
  /** Null when the address was refused; the problem says why. */
  page: ShownPage<ShownThing> | null;
  problem: ProblemAnswer | null;
  projects: ShownProject[];
  news: News[];
  all: boolean;
  now: number;
  trashDays: number;
}

/** A line on what was done or refused. */
export interface News {
  tone: "good" | "bad";
  words: string;
  link?: { href: string; words: string };
}

export interface RoomProps extends LibraryView {
  inProject?: boolean;
}

export function LibraryRoom(props: RoomProps) {
  const { query, page, problem, projects, news, all, now, trashDays, inProject = false } = props;
  const things = page?.items ?? [];
  return (
    <>
      {query.show !== "trash" && (
        <Finder query={query} projects={projects} inProject={inProject} problem={problem} />
      )}
      {query.show === "trash" && things.length > 0 && <TrashHead days={trashDays} />}
      <NewsLines news={problem === null ? news : [{ tone: "bad", words: sentenceOf(problem) }, ...news]} />
      {things.length > 0 && (
        <>
          <p class="pickers">
            <a href={`${hrefOf(query, { cursor: query.cursor })}${all ? "" : "&all=1"}`}>
              {all ? library.pickNone : library.pickAll}
            </a>
          </p>
          <Things
            things={things}
            show={query.show}
            projects={projects}
            all={all}
            now={now}
            trashDays={trashDays}
          />
        </>
      )}
      {page !== null && things.length === 0 && <Nothing query={query} inProject={inProject} />}
      <Places query={query} next={page?.next ?? null} />
    </>
  );
}

export function NewsLines({ news }: { news: News[] }) {
  if (news.length === 0) return null;
  return (
    <div class="stack news">
      {news.map(({ tone, words, link }) => (
        <p class={`note ${tone}`} role={tone === "bad" ? "alert" : "status"}>
          <span>{words}</span>
          {link && <a class="push" href={link.href}>{link.words}</a>}
        </p>
      ))}
    </div>
  );
}

/** Days have their sentence beside the field; of the rest the first one stands for all. */
function sentenceOf({ title, fields = [] }: ProblemAnswer): string {
  const other = fields.find(({ path }) => path !== "from" && path !== "until");
  return other ? `${library.fields[other.path] ?? ""}: ${asSentence(other.message)}` : title;
}

function TrashHead({ days }: { days: number }) {
  return (
    <form method="post" class="row trashed">
      <p class="second small">{library.trashNote(days)}</p>
      <button type="submit" class="btn bad push" name="do" value="empty">
        <Icon of={trash} />
        {library.acts.empty}
      </button>
    </form>
  );
}

const ICONS = { films: film, files: image, trash };

function Nothing({ query, inProject }: { query: LibraryQuery; inProject: boolean }) {
  const narrowed = inProject ? isNarrowed({ ...query, project: "" }) : isNarrowed(query);
  const isPast = query.cursor !== "";
  const words = narrowed || isPast ? library.noMatch : library.none[inProject ? "project" : query.show];
  return (
    <div class="empty">
      <Icon of={narrowed ? search : inProject ? folder : ICONS[query.show]} />
      <h2>{words?.title}</h2>
      <p>{words?.text}</p>
      {narrowed
        ? <a class="btn" href={query.show === "files" ? "?show=files" : "?"}>{library.clear}</a>
        : query.show !== "trash" && (
          <a class="btn" href={inProject ? "/library" : "/dashboard"}>
            {inProject ? library.toLibrary : library.toStudio}
          </a>
        )}
    </div>
  );
}

function Places({ query, next }: { query: LibraryQuery; next: string | null }) {
  if (next === null && query.cursor === "") return null;
  return (
    <nav class="more row" aria-label={library.fields.cursor}>
      {query.cursor !== "" && <a class="btn" href={hrefOf(query)}>{library.newest}</a>}
      {next !== null && <a class="btn" href={hrefOf(query, { cursor: next })}>{library.older}</a>}
    </nav>
  );
}
