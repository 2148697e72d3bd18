/** Every template with its versions and how far each is proved, and the folders that did not load. */
import type { TemplateNote } from "@/core/own_templates.ts";
import type { ShownTemplates } from "@/core/shown_admin.ts";
import { templates as words } from "@/core/words/templates.ts";

export function TemplateList({ shelf: { items, broken } }: { shelf: ShownTemplates }) {
  const { columns } = words;
  return (
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text(items.length)}</p>
      {broken.length > 0 && (
        <div class="note bad">
          <h3>{words.broken}</h3>
          <ul class="small">{broken.map(({ text }, at) => <li key={at}>{text}</li>)}</ul>
        </div>
      )}
      <table class="dense shelved">
        <thead>
          <tr>
            <th scope="col">{columns.template}</th>
            <th scope="col">{columns.mode}</th>
            <th scope="col">{columns.versions}</th>
          </tr>
        </thead>
        <tbody>{items.map((item) => <Line key={item.id} item={item} />)}</tbody>
      </table>
    </section>
  );
}

function Line({ item: { id, title, mode, submode, byName, versions } }: { item: TemplateNote }) {
  return (
    <tr>
      <th scope="row">
        {title} <span class="quiet mono">{id}</span>
      </th>
      <td>
        {mode}
        {submode !== null && `/${submode}`} {byName && <span class="quiet">{words.byName}</span>}
      </td>
      <td>
        {versions.map(({ version, state, verified, own }) => (
          <p key={version} class="num">
            {version} <span class="tag">{words.states[state]}</span>{" "}
            {own && <span class="tag">{words.own}</span>}
            {verified && (
              <span class="quiet small">{words.provedOn(verified.comfyui, verified.gpu, verified.date)}</span>
            )}
          </p>
        ))}
      </td>
    </tr>
  );
}
