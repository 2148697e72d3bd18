/** A take as a strip of film before it is made: its pieces with their times, their lengths and their own words. */
import type { ForeseenPiece } from "@/core/planners/long_take_parts.ts";
import { takePage as words } from "@/core/words/take_page.ts";

/** A strip is to be understood at a glance; the rest is told by its number. */
const SHOWN_MAX = 60;

interface StripProps {
  name: string;
  pieces: readonly ForeseenPiece[];
  rate: number;
  /** Of the picture that the take begins with. */
  picture: string | null;
}

export function PlanStrip({ name, pieces, rate, picture }: StripProps) {
  const shown = pieces.slice(0, SHOWN_MAX);
  return (
    <ol class="cuts plain num" aria-label={words.strip(name)} tabIndex={0}>
      {shown.map((piece) => (
        <Piece key={piece.number} {...{ piece, rate }} picture={piece.number === 1 ? picture : null} />
      ))}
      {pieces.length > shown.length && <li class="rest">{words.more(pieces.length - shown.length)}</li>}
    </ol>
  );
}

function Piece({ piece, rate, picture }: { piece: ForeseenPiece; rate: number; picture: string | null }) {
  const { number, start, frames, repeats, words: own, isAnchor } = piece;
  return (
    <li>
      {picture !== null && <img src={picture} alt="" />}
      <span class="top">
        <b>
          <span class="unseen">{words.piece(number)}</span>
          <span aria-hidden="true">{number}</span>
        </b>
        {number > 1 && isAnchor && <i>{words.newLook}</i>}
      </span>
      <q title={own ?? undefined}>{own}</q>
      <span>
        {words.between(start / rate, (start + frames) / rate)}
        <small>
          {words.length(frames)} {repeats > 0 && words.repeats(repeats)}
        </small>
      </span>
    </li>
  );
}
