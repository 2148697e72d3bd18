/** Clips played one after the other as one film: where each begins, which frame is shown. Pure. */

export interface Clip {
  url: string;
  /** Null until the browser has read it. */
  seconds: number | null;
}

export interface Rate {
  num: number;
  den: number;
}

/** Frames are counted from 0. A hair is added, since browsers' times are rounded down. */
export function frameAt(seconds: number, { num, den }: Rate): number {
  return Math.max(0, Math.floor(seconds * num / den + 0.01));
}

/** The middle of a frame: wherever a browser rounds to, that frame is shown. */
export function timeOfFrame(frame: number, { num, den }: Rate): number {
  return (frame + 0.5) * den / num;
}

export function totalOf(clips: readonly Clip[]): number {
  return clips.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
}

/** Where each clip begins, in seconds. */
export function startsOf(clips: readonly Clip[]): number[] {
  let sum = 0;
  return clips.map(({ seconds }) => {
    const start = sum;
    sum += seconds ?? 0;
    return start;
  });
}

/** The clip that plays at this time of the film, and the time within it. */
export function placeAt(clips: readonly Clip[], at: number): { index: number; within: number } {
  const starts = startsOf(clips);
  const index = Math.max(0, starts.findLastIndex((start) => start <= at));
  return { index, within: Math.max(0, at - (starts[index] ?? 0)) };
}

/** The clips up to the first whose length is not known: what can be played now. A single clip always can. */
export function playable(clips: readonly Clip[]): Clip[] {
  if (clips.length === 1) return [...clips];
  const end = clips.findIndex(({ seconds }) => seconds === null);
  return clips.slice(0, end === -1 ? undefined : Math.max(end, 1));
}

/** `0:03.6`: editors count tenths. */
export function tenths(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds * 10 + 0.05));
  const [minutes, rest] = [Math.floor(all / 600), all % 600];
  return `${minutes}:${String(Math.floor(rest / 10)).padStart(2, "0")}.${rest % 10}`;
}

export const SPEEDS = [0.25, 0.5, 1, 1.5, 2];

export function nextSpeed(speed: number): number {
  return SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
}
