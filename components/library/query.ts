/** What a page of the library shows, as its address says it: read, written and handed on to the API. Pure. */

export type Show = "films" | "files" | "trash";

/** Text as in the address; empty means the usual. */
export interface LibraryQuery {
  show: Show;
  search: string;
  mark: string;
  mode: string;
  state: string;
  engine: string;
  kind: string;
  project: string;
  /** Days, as `2026-11-21`. */
  from: string;
  until: string;
  cursor: string;
}

const SHOWS: readonly string[] = ["films", "files", "trash"] satisfies Show[];
const FOR_ALL = ["search", "mark", "project", "from", "until", "cursor"] as const;
const FOR_ONE = { films: ["mode", "state", "engine"], files: ["kind"], trash: [] } as const;
/** What stands in the panel of filters; search and marks have places of their own. */
const SIEVED = ["mode", "state", "engine", "kind", "project", "from", "until"] as const;

function isShow(text: string): text is Show {
  return SHOWS.includes(text);
}

/** Which fields count for what is shown. */
function fieldsOf(show: Show): readonly (keyof LibraryQuery)[] {
  return show === "trash" ? ["cursor"] : [...FOR_ALL, ...FOR_ONE[show]];
}

export function readQuery(params: URLSearchParams): LibraryQuery {
  const asked = params.get("show") ?? "";
  const show = isShow(asked) ? asked : "films";
  const query: LibraryQuery = {
    show,
    search: "",
    mark: "",
    mode: "",
    state: "",
    engine: "",
    kind: "",
    project: "",
    from: "",
    until: "",
    cursor: "",
  };
  const filled = fieldsOf(show).map((name) => [name, params.get(name)?.trim() ?? ""]);
  return { ...query, ...Object.fromEntries(filled) };
}

/** The address of the same page with something else; a change begins again at the newest. */
export function hrefOf(query: LibraryQuery, change: Partial<LibraryQuery> = {}): string {
  const next = { ...query, cursor: "", ...change };
  const params = new URLSearchParams();
  if (next.show !== "films") params.set("show", next.show);
  for (const name of fieldsOf(next.show)) if (next[name] !== "") params.set(name, next[name]);
  return `?${params}`;
}

/** The API's list of what the page shows. Days are those of this place: from its beginning, until its end. */
export function apiPathOf(query: LibraryQuery, limit: number): string {
  const params = new URLSearchParams({ show: query.show, limit: String(limit) });
  for (const name of fieldsOf(query.show)) {
    if (name === "from" || name === "until" || query[name] === "") continue;
    params.set(name, query[name]);
  }
  if (query.from !== "") params.set("from", dayStart(query.from, 0));
  if (query.until !== "") params.set("until", dayStart(query.until, 1));
  return `/api/library?${params}`;
}

/** What is no day is handed on as it is: the API says what is wrong with it. */
function dayStart(day: string, later: number): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  const at = new Date(Number(year), Number(month) - 1, Number(date) + later);
  return Number.isNaN(at.getTime()) ? day : at.toISOString();
}

/** How many filters of the panel are set. */
export function countSieved(query: LibraryQuery): number {
  return SIEVED.filter((name) => query[name] !== "").length;
}

export function isNarrowed(query: LibraryQuery): boolean {
  return countSieved(query) > 0 || query.search !== "" || query.mark !== "";
}
