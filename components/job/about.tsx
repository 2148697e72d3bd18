/** Beside the film, standing still: what it was made from, and the settings it was made with. */
import type { ShownAsset, ShownJobDetail } from "@/core/shown.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { clock } from "@/core/words/format.ts";
import { isLong } from "@/core/modes.ts";
import { modeName } from "@/core/mode_names.ts";
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

export function MadeFrom({ made, offered }: { made: readonly Made[]; offered: OfferedMode | null }) {
  if (made.length === 0) return null;
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
              <span class="tiny cut">
                {titleOf(role, offered)}
              </span>
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

/** What a place is called: a long film's here, any other's by its model. */
function titleOf(role: string, offered: OfferedMode | null): string {
  const place = offered && !isLong(offered.mode)
    ? offered.places.find((one) => one.place === role)
    : undefined;
  return place?.title ?? words.roles[role] ?? words.file;
}

function iconOf(asset: ShownAsset | null): string {
  return asset?.type === "audio" ? music : asset?.type === "video" ? film : image;
}

interface SettingsProps {
  job: ShownJobDetail;
  /** The mode as it is offered now; null where it is not any more. */
  offered: OfferedMode | null;
}

export function Settings({ job, offered }: SettingsProps) {
  const facts = factsOf(job, offered);
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
  job: ShownJobDetail,
  offered: OfferedMode | null,
): [string, string][] {
  const { film, loop, finishing, size, settings, negativePrompt, template, newerTemplate, steps } = job;
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
    // A long take may be cut while this stands here: how its pieces meet tells it.
    [facts.length, film && job.take === null ? facts.lengthIs(film.frames, trim(film.frames / rate)) : null],
    [facts.loop, loop && (loop.value === null ? facts.loopStill : facts.loopIs(trim(loop.value)))],
    ...finishing,
    [facts.preset, offered?.presets.find(({ name }) => name === preset)?.title ?? preset],
    ...ownFacts(job, offered),
    [facts.seed, settings.seed],
    [facts.negative, negativePrompt || null],
    [facts.model, facts.modelIs(offered?.title ?? modeName(job), template.version, newerTemplate)],
  ];
  return lines.flatMap(([name, value]) => value === null ? [] : [[name, value]]);
}

/** The mode's own settings, as far as the person gave them. */
function ownFacts({ settings: { options = {} } }: ShownJobDetail, offered: OfferedMode | null) {
  return (offered?.settings ?? []).flatMap(({ name, title, options: answers }): [string, string][] => {
    const value = options[name];
    if (value === undefined) return [];
    if (typeof value === "boolean") return [[title, value ? words.facts.on : words.facts.off]];
    return [[title, answers.find((one) => one.value === value)?.title ?? String(value)]];
  });
}

function trim(value: number): string {
  return String(Number(value.toFixed(2)));
}
