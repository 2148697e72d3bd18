/** What would become of a graph: a table of what is written where, each row with a choice, and what is wrong. */
import type { ShownBinding, ShownProposal } from "@/core/shown_admin.ts";
import { templates } from "@/core/words/templates.ts";
import type { BringValues } from "./bring.tsx";

const words = templates.proposal;

export interface ProposalFormProps {
  proposal: ShownProposal;
  values: BringValues;
  action: string;
}

export function ProposalForm({ proposal, values, action }: ProposalFormProps) {
  const { id, version, basis, whole, faults, notes, rows } = proposal;
  return (
    <form class="panel proposal" method="post" action={action} encType="multipart/form-data">
      <h2>{`${id} ${version}`.trim()}</h2>
      {basis !== null && <p class="small quiet">{words.follows(basis)}</p>}
      <p class={`note ${whole ? "good" : "bad"}`} role="status">
        {whole ? words.whole : words.wrong(faults.length)}
      </p>
      {faults.length > 0 && (
        <ul class="faults small">{faults.map(({ text }, at) => <li key={at}>{text}</li>)}</ul>
      )}
      {notes.map((note) => <p key={note} class="small quiet">{note}</p>)}
      {rows.length > 0 && <Bindings rows={rows} chosen={values.chosen} />}
      <div class="field">
        <label for="more">{words.more}</label>
        <textarea class="input mono" id="more" name="more" aria-describedby="more-hint">
          {values.more}
        </textarea>
        <p class="hint" id="more-hint">{words.moreHint}</p>
      </div>
      {(basis !== null || values.fresh) && (
        <label class="check">
          <input type="checkbox" name="fresh" checked={values.fresh} />
          <span>{words.fresh}</span>
        </label>
      )}
      <input type="hidden" name="name" value={values.name} />
      <input type="hidden" name="title" value={values.title} />
      <input type="hidden" name="mode" value={values.mode} />
      <input type="hidden" name="text" value={values.text} />
      <div class="row">
        {whole && <button type="submit" class="btn go" name="act" value="accept">{words.accept}</button>}
        <button type="submit" class="btn" name="act" value="look">{words.again}</button>
        <a class="push" href={action}>{words.other}</a>
      </div>
    </form>
  );
}

function Bindings({ rows, chosen }: { rows: ShownBinding[]; chosen: Record<string, string> }) {
  const { columns } = words;
  const absent = rows.filter(({ state, choices }) => state === "unbound" && choices.length === 0);
  const shown = rows.filter((row) => !absent.includes(row));
  return (
    <>
      <table class="dense bindings">
        <thead>
          <tr>
            <th scope="col">{columns.role}</th>
            <th scope="col">{columns.state}</th>
            <th scope="col">{columns.place}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => <Binding key={row.role} row={row} chosen={chosen[row.role] ?? ""} />)}
        </tbody>
      </table>
      {absent.length > 0 && (
        <p class="small quiet">{words.absent(absent.map(({ title }) => title.toLowerCase()))}</p>
      )}
    </>
  );
}

function Binding(
  { row: { role, title, state, places, choices }, chosen }: { row: ShownBinding; chosen: string },
) {
  const isKnown = chosen === "" || chosen === "none" || choices.some(({ value }) => value === chosen);
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>
        <span class={state === "bound" ? "tag" : state === "missing" ? "bad" : "quiet"}>
          {words.states[state]}
        </span>
      </td>
      <td>
        {places.map(({ place, label, value, by }) => (
          <p key={place} class="small">
            {label} <span class="quiet">{value && `${value}, `}{words.by[by]}</span>
          </p>
        ))}
        <select class="input" name={`bind.${role}`} aria-label={words.choose(title)}>
          <option value="" selected={chosen === ""}>{words.asFound}</option>
          <option value="none" selected={chosen === "none"}>{words.none}</option>
          {!isKnown && <option value={chosen} selected>{chosen}</option>}
          {choices.map(({ value, label }) => (
            <option key={value} value={value} selected={value === chosen}>{label}</option>
          ))}
        </select>
      </td>
    </tr>
  );
}
