/** How long what is kept: the rules of the studio, what would go today, and projects with days of their own. */
import { DAYS_VARIABLE, KEPT_KINDS, TRASHED_KINDS } from "@/core/kept_kinds.ts";
import type { ShownKeeping } from "@/core/shown_keeping.ts";
import { keeping as words } from "@/core/words/keeping.ts";
import { KeepFields } from "../keep_fields.tsx";
import { SelectField } from "../select_field.tsx";

export interface KeepingProps {
  keeping: ShownKeeping;
  /** The project whose days are to be changed. */
  chosen: string | null;
  /** What was entered, where it was refused. */
  refused: { entered: Record<string, string>; wrong: Record<string, string> } | null;
  action: string;
}

export function Keeping(props: KeepingProps) {
  const { rules, gone } = props.keeping;
  return (
    <section aria-label={words.title}>
      <h2 class="label">{words.title}</h2>
      <p class="small second">{words.about}</p>
      <table class="dense shelved">
        <thead>
          <tr>{words.columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr>
        </thead>
        <tbody>
          {KEPT_KINDS.map((kind) => {
            const going = gone.find((one) => one.kind === kind);
            return (
              <tr key={kind}>
                <td>{words.kinds[kind]}</td>
                <td class="num">
                  <a href={`/admin/settings#${DAYS_VARIABLE[kind]}`}>{words.after(rules[kind])}</a>
                </td>
                <td class="num">
                  {going
                    ? words.gone(going.things, going.files, going.bytes, TRASHED_KINDS.includes(kind))
                    : words.nothing}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Projects {...props} />
    </section>
  );
}

/** Without scripts: first a project is chosen, then its days are shown. */
function Projects({ keeping: { projects, rules }, chosen, refused, action }: KeepingProps) {
  const project = projects.find(({ id }) => id === chosen);
  const named = projects.filter(({ keep }) => Object.keys(keep).length > 0);
  const nameOf = ({ name, owner }: { name: string; owner: string }) => words.own.named(name, owner);
  return (
    <>
      <h2 class="label">{words.own.title}</h2>
      {named.length === 0 ? <p class="small second">{words.own.none}</p> : (
        <ul class="plain stack small">
          {named.map((one) => (
            <li key={one.id}>
              <a href={`${action}?project=${one.id}#project`}>{nameOf(one)}</a>
            </li>
          ))}
        </ul>
      )}
      {projects.length > 0 && (
        <form method="get" action={`${action}#project`} class="bring">
          <SelectField
            name="project"
            label={words.own.choose}
            options={Object.fromEntries(projects.map((one) => [one.id, nameOf(one)]))}
            value={project?.id ?? projects[0]?.id ?? ""}
          />
          <button class="btn slim" type="submit">{words.own.open}</button>
        </form>
      )}
      {project && (
        <form method="post" action={action} class="narrow" id="project">
          <h3>{nameOf(project)}</h3>
          <input type="hidden" name="project" value={project.id} />
          <KeepFields keep={project.keep} usual={rules} {...refused ?? {}} />
          <p>
            <button class="btn" type="submit">{words.project.save}</button>
          </p>
        </form>
      )}
    </>
  );
}
