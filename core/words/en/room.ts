/** English: what lies in storage, and for how long there is room. */
import { PACE_DAYS, type StoredKind } from "../../room.ts";
import { bytes, count } from "./format.ts";

export const room = {
  about: "What the studio keeps, the same content once. How long each kind stays is said in the runbook.",
  kind: "What",
  files: "Files",
  size: "Size",
  all: "All",
  kinds: {
    brought: "Brought by people",
    films: "Finished films",
    pieces: "What films are made from",
    trash: "In the trash",
  } satisfies Record<StoredKind, string>,
  free: "Free",
  bucket: "In a bucket, without an end",
  unknown: "The system does not say",
  came: `Came within ${PACE_DAYS} days, with what has gone since`,
  stop: "Nothing new starts below",
  left: "Room for",
  days: (days: number | null) =>
    days === null
      ? "No end in sight"
      : days === 0
      ? "Less than a day"
      : days > 3650
      ? "More than ten years"
      : `${count(days, "day")} at this pace`,
  low: (free: number, least: number) =>
    `There are ${bytes(free)} free and ${
      bytes(least)
    } are needed: nothing new starts until there is more room.`,
};
