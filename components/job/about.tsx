/** Beside the film, standing still: what it was made from, and the settings it was made with. */
import type { ShownAsset, ShownJobDetail } from "@/core/shown.ts";
import { clock } from "@/core/words/format.ts";
import { about as words } from "@/core/words/job_about.ts";
import { Icon } from "../icon.tsx";
import { copy, film, image, music } from "../icons.ts";
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
  { film, loop, finishing, size, settings, negativePrompt, template, newerTemplate, steps }: ShownJobDetail,
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
    [facts.model, facts.modelIs(`${template.name} ${template.version}`, newerTemplate)],
  ];
  return lines.flatMap(([name, value]) => value === null ? [] : [[name, value]]);
}

function trim(value: number): string {
  return String(Number(value.toFixed(2)));
}
