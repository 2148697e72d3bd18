/** Which of everybody's films an operator wants to see: by person, kind and words. */
import { line as words } from "@/core/words/line.ts";
import { modes } from "@/core/words/modes.ts";
import { SelectField } from "../select_field.tsx";
import { TextField } from "../text_field.tsx";

/** As the form holds it. */
export interface LineQuery {
  name: string;
  owner: string;
  mode: string;
  search: string;
  size: string;
}

export const SIZES = { "50": "50", "200": "200", "500": "500" };

export interface LineFilterProps {
  query: LineQuery;
  /** Addresses of everybody. */
  people: string[];
  action: string;
}

export function LineFilter({ query, people, action }: LineFilterProps) {
  const owners = Object.fromEntries(people.map((email) => [email, email]));
  const isOn = query.owner !== "" || query.mode !== "" || query.search !== "";
  return (
    <form method="get" action={action} class="bring">
      <input type="hidden" name="name" value={query.name} />
      <SelectField
        name="owner"
        label={words.filter.owner}
        options={{ "": words.filter.any, ...owners }}
        value={query.owner}
      />
      <SelectField
        name="mode"
        label={words.filter.mode}
        options={{ "": words.filter.any, ...modes.families }}
        value={query.mode}
      />
      <TextField name="search" label={words.filter.search} value={query.search} autocomplete="off" />
      <SelectField name="size" label={words.filter.size} options={SIZES} value={query.size} />
      <p class="row">
        <button class="btn slim" type="submit">{words.filter.go}</button>
        {isOn && <a class="btn slim" href={`${action}?name=${query.name}`}>{words.filter.off}</a>}
      </p>
    </form>
  );
}
