/** The bar under two films: play, frames, how they are compared, which range is looped, which one is heard. */
import type { Signal } from "@preact/signals";
import { compare as words, player } from "@/core/words/player.ts";
import { frameBack, frameForward, mute, pause, play, sound } from "../icons.ts";
import { Knob } from "../player/controls.tsx";
import { tenths } from "../player/reel.ts";
import { Track } from "../player/track.tsx";
import type { Ear, Pair } from "./pair.ts";

export interface BenchProps {
  pair: Pair;
  /** What the two are called. */
  a: string;
  b: string;
  isSide: Signal<boolean>;
}

export function Bench({ pair, a, b, isSide }: BenchProps) {
  const { at, total, frame, isPlaying, range, speed } = pair;
  const marks = range.value === null ? [] : [range.value.from, range.value.to];
  return (
    <div class="bench needs-script">
      <Track transport={pair} marks={marks} />
      <div class="k num">
        <Knob
          says={isPlaying.value ? player.pause : player.play}
          icon={isPlaying.value ? pause : play}
          act={() => pair.toggle()}
        />
        <Knob says={player.back} icon={frameBack} act={() => pair.step(-1)} />
        <Knob says={player.forward} icon={frameForward} act={() => pair.step(1)} />
        <span class="time">{tenths(at.value)} / {tenths(total.value)}</span>
        <span class="second frame">{player.frame(frame.value)}</span>
        <button
          type="button"
          class="speed"
          aria-label={player.speed(player.times(speed.value))}
          onClick={() => pair.setSpeed()}
        >
          {player.times(speed.value)}
        </button>
        <Sound pair={pair} names={{ a, b }} />
        <span class="r">
          <button type="button" class="btn slim" onClick={() => pair.markFrom()}>{words.from}</button>
          <button type="button" class="btn slim" onClick={() => pair.markTo()}>{words.to}</button>
          {range.value !== null && (
            <button
              type="button"
              class="btn slim"
              title={words.range(tenths(range.value.from), tenths(range.value.to))}
              onClick={() => pair.clearRange()}
            >
              {words.clear}
            </button>
          )}
        </span>
        <span class="seg" role="group" aria-label={words.how}>
          <button type="button" aria-pressed={!isSide.value} onClick={() => void (isSide.value = false)}>
            {words.wipe}
          </button>
          <button type="button" aria-pressed={isSide.value} onClick={() => void (isSide.value = true)}>
            {words.side}
          </button>
        </span>
      </div>
    </div>
  );
}

const NEXT: Record<"a" | "b" | "none", Ear> = { a: "b", b: null, none: "a" };

/** One press goes on to the other film, the next one to silence. */
function Sound({ pair, names }: { pair: Pair; names: { a: string; b: string } }) {
  const heard = pair.heard.value;
  return (
    <Knob
      says={heard === null ? player.unmute : words.sound(names[heard])}
      icon={heard === null ? mute : sound}
      act={() => pair.hear(NEXT[heard ?? "none"])}
    />
  );
}
