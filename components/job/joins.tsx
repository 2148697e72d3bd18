/** How the pieces of a long take meet: a word that everybody understands, and the figure; and what was made from an older take. */
import type { ShownJobDetail } from "@/core/shown.ts";
import type { ShownChunk } from "@/core/shown_take.ts";
import { joinLines as words } from "@/core/words/join_lines.ts";
import { Icon } from "../icon.tsx";
import { copy, retake } from "../icons.ts";
import { Act, type Doing } from "./act.tsx";
import { TailCut } from "./cut.tsx";
import type { Look } from "./face.ts";
import { partsOf, possibleWith } from "./view.ts";

/** One word and one figure for a tile; null for the first piece, and before anything is known. */
export function joinNote(
  { figures, number, anchor }: Pick<ShownChunk, "figures" | "number" | "anchor">,
): string | null {
  const step = figures?.stepJoined ?? figures?.step ?? null;
  if (number === 1 || step === null) return null;
  if (number === anchor) return words.ownLook;
  return `${words.grade(step)} · ${words.figure(step)}`;
}

/** The whole of what is known of a join, in one line. */
export function joinLine({ figures, number, anchor }: ShownChunk): string {
  if (figures === null) return "";
  const { step, stepJoined, toAnchor, toAnchorJoined, frozen, repeated } = figures;
  const now = stepJoined ?? step;
  const drift = toAnchorJoined ?? toAnchor;
  const isCorrected = step !== null && stepJoined !== null && words.figure(step) !== words.figure(stepJoined);
  const isAnchor = anchor === number;
  return [
    isAnchor ? [words.newLook] : [],
    now === null
      ? []
      : [isAnchor ? words.jump(words.figure(now)) : `${words.grade(now)}, ${words.figure(now)}`],
    isCorrected ? [words.was(words.figure(step))] : [],
    isAnchor || drift === null ? [] : [words.drift(words.figure(drift), anchor)],
    frozen > 0 ? [words.frozen(frozen)] : [],
    repeated ? [words.repeated] : [],
  ].flat().join("; ");
}

/** Beside the film; with the way to write the take down again. */
export function Joins({ job }: { job: ShownJobDetail }) {
  const { take } = job;
  if (take === null) return null;
  const known = take.chunks.filter(({ number, figures }) => number > 1 && figures !== null);
  return (
    <section>
      <h2>{words.title}</h2>
      {job.film && (
        <p class="small num second">
          {words.length(
            take.chunks.length,
            job.film.frames,
            job.film.frames * job.film.rate.den / job.film.rate.num,
          )}
        </p>
      )}
      {take.chunks.length < 2
        ? <p class="small quiet">{words.one}</p>
        : known.length === 0
        ? <p class="small quiet">{words.notYet}</p>
        : (
          <>
            <dl class="facts num joins beneath">
              {known.flatMap((chunk) => [
                <dt key={chunk.number}>{words.between(chunk.number)}</dt>,
                <dd key={`${chunk.number}=`}>{joinLine(chunk)}</dd>,
              ])}
            </dl>
            <p class="tiny quiet beneath">{words.hint}</p>
          </>
        )}
      <Earlier job={job} />
      <p class="beneath">
        <a class="btn slim" href={`/api/jobs/${job.id}/prompt-file`} download>
          <Icon of={copy} />
          {words.writeBack}
        </a>
      </p>
    </section>
  );
}

/** Films that another take of a piece, or an earlier end, has replaced. */
function Earlier({ job }: { job: ShownJobDetail }) {
  const films = job.outputs.slice(1);
  if (films.length === 0) return null;
  return (
    <>
      {films.map(({ id, url }, at) => (
        <p key={id} class="small beneath">
          <a href={url}>{words.earlier(films.length - at)}</a>
        </p>
      ))}
    </>
  );
}

interface UnderProps {
  job: ShownJobDetail;
  doing: Doing;
}

/** Under the strip: what was made from older takes, and an earlier end. */
export function UnderStrip({ job, doing }: UnderProps) {
  return (
    <>
      <Stale job={job} doing={doing} />
      <TailCut job={job} doing={doing} />
    </>
  );
}

/** Parts that were kept although what they were made from was taken again. */
function Stale({ job, doing }: UnderProps) {
  const parts = partsOf(job).filter(({ used }) => used?.stale);
  const [first] = parts;
  const isAsked = job.retakes.length > 0 || job.approvals.length > 0 || job.parts.states.includes("now");
  if (job.take === null || !first || isAsked || !possibleWith(job).retake) return null;
  const numbers = parts.map(({ number }) => number).join(", ");
  const seed = first.newest.asked?.seed ?? "";
  return (
    <div class="note now choice">
      <Icon of={retake} />
      <p>{words.stale(numbers, parts.length === 1)}</p>
      <Act
        {...{ doing }}
        name="retake"
        words={words.rerun(parts.length === 1)}
        values={{ step: first.step, seed, follow: "rerun" }}
      />
    </div>
  );
}

interface WaysProps {
  job: ShownJobDetail;
  look: Look;
  onLook(look: Look): void;
}

/** The film as it is, or as its pieces came. */
export function BeforeAfter({ job, look, onLook }: WaysProps) {
  const ways = [
    { to: null, href: "", says: words.after },
    { to: "before", href: "?look=before", says: words.before },
  ] as const;
  return (
    <nav class="seg return" aria-label={words.view}>
      {ways.map(({ to, href, says }) => (
        <a
          key={says}
          href={`/jobs/${job.id}${href}`}
          aria-current={look === to ? "true" : "false"}
          onClick={(event) => {
            event.preventDefault();
            onLook(to);
          }}
        >
          {says}
        </a>
      ))}
    </nav>
  );
}
