/** What a server lacks, per template, with what to install and from where. */
import type { ShownLacks } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";

const words = admin.servers;

export function Lacks({ lacks }: { lacks: ShownLacks["items"] | null }) {
  if (lacks === null) return <p class="small quiet">{words.silent}</p>;
  const poor = lacks.filter(({ classes, models, vram }) =>
    classes.length + models.length > 0 || vram !== null
  );
  if (poor.length === 0) return <p class="small quiet">{words.whole(lacks.length)}</p>;
  return (
    <details class="small">
      <summary>{words.lacks(poor.length)}</summary>
      <ul class="plain lacks">
        {poor.map(({ template, title, classes, models, vram }) => (
          <li key={template}>
            <h4>{title}</h4>
            <ul class="plain">
              {classes.map(({ name, pack }) => (
                <li key={name}>
                  <b>{words.missingClass(name)}</b>{" "}
                  <span class="quiet">
                    {pack ? words.pack(pack.name, pack.source, pack.commit) : words.core}
                  </span>
                </li>
              ))}
              {models.map(({ file, folder, source }) => (
                <li key={file}>
                  <b>{words.missingModel(file)}</b> <span class="quiet">{words.place(folder, source)}</span>
                </li>
              ))}
              {vram && <li>{words.vram(vram.wants, vram.has)}</li>}
            </ul>
          </li>
        ))}
      </ul>
    </details>
  );
}
