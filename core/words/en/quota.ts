/** English: what a person may use of the studio, what they use, and what it cost. */
import { bytes, count, span } from "./format.ts";

const minutes = (seconds: number) =>
  seconds > 0 && seconds < 60 ? "under 1 min" : `${Math.round(seconds / 60)} min`;

export const quota = {
  money: (amount: number, currency: string) => `${amount.toFixed(2)} ${currency}`,
  queued: (limit: number, used: number) =>
    `You may have ${
      count(limit, "film")
    } waiting or under way, and have ${used}. There is room as soon as one of them ends.`,
  minutes: (limit: number, usedS: number, freesInS: number | null) =>
    `You have used ${minutes(usedS)} of rendering within 24 hours, and may use ${limit} min. ` +
    (freesInS === null ? "An operator can give you more." : `There is more in about ${span(freesInS)}.`),
  disk: (limit: number, used: number) =>
    `Your files take ${bytes(used)}, and may take ${
      bytes(limit)
    }. Delete films or files that you do not need, for good, to make room.`,
  own: {
    title: "What you use",
    queued: "Films waiting or under way",
    running: "Films on render servers",
    gpu: "Rendering in 24 hours",
    disk: "Files",
    money: "Cost in 30 days",
    of: (used: string, limit: string | null) => limit === null ? used : `${used} of ${limit}`,
    minutes,
  },
  spend: {
    title: "Use and cost",
    none: "Nobody rendered anything within 30 days.",
    person: "Person",
    day: "24 hours",
    month: "30 days",
    disk: "Files",
    all: "All together",
    left: "Somebody who left",
  },
};
