/** The stage: what stands in the picture's place, in the shape of the film from the first moment. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ShownJobDetail } from "@/core/shown.ts";
import { Icon } from "../icon.tsx";
import { alert, play, retry, stop } from "../icons.ts";
import { nameOf } from "../films/view.ts";
import { Picture } from "../films/picture.tsx";
import { Player } from "../player/player.tsx";
import { Transport } from "../player/transport.ts";
import { Act, type Doing } from "./act.tsx";
import { Choice } from "./choice.tsx";
import type { Face, Look } from "./face.ts";
import { possibleWith, wordsOf } from "./view.ts";

export interface StageProps {
  job: ShownJobDetail;
  face: Face;
  look: Look;
  doing: Doing;
  /** Deleted for good while the page was open. */
  isGone: boolean;
  onLook(look: Look): void;
  /** The film as it is or as its pieces came, where both are there. */
  ways: ComponentChildren;
  /** Hands out the player's transport, so that the parts can move it. */
  onTransport(transport: Transport): void;
}

export function Stage(props: StageProps) {
  const { job, face, look, onLook } = props;
  const words = wordsOf(job);
  const shape = job.film ?? job.size.rendered ?? { width: 16, height: 9 };
  const film = useRef<Transport>(null);
  const isCorrected = isWhole(look) && job.status === "completed" && Boolean(job.take?.beforeUrl);
  return (
    <div class={face.kind === "failed" ? "stage bad" : "stage"}>
      <svg class="shape" viewBox={`0 0 ${shape.width} ${shape.height}`} aria-hidden="true" />
      {face.kind === "clips"
        ? <Clips key={face.clips[0]?.url} {...props} face={face} film={film} />
        : face.kind === "still"
        ? <Still face={face} />
        : <End {...props} />}
      <Over {...props} />
      <span class="tags">
        {job.draft && <span class="tag draft" title={words.draftHint}>{words.draft}</span>}
        {"tag" in face && face.tag !== null && <span class="tag num">{face.tag}</span>}
      </span>
      {isCorrected ? props.ways : look !== null && (
        <a
          class="btn slim return"
          href={`/jobs/${job.id}`}
          onClick={(event) => {
            event.preventDefault();
            onLook(null);
          }}
        >
          {words.backToFilm}
        </a>
      )}
    </div>
  );
}

/** What has to be known or decided before anything else; it lies over the picture, so that nothing moves. */
function Over({ job, doing, isGone }: StageProps) {
  const isAsked = job.retakes.length > 0 || job.approvals.length > 0;
  if (!isGone && job.trashedAt === null && !isAsked) return null;
  const words = wordsOf(job);
  return (
    <div class="over">
      {isGone && <p class="note bad">{words.gone}</p>}
      {job.trashedAt !== null && <p class="note">{words.trashed}</p>}
      <Choice job={job} doing={doing} />
    </div>
  );
}

/** The film and not a take of one part. */
function isWhole(look: Look): boolean {
  return look === null || typeof look === "string";
}

interface ClipsProps extends StageProps {
  face: Extract<Face, { kind: "clips" }>;
  /** The player of the whole film, whatever it is made of by now: the next one goes on where it is. */
  film: { current: Transport | null };
}

function Clips({ job, face, look, film, onTransport }: ClipsProps) {
  const transport = useMemo(() => {
    const made = new Transport(job.film?.rate ?? { num: 24, den: 1 });
    made.load(face.clips);
    if (isWhole(look)) {
      const before = film.current;
      if (before && before.at.peek() > 0) made.seek(before.at.peek(), before.isPlaying.peek());
      film.current = made;
    }
    onTransport(made);
    return made;
  }, []);
  const loops = job.loop !== null;
  useEffect(() => {
    if (loops) transport.isLooping.value = true;
  }, [loops]);
  const { clips, poster, marks } = face;
  return <Player {...{ transport, clips, poster, marks }} name={nameOf(job)} />;
}

function Still({ face }: { face: Extract<Face, { kind: "still" }> }) {
  return (
    <div class={face.isDim ? "still dim" : "still"}>
      {face.picture !== null && <Picture src={face.picture} eager />}
      {face.text !== "" && <p key={face.text}>{face.text}</p>}
    </div>
  );
}

/** The job ended without a film: what happened, what was kept, what to do. */
function End({ job, doing, onLook }: StageProps) {
  const { done, total } = job.parts;
  const words = wordsOf(job);
  const isFailed = job.status === "failed";
  const canWatch = job.steps.some(({ phase, state }) => phase === "render" && state === "done");
  return (
    <div class="end">
      <Icon of={isFailed ? alert : stop} />
      <h2>{isFailed ? job.problem?.message : words.cancelledText}</h2>
      <p class="second">{words.kept(done, total)}</p>
      {isFailed && (
        <p class="second">
          {job.lighter ? words.lighter(job.lighter.title) : words.whatToDo[job.problem?.retry ?? "ask"]}
        </p>
      )}
      <div class="row">
        {job.lighter && (
          <Act
            {...{ doing }}
            name="retry"
            words={words.do.retryWith(job.lighter.title)}
            icon={retry}
            look="go"
            values={{ preset: job.lighter.name }}
          />
        )}
        {possibleWith(job).retry && (
          <Act
            {...{ doing }}
            name="retry"
            words={isFailed ? words.do.retry : words.do.resume}
            icon={isFailed ? retry : play}
            look={job.lighter ? undefined : "go"}
          />
        )}
        {canWatch && (
          <a
            class="btn"
            href={`/jobs/${job.id}?look=kept`}
            onClick={(event) => {
              event.preventDefault();
              onLook("kept");
            }}
          >
            <Icon of={play} />
            {words.watchKept}
          </a>
        )}
      </div>
    </div>
  );
}
