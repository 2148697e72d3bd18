/** The player: clips as one film, with exact frames. Without scripts it is the browser's own. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { player as words } from "@/core/words/player.ts";
import { Controls } from "./controls.tsx";
import { listenToKeys } from "./keys.ts";
import type { Clip } from "./reel.ts";
import type { Transport } from "./transport.ts";

export interface PlayerProps {
  transport: Transport;
  clips: Clip[];
  poster: string | null;
  /** Seconds at which the parts of the film begin. */
  marks: readonly number[];
  /** What is played. */
  name: string;
}

export function Player({ transport, clips, poster, marks, name }: PlayerProps) {
  const isLive = useSignal(false);
  const frame = useRef<HTMLDivElement>(null);
  const full = () => void fillScreen(frame.current);
  useEffect(() => transport.load(clips), [transport, clips]);
  useEffect(() => {
    isLive.value = true;
    return listenToKeys({
      toggle: () => transport.toggle(),
      seek: (by) => transport.seek(transport.at.peek() + by),
      step: (by) => transport.step(by),
      loop: () => transport.loop(),
      mute: () => transport.mute(),
      full,
    });
  }, [transport]);
  const index = transport.index.value;
  const ready = clips.slice(index, index + 2);
  return (
    <div
      ref={frame}
      class={transport.isPlaying.value ? "player playing" : "player"}
      role="region"
      aria-label={words.label(name)}
    >
      {ready.map(({ url }, at) => (
        <Show
          key={url}
          url={url}
          isSeen={at === 0}
          isLive={isLive.value}
          isOnly={clips.length === 1}
          {...{ poster, transport }}
        />
      ))}
      {transport.isBroken.value && <p class="broken">{words.broken}</p>}
      {isLive.value && <Controls transport={transport} marks={marks} full={full} />}
    </div>
  );
}

interface ShowProps {
  url: string;
  poster: string | null;
  transport: Transport;
  isSeen: boolean;
  isLive: boolean;
  isOnly: boolean;
}

function Show({ url, poster, transport, isSeen, isLive, isOnly }: ShowProps) {
  const screen = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!screen.current) return;
    // The length may have been read before this script came.
    if (screen.current.readyState > 0) transport.measured(url, screen.current.duration);
    return transport.attach(url, screen.current);
  }, [url, transport]);
  return (
    <video
      ref={screen}
      src={url}
      class={isSeen ? undefined : "unseen"}
      aria-hidden={!isSeen}
      tabIndex={isLive ? -1 : undefined}
      poster={poster ?? undefined}
      controls={!isLive}
      loop={isLive && isOnly && transport.isLooping.value}
      playsInline
      preload={isLive && isSeen ? "auto" : "metadata"}
      onClick={() => isLive && transport.toggle()}
      onLoadedMetadata={(event) => transport.measured(url, event.currentTarget.duration)}
      onTimeUpdate={(event) => transport.moved(url, event.currentTarget.currentTime)}
      onPlay={() => transport.changed(url, true)}
      onPause={() => transport.changed(url, false)}
      onEnded={() => transport.ended(url)}
      onError={() => isSeen && (transport.isBroken.value = true)}
    />
  );
}

async function fillScreen(frame: HTMLElement | null): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await frame?.requestFullscreen();
  } catch {
    // The browser does not allow it: the film stays where it is.
  }
}
