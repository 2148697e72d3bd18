/** English: the player, and two takes side by side. */

export const player = {
  label: (name: string) => `Player: ${name}`,
  play: "Play",
  pause: "Pause",
  back: "One frame back",
  forward: "One frame forward",
  position: "Position",
  at: (time: string, frame: number) => `${time}, frame ${frame}`,
  frame: (frame: number) => `frame ${frame}`,
  speed: (speed: string) => `Speed ${speed}`,
  times: (speed: number) => `${speed}×`,
  loop: "Loop",
  mute: "Mute",
  unmute: "Sound on",
  full: "Full screen",
  keys:
    "Space plays, arrows move by a second, comma and full stop by a frame, L loops, F fills the screen, M mutes.",
  broken: "This film could not be played here. Download it, or reload the page.",
};

export const compare = {
  title: "Compare takes",
  how: "How to compare",
  wipe: "Wipe",
  side: "Side by side",
  wipeAt: "Where the wipe stands",
  first: "Left",
  second: "Right",
  show: "Compare",
  take: (n: number) => `Take ${n}`,
  ofPart: (part: string, take: number) => `${part}, take ${take}`,
  whole: "The whole film",
  from: "Loop from here",
  to: "Loop to here",
  clear: "Loop all",
  range: (from: string, to: string) => `Loops ${from} to ${to}`,
  back: "Back to the film",
  sound: (name: string) => `You hear ${name}`,
  none: "There is nothing to compare yet. Take a part again, and its takes stand here side by side.",
};
