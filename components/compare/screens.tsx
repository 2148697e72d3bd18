/** The two films: one over the other with a blade that wipes between them, or side by side. */
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { compare as words } from "@/core/words/player.ts";
import type { Pair } from "./pair.ts";

export interface Side {
  url: string;
  name: string;
}

export interface ScreensProps {
  pair: Pair;
  a: Side;
  b: Side;
  /** In the shape of the films. */
  width: number;
  height: number;
  isWipe: boolean;
  /** False until scripts run: then each film has the browser's own controls. */
  isLive: boolean;
  first: RefObject<HTMLVideoElement>;
  second: RefObject<HTMLVideoElement>;
}

export function Screens({ pair, a, b, width, height, isWipe, isLive, first, second }: ScreensProps) {
  const stage = useRef<HTMLDivElement>(null);
  const wipe = (percent: string) => stage.current?.style.setProperty("--wipe", `${percent}%`);
  const common = { playsInline: true, preload: "auto" as const, controls: !isLive };
  return (
    <div ref={stage} class={isWipe ? "stage pair-wipe" : "stage pair-side"}>
      <svg class="shape" viewBox={`0 0 ${isWipe ? width : width * 2} ${height}`} aria-hidden="true" />
      <video
        {...common}
        ref={first}
        src={a.url}
        aria-label={a.name}
        onLoadedMetadata={(event) => pair.measured("a", event.currentTarget.duration)}
        onTimeUpdate={(event) => pair.moved(event.currentTarget.currentTime)}
        onEnded={() => pair.ended()}
      />
      <video
        {...common}
        ref={second}
        src={b.url}
        aria-label={b.name}
        onLoadedMetadata={(event) => pair.measured("b", event.currentTarget.duration)}
      />
      <span class="tag left">{a.name}</span>
      <span class="tag right">{b.name}</span>
      {isWipe && <i class="blade" aria-hidden="true"></i>}
      {isWipe && (
        <input
          type="range"
          class="wiper needs-script"
          min={0}
          max={100}
          step={0.5}
          defaultValue="50"
          aria-label={words.wipeAt}
          onInput={(event) => wipe(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
