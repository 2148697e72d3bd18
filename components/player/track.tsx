/** The line under the film: how far it has played, where its parts begin, and a knob to drag. */
import { player as words } from "@/core/words/player.ts";
import { frameAt, tenths, timeOfFrame } from "./reel.ts";
import type { Transport } from "./transport.ts";

const WIDTH = 1000;

export interface TrackProps {
  /** A player, or two that are locked together. */
  transport: Pick<Transport, "at" | "total" | "frame" | "rate"> & { seek(to: number): void };
  marks: readonly number[];
}

export function Track({ transport, marks }: TrackProps) {
  const { at, total, frame, rate } = transport;
  const all = total.value || 1;
  const last = Math.max(0, frameAt(total.value, rate) - 1);
  const x = (seconds: number) => Math.round(WIDTH * Math.min(1, seconds / all));
  return (
    <div class="track">
      <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="all" y="3" width={WIDTH} height="4" />
        <rect class="gone" y="3" width={x(at.value)} height="4" />
        {marks.filter((mark) => mark > 0 && mark < all).map((mark) => (
          <rect key={mark} class="mark" x={x(mark)} y="1" width="2.5" height="8" />
        ))}
      </svg>
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={Math.min(frame.value, last)}
        aria-label={words.position}
        aria-valuetext={words.at(tenths(at.value), frame.value)}
        onInput={(event) => transport.seek(timeOfFrame(Number(event.currentTarget.value), rate))}
      />
    </div>
  );
}
