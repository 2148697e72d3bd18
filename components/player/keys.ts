/** The keys of a player: the whole page listens, except where somebody types or a button has the focus. */

export interface Keys {
  toggle(): void;
  /** Seconds, forwards or back. */
  seek(by: number): void;
  /** Frames, forwards or back. */
  step(by: number): void;
  loop(): void;
  mute(): void;
  full?(): void;
}

/** What a key does. Null for keys that mean nothing here. */
export function meaningOf(key: string, keys: Keys): (() => void) | null {
  switch (key) {
    case " ":
    case "k":
      return () => keys.toggle();
    case "ArrowLeft":
      return () => keys.seek(-1);
    case "ArrowRight":
      return () => keys.seek(1);
    case ",":
      return () => keys.step(-1);
    case ".":
      return () => keys.step(1);
    case "l":
      return () => keys.loop();
    case "m":
      return () => keys.mute();
    case "f":
      return keys.full ? () => keys.full?.() : null;
    default:
      return null;
  }
}

const TYPING = "input:not([type=range]), textarea, select, [contenteditable], dialog";
const PRESSING = "button, a, summary, input[type=range]";

/** Listens until it is told to stop. */
export function listenToKeys(keys: Keys): () => void {
  const hear = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const on = event.target instanceof Element ? event.target : null;
    if (on?.closest(TYPING)) return;
    // Space presses what has the focus, and arrows move a slider.
    if (on?.closest(PRESSING) && (event.key === " " || event.key === "Enter")) return;
    if (on?.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
    const act = meaningOf(event.key, keys);
    if (act === null) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}
