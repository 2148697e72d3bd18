/** The audit log: what is asked for, and the entries with what was before and after. */
import { AUDITED_THINGS, type AuditFacts } from "@/core/audit.ts";
import type { ShownMember } from "@/core/shown_admin.ts";
import type { ShownAuditRecord } from "@/core/shown_audit.ts";
import { audit as words } from "@/core/words/audit.ts";
import { day, exactTime } from "@/core/words/format.ts";
import { SelectField } from "../select_field.tsx";
import { TextField } from "../text_field.tsx";

/** As the form holds it. */
export interface AuditQuery {
  thing: string;
  person: string;
  from: string;
  until: string;
}

export interface AuditFilterProps {
  query: AuditQuery;
  members: ShownMember[];
  wrong: Record<string, string>;
  action: string;
}

export function AuditFilter({ query, members, wrong, action }: AuditFilterProps) {
  const things = Object.fromEntries(AUDITED_THINGS.map((thing) => [thing, words.things[thing]]));
  const operators = members.filter(({ id, role }) => role === "operator" || id === query.person);
  const people = Object.fromEntries(operators.map(({ id, email }) => [id, email]));
  return (
    <form method="get" action={action} class="bring">
      <SelectField
        name="thing"
        label={words.thing}
        options={{ "": words.anything, ...things }}
        value={query.thing}
        wrong={wrong.thing}
      />
      <SelectField
        name="person"
        label={words.person}
        options={{ "": words.anybody, ...people }}
        value={query.person}
        wrong={wrong.person}
      />
      <TextField name="from" type="date" label={words.from} value={query.from} wrong={wrong.from} />
      <TextField name="until" type="date" label={words.until} value={query.until} wrong={wrong.until} />
      <button class="btn slim" type="submit">{words.filter}</button>
    </form>
  );
}

export function AuditTable({ entries }: { entries: ShownAuditRecord[] }) {
  return (
    <table class="dense shelved">
      <thead>
        <tr>
          {Object.entries(words.columns).map(([name, column]) => <th key={name} scope="col">{column}</th>)}
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class="num quiet">
              <time datetime={entry.at}>
                {words.at(day(Date.parse(entry.at)), exactTime(Date.parse(entry.at)))}
              </time>
            </td>
            <td>
              <p>{doerOf(entry)}</p>
              <p class="tiny quiet">
                {[entry.tokenId && words.byToken, entry.address && words.fromAddress(entry.address)]
                  .filter((part) => part).join(" · ")}
              </p>
            </td>
            <td>
              <p>{words.actions[entry.action]}</p>
              {entry.about !== null && <p class="small">{entry.about}</p>}
              <p class="tiny quiet mono">{entry.subject}</p>
            </td>
            <td class="small">
              {factsOf(entry).map((line) => <p key={line}>{line}</p>)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a change was of; besides these only what differs is told. */
const NAMING = ["url", "name", "film", "email", "note"];
const TEXT_MAX = 300;

/** A line for each fact that differs, or that says of what it was. */
function factsOf({ before, after }: { before: AuditFacts; after: AuditFacts }): string[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.flatMap((key) => {
    const name = words.facts[key] ?? key;
    const [was, is] = [textOf(before?.[key]), textOf(after?.[key])];
    if (was === is) return NAMING.includes(key) && is !== words.none ? words.is(name, is) : [];
    if (before === null || !(key in before)) return words.is(name, is);
    if (after === null || !(key in after)) return words.gone(name, was);
    return words.fact(name, was, is);
  });
}

function textOf(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined || value === "") return words.none;
  const text = String(value);
  return text.length > TEXT_MAX ? words.cut(text.slice(0, TEXT_MAX)) : text;
}

function doerOf({ byStudio, byMachine, person }: ShownAuditRecord): string {
  if (byMachine) return words.machine;
  return byStudio ? words.studio : person?.email || words.left;
}
