/** The sums of long films: which frames each part sees, which it makes, and how many parts there are. */

/** One prompt's share of a film that follows a driving clip. Frames count from 0. */
export interface WindowPart {
  /** Counts from 1. */
  number: number;
  /** First frame of the driving clip that this part sees. */
  start: number;
  /** Frames of the driving clip that it sees, lead-in included; fewer than it renders at the clip's end. */
  frames: number;
  /** Where the new frames begin within the window: also how many frames it takes over from the part before. */
  offset: number;
  /** New frames that it makes, of which the last part's surplus is cut away. */
  makes: number;
}

export interface PartRule {
  /** New frames of the first part. */
  first: number;
  /** New frames of every further part. */
  next: number;
  /** Frames that a further part takes over from the one before. */
  overlap: number;
}

/** How many prompts a film of so many frames takes. */
export function countParts(frames: number, { first, next }: PartRule): number {
  return frames <= first ? 1 : 1 + Math.ceil((frames - first) / next);
}

/**
 * Windows over the driving clip. With 77, 72 and 5 frames the windows start at 0, 72, 144, … and the parts together
 * make 77, 149, 221, … frames.
 */
export function windowParts(frames: number, rule: PartRule): WindowPart[] {
  return Array.from({ length: countParts(frames, rule) }, (_, index) => {
    const offset = index === 0 ? 0 : rule.overlap;
    const makes = index === 0 ? rule.first : rule.next;
    const start = index === 0 ? 0 : rule.first + rule.next * (index - 1) - rule.overlap;
    return { number: index + 1, start, frames: Math.min(offset + makes, frames - start), offset, makes };
  });
}

/** Frames of a film that lasts as long as a sound: the last frame may begin before the sound's end, never after it. */
export function framesOfSound(seconds: number, rate: number): number {
  // A thousandth of a frame forgives the rounding of container durations.
  return Math.max(1, Math.ceil(seconds * rate - 0.001));
}

export function numberOf(part: number): string {
  return String(part).padStart(3, "0");
}
