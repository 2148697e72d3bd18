/** Search and filters of the library: a plain form whose answer is an address that can be kept. */
import type { ComponentChildren } from "preact";
import type { ProblemAnswer, ShownProject } from "@/core/shown.ts";
import { familyName, shortModeName } from "@/core/mode_names.ts";
import { LONG_MODES, namesOf } from "@/core/modes.ts";
import { asSentence } from "@/core/words/format.ts";
import { library } from "@/core/words/library.ts";
import { modes } from "@/core/words/modes.ts";
import { Icon } from "../icon.tsx";
import { search, sliders } from "../icons.ts";
import { countSieved, hrefOf, type LibraryQuery } from "./query.ts";

export interface FinderProps {
  query: LibraryQuery;
  projects: ShownProject[];
  /** Inside a project there is no choice of one. */
  inProject?: boolean;
  problem: ProblemAnswer | null;
}

export function Finder({ query, projects, inProject = false, problem }: FinderProps) {
  const { show, mark } = query;
  const set = countSieved(query) - (inProject ? 1 : 0);
  return (
    <form class="finder" method="get" role="search">
      {show !== "films" && <input type="hidden" name="show" value={show} />}
      {mark !== "" && <input type="hidden" name="mark" value={mark} />}
      <span class="look">
        <Icon of={search} />
        <input
          class="input"
          type="search"
          name="search"
          value={query.search}
          maxLength={200}
          placeholder={library.search[show]}
          aria-label={library.search[show]}
        />
        <button type="submit" class="btn">{library.find}</button>
      </span>
      <div class="sieve">
        <details open={problem !== null}>
          <summary class="btn">
            <Icon of={sliders} />
            {library.filters}
            {set > 0 && <span class="tag num">{library.active(set)}</span>}
          </summary>
          <div class="panel">
            {show === "films" ? <FilmFields query={query} /> : <FileFields query={query} />}
            {!inProject && <ProjectField query={query} projects={projects} />}
            <Day name="from" value={query.from} problem={problem} />
            <Day name="until" value={query.until} problem={problem} />
            <div class="row">
              <button type="submit" class="btn">{library.apply}</button>
            </div>
          </div>
        </details>
        {set > 0 && <a class="second" href={hrefOf(cleared(query))}>{library.clear}</a>}
      </div>
      <nav class="filters" aria-label={library.fields.mark}>
        {Object.entries(library.marks).map(([value, words]) => (
          <a href={hrefOf(query, { mark: value })} aria-current={mark === value ? "page" : undefined}>
            {words}
          </a>
        ))}
      </nav>
    </form>
  );
}

function cleared(query: LibraryQuery): LibraryQuery {
  return { ...query, mode: "", state: "", engine: "", kind: "", project: "", from: "", until: "" };
}

function FilmFields({ query }: { query: LibraryQuery }) {
  return (
    <>
      <ModeChoice value={query.mode} />
      <Choice name="state" value={query.state} options={library.states} />
      <Choice name="engine" value={query.engine} options={library.engines} />
    </>
  );
}

/** Families, and within each its modes. */
function ModeChoice({ value }: { value: string }) {
  const option = (key: string, text: string) => <option value={key} selected={key === value}>{text}</option>;
  const families = Map.groupBy(Object.keys(modes.names), (id) => namesOf(id).mode);
  return (
    <Field name="mode">
      <select class="input" id="mode" name="mode">
        {option("", library.everyMode)}
        {LONG_MODES.map((mode) => option(mode, familyName(mode)))}
        {[...families].map(([family, ids]) =>
          ids.includes(family)
            ? option(family, familyName(family))
            : (
              <optgroup key={family} label={familyName(family)}>
                {option(family, library.allOf(familyName(family)))}
                {ids.map((id) => option(id, shortModeName(namesOf(id))))}
              </optgroup>
            )
        )}
        {option("custom", familyName("custom"))}
      </select>
    </Field>
  );
}

function FileFields({ query }: { query: LibraryQuery }) {
  return <Choice name="kind" value={query.kind} options={library.kinds} />;
}

function ProjectField({ query, projects }: { query: LibraryQuery; projects: ShownProject[] }) {
  const options = [
    ["", library.everyProject],
    ["none", library.noProject],
    ...projects.map(({ id, name }) => [id, name]),
  ];
  return <Choice name="project" value={query.project} options={Object.fromEntries(options)} />;
}

interface ChoiceProps {
  name: string;
  value: string;
  options: Record<string, string>;
}

function Choice({ name, value, options }: ChoiceProps) {
  return (
    <Field name={name}>
      <select class="input" id={name} name={name}>
        {Object.entries(options).map(([key, words]) => (
          <option value={key} selected={key === value}>{words}</option>
        ))}
      </select>
    </Field>
  );
}

function Day(
  { name, value, problem }: { name: "from" | "until"; value: string; problem: ProblemAnswer | null },
) {
  const wrong = problem?.fields?.find((field) => field.path === name)?.message;
  return (
    <Field name={name} wrong={wrong}>
      <input
        class="input"
        type="date"
        id={name}
        name={name}
        value={value}
        aria-invalid={wrong !== undefined}
      />
    </Field>
  );
}

function Field({ name, wrong, children }: { name: string; wrong?: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={name}>{library.fields[name]}</label>
      {children}
      {wrong !== undefined && <p class="wrong">{asSentence(wrong)}</p>}
    </div>
  );
}
