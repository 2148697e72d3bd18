/** What the doctor finds of one thing that the studio needs. */

/** `bad` is needed and broken; `note` is worth knowing. */
export interface Finding {
  part: string;
  state: "ok" | "note" | "bad";
  text: string;
  /** What to do about it. */
  remedy?: string;
}
