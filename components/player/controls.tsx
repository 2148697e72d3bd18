/** The bar of the player: where in the film, by the frame, and how it plays. */
import { player as words } from "@/core/words/player.ts";
import { Icon } from "../icon.tsx";
import { expand, frameBack, frameForward, loop, mute, pause, play, sound } from "../icons.ts";
import { tenths } from "./reel.ts";
import { Track } from "./track.tsx";
import type { Transport } from "./transport.ts";

export interface ControlsProps {
  transport: Transport;
  marks: readonly number[];
  full(): void;
}

export function Controls({ transport, marks, full }: ControlsProps) {
  const { isPlaying, isLooping, isMuted, speed, at, total, frame } = transport;
  return (
    <div class="ctl">
      <Track transport={transport} marks={marks} />
      <div class="k num">
        <Knob
          says={isPlaying.value ? words.pause : words.play}
          icon={isPlaying.value ? pause : play}
          act={() => transport.toggle()}
        />
        <span class="time">{tenths(at.value)} / {tenths(total.value)}</span>
        <span class="second frame">{words.frame(frame.value)}</span>
        <span class="r">
          <Knob says={words.back} icon={frameBack} act={() => transport.step(-1)} />
          <Knob says={words.forward} icon={frameForward} act={() => transport.step(1)} />
          <button
            type="button"
            class="speed"
            aria-label={words.speed(words.times(speed.value))}
            onClick={() => transport.setSpeed()}
          >
            {words.times(speed.value)}
          </button>
          <Knob says={words.loop} icon={loop} isOn={isLooping.value} act={() => transport.loop()} />
          <Knob
            says={isMuted.value ? words.unmute : words.mute}
            icon={isMuted.value ? mute : sound}
            act={() => transport.mute()}
          />
          <Knob says={words.full} icon={expand} act={full} />
        </span>
      </div>
    </div>
  );
}

interface KnobProps {
  says: string;
  icon: string;
  isOn?: boolean;
  act(): void;
}

/** A button of the player: an icon, its words for those who hear them, and whether it is on. */
export function Knob({ says, icon, isOn, act }: KnobProps) {
  return (
    <button
      type="button"
      class={isOn ? "knob on" : "knob"}
      aria-label={says}
      title={says}
      aria-pressed={isOn}
      onClick={act}
    >
      <Icon of={icon} />
    </button>
  );
}
