/** What is missing where: a line for each template, a column for each render server, and what to do about it. */
import type { TemplateLacks } from "@/core/admin.ts";
import type { ShownBackend, ShownKnownLacks } from "@/core/shown_admin.ts";
import { when } from "@/core/words/format.ts";
import { templates } from "@/core/words/templates.ts";
import { LackLines } from "./lacks.tsx";
import { serverNames } from "./servers.tsx";

const words = templates.missing;

export interface MissingProps {
  servers: ShownBackend[];
  known: ShownKnownLacks["items"];
  now: number;
}

export function Missing({ servers, known, now }: MissingProps) {
  const real = servers.filter(({ engine }) => engine === "comfy");
  const names = serverNames(servers);
  const told = new Map(known.map((one) => [one.backendId, one]));
  const titles = new Map(
    known.flatMap(({ items }) => items ?? []).map(({ template, title }) => [template, title]),
  );
  return (
    <section aria-labelledby="missing">
      <h2 id="missing">{words.title}</h2>
      <p class="second small">{words.text}</p>
      {real.length === 0 ? <p class="small quiet">{words.none}</p> : (
        <table class="dense shelved">
          <thead>
            <tr>
              <th scope="col">{templates.columns.template}</th>
              {real.map(({ id }) => (
                <th key={id} scope="col">
                  {names.get(id)} <span class="tiny quiet">{ageOf(told.get(id), now)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...titles].map(([template, title]) => (
              <tr key={template}>
                <th scope="row">
                  {title} <span class="quiet mono">{template}</span>
                </th>
                {real.map(({ id }) => (
                  <td key={id} data-name={names.get(id)}>
                    <Cell lacks={told.get(id)?.items?.find((one) => one.template === template)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function ageOf(told: ShownKnownLacks["items"][number] | undefined, now: number): string {
  return told?.at ? words.asOf(when(Date.parse(told.at), now)) : words.silent;
}

function Cell({ lacks }: { lacks: TemplateLacks | undefined }) {
  if (!lacks) return <span class="quiet">{words.unknown}</span>;
  if (lacks.lines.length === 0) return <span class="small">{words.whole}</span>;
  return (
    <details class="small">
      <summary>{words.lacks(lacks.lines.length)}</summary>
      <LackLines lines={lacks.lines} />
    </details>
  );
}
