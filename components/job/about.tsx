/** Beside the film, standing still: what it was made from, and the settings it was made with. */
import type { ShownAsset, ShownJobDetail, ShownRelative } from "@/core/shown.ts";
import { batches as kinWords } from "@/core/words/batches.ts";
import { films } from "@/core/words/films.ts";
import { clock } from "@/core/words/format.ts";
import { about as words } from "@/core/words/job_about.ts";
import { Icon } from "../icon.tsx";
import { copy, film, image, music } from "../icons.ts";
import { nameOf } from "../films/view.ts";
import { Picture } from "../films/picture.tsx";

/** A file in its place; null when it was deleted since. */
export interface Made {
  role: string;
  used: boolean;
  asset: ShownAsset | null;
}

export function MadeFrom({ made }: { made: readonly Made[] }) {
  return (
    <section>
      <h2>{words.madeFrom}</h2>
      <ul class="had plain">
        {made.map(({ role, used, asset }, at) => (
          <li key={at}>
            <a
              href={asset?.contentUrl ?? undefined}
              title={asset?.name ?? words.fileGone}
              target="_blank"
              rel="noopener"
            >
              <span class="pic">
                {asset?.thumbnailUrl
                  ? <Picture src={asset.thumbnailUrl} />
                  : <Icon of={iconOf(asset)} class="none" />}
              </span>
              <span class="tiny cut">{words.roles[role] ?? role}</span>
            </a>
            {asset === null
              ? <small class="tiny quiet">{words.fileGone}</small>
              : !used && <small class="tiny quiet">{words.unused}</small>}
            {asset?.durationSeconds
              ? <small class="tiny quiet num">{clock(asset.durationSeconds)}</small>
              : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function iconOf(asset: ShownAsset | null): string {
  return asset?.type === "audio" ? music : asset?.type === "video" ? film : image;
}

/** What it belongs to: its batch, its draft, its final films. */
export function Kin({ job: { id, batchId, kin } }: { job: ShownJobDetail }) {
  const final = kin.finals.find(({ status }) => status === "completed");
  const other = kin.draft?.id ?? final?.id ?? null;
  if (batchId === null && kin.draft === null && kin.finals.length === 0) return null;
  const link = (to: ShownRelative, says: string) => <a key={to.id} href={`/jobs/${to.id}`}>{says}</a>;
  return (
    <section>
      <h2>{kinWords.kin}</h2>
      <div class="stack small">
        {batchId !== null && <a href={`/batches/${batchId}`}>{kinWords.inBatch}</a>}
        {kin.draft && link(kin.draft, kinWords.finalOf(nameOf({ ...kin.draft, prompt: "" })))}
        {kin.finals.map((one) => link(one, kinWords.draftOf(films.statuses[one.status])))}
        {other !== null && (
          <a href={`/jobs/${id}/compare?a=film.${kin.draft?.id ?? id}&b=film.${kin.draft ? id : other}`}>
            {kinWords.besides}
          </a>
        )}
      </div>
    </section>
  );
}

export function Settings({ job }: { job: ShownJobDetail }) {
  const facts = factsOf(job);
  const text = [job.prompt, ...facts.map(([name, value]) => `${name}: ${value}`)].join("\n");
  return (
    <section>
      <div class="row">
        <h2>{words.settings}</h2>
        <button
          type="button"
          class="knob push needs-script"
          aria-label={words.copy}
          title={words.copy}
          data-copies={text}
          data-said={words.copied}
        >
          <Icon of={copy} />
        </button>
      </div>
      <dl class="facts num">
        {facts.flatMap(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}
      </dl>
      {job.notes.map((note) => <p key={note} class="tiny quiet beneath">{note}</p>)}
    </section>
  );
}

/** Names and values, in the order of the page. */
export function factsOf(
  { film, loop, finishing, size, settings, negativePrompt, template, steps }: ShownJobDetail,
): [string, string][] {
  const { facts } = words;
  const preset = settings.preset ?? steps.find(({ asked }) => asked !== null)?.asked?.preset ?? facts.usual;
  const made = size.rendered;
  const isOther = made !== null && size.asked.width !== null && size.asked.height !== null &&
    (size.asked.width !== made.width || size.asked.height !== made.height);
  const rate = film === null ? 0 : film.rate.num / film.rate.den;
  const lines: [string, string | null][] = [
    [
      facts.size,
      film ? facts.sizeIs(film.width, film.height, trim(rate)) : made && facts.sides(made.width, made.height),
    ],
    [facts.asked, isOther ? facts.sides(size.asked.width ?? 0, size.asked.height ?? 0) : null],
    [facts.length, film && facts.lengthIs(film.frames, trim(film.frames / rate))],
    [facts.loop, loop && (loop.value === null ? facts.loopStill : facts.loopIs(trim(loop.value)))],
    ...finishing,
    [facts.preset, preset],
    [facts.seed, settings.seed],
    [facts.negative, negativePrompt || null],
    [facts.model, `${template.name} ${template.version}`],
  ];
  return lines.flatMap(([name, value]) => value === null ? [] : [[name, value]]);
}

function trim(value: number): string {
  return String(Number(value.toFixed(2)));
}
