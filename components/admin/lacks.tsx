/** What a server lacks, per template, with what to install and from where. */
import type { LackLine } from "@/core/preflight.ts";
import type { ShownLacks } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";

const words = admin.servers;

export function Lacks({ lacks }: { lacks: ShownLacks["items"] | null }) {
  if (lacks === null) return <p class="small quiet">{words.silent}</p>;
  const poor = lacks.filter(({ lines }) => lines.length > 0);
  if (poor.length === 0) return <p class="small quiet">{words.whole(lacks.length)}</p>;
  return (
    <details class="small">
      <summary>{words.lacks(poor.length)}</summary>
      <ul class="plain lacks">
        {poor.map(({ template, title, lines }) => (
          <li key={template}>
            <h4>{title}</h4>
            <LackLines lines={lines} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** One line per missing thing; its source is a link. */
export function LackLines({ lines }: { lines: LackLine[] }) {
  return (
    <ul class="plain lacks">
      {lines.map(({ text, remedy, source }) => (
        <li key={text}>
          <b>{text}</b> <Remedy text={remedy} source={source} />
        </li>
      ))}
    </ul>
  );
}

function Remedy({ text, source }: { text: string; source: string | null }) {
  const at = source === null ? -1 : text.indexOf(source);
  if (source === null || at === -1) return <span class="quiet">{text}</span>;
  return (
    <span class="quiet">
      {text.slice(0, at)}
      <a href={source} rel="noreferrer">{source}</a>
      {text.slice(at + source.length)}
    </span>
  );
}
